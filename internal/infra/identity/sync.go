package identity

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// The states of a comparison of the accounts with a directory.
const (
	SyncReading  = "reading"  // the directory is being read
	SyncApplying = "applying" // what was found is being done
	SyncHeld     = "held"     // would shut out so many that somebody must say so
	SyncDone     = "done"
	SyncFailed   = "failed"  // Problem says why; nothing was done
	SyncDropped  = "dropped" // was held and turned down, or a later one took its place
)

// What a comparison would do to an account.
const (
	ActSuspend = "suspend" // shut out there: sessions and grants are gone here
	ActRestore = "restore" // let in there again
	ActGrants  = "grants"  // other groups, other roles
	actNone    = "none"
)

// Why.
const (
	whyDisabled = "disabled" // the directory has shut them out
	whyGone     = "gone"     // the directory knows them no longer
	whyGroups   = "groups"
	whyEnabled  = "enabled"
)

// Sync is one comparison of the accounts with a directory.
type Sync struct {
	ID                                    uuid.UUID
	Directory                             string // code
	State                                 string // SyncReading, …
	DryRun                                bool   // shows what would be done and does nothing
	AskedBy                               uuid.UUID
	Started                               time.Time // machine's clock
	Finished                              time.Time // zero while it lasts
	Entries                               int       // staff in the directory
	Linked                                int       // of these, who has an account here
	Suspended, Restored, Changed, Applied int
	Problem                               string // of SyncFailed: address, tls, bind, search, away, empty
}

// SyncChange is what a comparison found to do to one account.
type SyncChange struct {
	Account uuid.UUID
	Name    string
	Act     string     // ActSuspend, ActRestore or ActGrants
	Why     string     // disabled, gone, enabled or groups
	Grants  []NewGrant // of ActRestore and ActGrants: what follows from the groups
	Done    bool
}

// present is how an account stands before a comparison.
type present struct {
	status, suspendedBy string
	emergency           bool
}

// compare decides what becomes of an account: found says whether the directory knows it, shut whether it shuts it out, same
// whether its grants are what follows from its groups.
func (s present) compare(source string, found, shut, same bool) (act, why string) {
	active := s.status == statusActive
	switch {
	case s.emergency:
		return actNone, ""
	case !found && active:
		return ActSuspend, whyGone
	case shut && active:
		return ActSuspend, whyDisabled
	case !found || shut:
		return actNone, ""
	case !active && s.suspendedBy == source:
		return ActRestore, whyEnabled
	case active && !same:
		return ActGrants, whyGroups
	}
	return actNone, ""
}

// The guard against a directory that is broken, or asked wrongly, and seems to know nobody any longer.
const (
	guardFew   = 5 // as many may go in any case
	guardShare = 5 // and one in five of those who are linked
)

// tooMany reports whether so many of the active accounts may not go without somebody saying so.
func tooMany(suspended, active int) bool {
	return suspended > guardFew && suspended*guardShare > active
}

// sameGrants reports whether what is held is what is wanted.
func sameGrants(have []Grant, want []NewGrant) bool {
	places := func(n int, at func(i int) place) []place {
		list := make([]place, 0, n)
		for i := range n {
			list = append(list, at(i))
		}
		slices.SortFunc(list, func(a, b place) int {
			return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.agency, b.agency), cmp.Compare(a.boundary, b.boundary))
		})
		return list
	}
	return slices.Equal(
		places(len(have), func(i int) place { return place{have[i].Role, have[i].Agency, have[i].Boundary} }),
		places(len(want), func(i int) place { return place{want[i].Role, want[i].Agency, want[i].Boundary} }),
	)
}
