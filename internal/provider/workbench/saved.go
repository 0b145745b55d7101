package workbench

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workbench/internal/workbenchdb"
	"digit/internal/provider/workflow"
)

// The bounds of saved lists.
const (
	longestName   = 60  // characters
	longestFilter = 500 // bytes
	mostPinned    = 12
	mostSaved     = 100 // of one officer
)

// savedFields are what of a list's address is saved; names of people never are in it.
var savedFields = []string{"queue", "service", "state", "area", "due", "with", "sort", "q"}

// Saved is a list that an officer has saved. Agency says that all who work there have it, "" that the owner alone does. Filter is as it stands
// in the list's address. Count is what it shows, -1 where that is not known; only pinned ones are counted.
type Saved struct {
	ID     uuid.UUID
	Owner  uuid.UUID
	Agency string
	Name   string
	Filter string
	Pinned bool
	Count  int
}

// Mine reports whether somebody may take a saved list away: their own, and those of an agency whose work they supervise.
func (v Saved) Mine(by identity.Principal) bool {
	return v.Owner == by.Account || v.Agency != "" && by.MayIn(workflow.Release, v.Agency)
}

// Values are the fields of the list's address.
func (v Saved) Values() url.Values {
	q, _ := url.ParseQuery(v.Filter) // Save wrote it
	return q
}

// SaveList asks to keep a list: for the officer alone, or for all who work in an agency of theirs.
type SaveList struct {
	By     identity.Principal
	Name   string
	Agency string
	Filter url.Values
}

// Save keeps a list under a name, and pins it where there is room. Permission: workbench:use, in the agency that it is for. Errors: ErrForbidden, ErrSaved,
// ErrTooManySaved.
func (s *Service) Save(ctx context.Context, tx *pg.Tx, in SaveList) (saved uuid.UUID, err error) {
	defer fault.Wrap(&err, "workbench.Save")
	if err := authorise(tx, in.By); err != nil {
		return saved, err
	}
	if in.Agency != "" && !in.By.MayIn(Use, in.Agency) {
		return saved, ErrForbidden.With("permission", Use)
	}
	name, filter := strings.TrimSpace(in.Name), savedFilter(in.Filter)
	if n := utf8.RuneCountInString(name); n == 0 || n > longestName || len(filter) > longestFilter {
		return saved, ErrSaved.WithFields(fault.Field{Path: "name", Code: ErrSaved.Code, Args: map[string]any{"max": longestName}})
	}
	have, err := db.ListSaved(ctx, tx, workbenchdb.ListSavedParams{Me: in.By.Account, Agencies: agenciesOf(in.By)})
	if err != nil {
		return saved, err
	}
	own, pinned := 0, 0
	for _, h := range have {
		if h.OwnerID == in.By.Account {
			own++
		}
		if h.Pinned {
			pinned++
		}
	}
	if own >= mostSaved {
		return saved, ErrTooManySaved.With("max", mostSaved)
	}
	saved = id.New()
	if err := db.InsertSaved(ctx, tx, workbenchdb.InsertSavedParams{
		ID: saved, OwnerID: in.By.Account, Agency: in.Agency, Name: name, Filter: filter, SavedAt: tx.Now,
	}); err != nil {
		return saved, err
	}
	if pinned < mostPinned {
		if err := db.InsertPin(ctx, tx, workbenchdb.InsertPinParams{AccountID: in.By.Account, SavedID: saved}); err != nil {
			return saved, err
		}
	}
	return saved, audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.save", Object: "workbench.saved", ObjectID: saved, Detail: map[string]any{"agency": in.Agency},
	})
}

// savedFilter writes the fields of an address that make a list, in one order.
func savedFilter(q url.Values) string {
	kept := url.Values{}
	for _, name := range savedFields {
		if v := strings.TrimSpace(q.Get(name)); v != "" {
			kept.Set(name, v)
		}
	}
	return kept.Encode()
}

// agenciesOf is where somebody works, for queries.
func agenciesOf(by identity.Principal) []string {
	agencies := []string{}
	for _, a := range by.Agencies() {
		if a != "" && by.MayIn(Use, a) {
			agencies = append(agencies, a)
		}
	}
	return agencies
}

// Lists returns what an officer and their colleagues have saved, the pinned ones with what they show. Permission: workbench:use.
// Errors: ErrForbidden.
func (s *Service) Lists(ctx context.Context, tx *pg.Tx, by identity.Principal) (list []Saved, err error) {
	defer fault.Wrap(&err, "workbench.Lists")
	if err := authorise(tx, by); err != nil {
		return nil, err
	}
	rows, err := db.ListSaved(ctx, tx, workbenchdb.ListSavedParams{Me: by.Account, Agencies: agenciesOf(by)})
	if err != nil {
		return nil, err
	}
	var filters []Filter
	var at []int
	for n, r := range rows {
		v := Saved{ID: r.ID, Owner: r.OwnerID, Agency: r.Agency, Name: r.Name, Filter: r.Filter, Pinned: r.Pinned, Count: -1}
		if f := FilterOf(v.Values()); v.Pinned && len(filters) < mostPinned && f.valid() {
			filters, at = append(filters, f), append(at, n)
		}
		list = append(list, v)
	}
	if len(filters) == 0 {
		return list, nil
	}
	counts, err := s.CountLists(ctx, tx, by, filters)
	for n, c := range counts {
		list[at[n]].Count = c
	}
	return list, err
}

// Pin puts a saved list beside the queues, or (off) takes it away from there; for the officer alone. Permission: workbench:use, and the list
// is theirs or of an agency where they work. Errors: ErrForbidden, ErrNoList, ErrPinned.
func (s *Service) Pin(ctx context.Context, tx *pg.Tx, by identity.Principal, saved uuid.UUID, on bool) (err error) {
	defer fault.Wrap(&err, "workbench.Pin(%s)", saved)
	if err := authorise(tx, by); err != nil {
		return err
	}
	rows, err := db.ListSaved(ctx, tx, workbenchdb.ListSavedParams{Me: by.Account, Agencies: agenciesOf(by)})
	if err != nil {
		return err
	}
	pinned := 0
	for _, r := range rows {
		if r.Pinned {
			pinned++
		}
	}
	switch known := slices.ContainsFunc(rows, func(r workbenchdb.ListSavedRow) bool { return r.ID == saved }); {
	case !known:
		return ErrNoList
	case !on:
		err = db.DeletePin(ctx, tx, workbenchdb.DeletePinParams{AccountID: by.Account, SavedID: saved})
	case pinned >= mostPinned:
		return ErrPinned.With("max", mostPinned)
	default:
		err = db.InsertPin(ctx, tx, workbenchdb.InsertPinParams{AccountID: by.Account, SavedID: saved})
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "workbench.pin", Object: "workbench.saved", ObjectID: saved, Detail: map[string]any{"on": on}})
}

// Discard takes a saved list away for all who have it. Permission: workbench:use, and to have saved it, or workflow:release in its agency.
// Errors: ErrForbidden, ErrNoList.
func (s *Service) Discard(ctx context.Context, tx *pg.Tx, by identity.Principal, saved uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workbench.Discard(%s)", saved)
	if err := authorise(tx, by); err != nil {
		return err
	}
	r, err := db.LockSaved(ctx, tx, saved)
	if pg.NotFound(err) || err == nil && !(Saved{Owner: r.OwnerID, Agency: r.Agency}).Mine(by) {
		return ErrNoList
	}
	if err != nil {
		return err
	}
	if err := db.DeleteSaved(ctx, tx, saved); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.discard", Object: "workbench.saved", ObjectID: saved, Detail: map[string]any{"agency": r.Agency},
	})
}
