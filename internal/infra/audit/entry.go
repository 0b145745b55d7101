package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// The kinds of entry.
const (
	KindChange = "change" // something was done
	KindRead   = "read"   // personal data was looked at
)

// What data is looked at and changed for, where the surface tells.
const (
	PurposeOwn            = "own"            // people and their own affairs
	PurposeCasework       = "casework"       // work on a case
	PurposeAdministration = "administration" // accounts, roles, agencies, services
	PurposeOversight      = "oversight"      // looking at the record itself, figures
	PurposeAccounting     = "accounting"     // bills and payments
	PurposeVerification   = "verification"   // checking what somebody showed
	PurposeExchange       = "exchange"       // other systems
)

// Entry is one act or look to be recorded. Nothing in it may be personal: neither Reason nor Detail takes a name, a
// contact or an answer.
type Entry struct {
	Action   string         // what was done: "payment.demand.raise"
	Object   string         // to what sort of thing: "payment.demand"
	ObjectID uuid.UUID      // to which one
	Person   uuid.UUID      // whose data it is about
	Reason   string         // code of the ground given for it
	Purpose  string         // why, as a code; the transaction's (pg.Actor.Purpose) where empty
	Detail   map[string]any // ids, codes and numbers
	Nameless bool           // of who acts nothing is kept, as strangers who verify something are promised
}

// Record writes an entry with this transaction; the actor, the session, the address and the request come from it.
func Record(ctx context.Context, tx *pg.Tx, e Entry) (err error) {
	defer fault.Wrap(&err, "audit.Record(%s, %s)", e.Action, e.ObjectID)
	return write(ctx, tx, e, KindChange)
}

// Read records that somebody's data was looked at; the look needs a transaction that writes. People who look at their
// own leave no entry, nor does the system, whose jobs carry out what is on record already.
func Read(ctx context.Context, tx *pg.Tx, e Entry) (err error) {
	defer fault.Wrap(&err, "audit.Read(%s, %s)", e.Action, e.ObjectID)
	if !concerns(tx.Actor, e.Person) {
		return nil
	}
	return write(ctx, tx, e, KindRead)
}

// concerns says whether a look by the actor at a person's data is one at somebody else's.
func concerns(a pg.Actor, person uuid.UUID) bool {
	own := a.Kind == "person" && a.Owns(person) && a.OnBehalf == uuid.Nil
	return a.Kind != "system" && !own
}

// listing gathers what one transaction reads of a list, page after page.
type listing struct {
	entry Entry
	count int
	ids   hash.Hash
}

type listingKey struct{ action, object, person string }

// ReadList records that a list of people's data was looked at. However many of its pages a transaction reads, one entry
// tells of them when it commits: how many rows, and the SHA-256 over their ids in order, by which it can be shown later
// whether somebody was among them.
func ReadList(ctx context.Context, tx *pg.Tx, e Entry, ids ...uuid.UUID) {
	if len(ids) == 0 || !concerns(tx.Actor, e.Person) {
		return
	}
	l := tx.Local(listingKey{e.Action, e.Object, e.Person.String()}, func() any {
		l := &listing{entry: e, ids: sha256.New()}
		tx.BeforeCommit(func(ctx context.Context) error { return l.write(ctx, tx) })
		return l
	}).(*listing)
	l.count += len(ids)
	for _, one := range ids {
		l.ids.Write(one[:])
	}
}

func (l *listing) write(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "audit.ReadList(%s)", l.entry.Action)
	detail := maps.Clone(l.entry.Detail)
	if detail == nil {
		detail = map[string]any{}
	}
	detail["count"], detail["ids"] = l.count, hex.EncodeToString(l.ids.Sum(nil))
	l.entry.Detail = detail
	return write(ctx, tx, l.entry, KindRead)
}

func write(ctx context.Context, tx *pg.Tx, e Entry, kind string) error {
	r, err := recordOf(tx, e, kind)
	if err != nil {
		return err
	}
	return insert(ctx, tx, r)
}

func recordOf(tx *pg.Tx, e Entry, kind string) (r record, err error) {
	if e.Action == "" || e.Object == "" {
		return r, fmt.Errorf("an entry names its action and its object: %+v", e)
	}
	detail := []byte("{}")
	if len(e.Detail) > 0 {
		if detail, err = json.Marshal(e.Detail); err != nil {
			return r, err
		}
	}
	a := tx.Actor
	if a.Kind == "" {
		a.Kind = "anonymous"
	}
	if e.Purpose == "" {
		e.Purpose = a.Purpose
	}
	if e.Nameless {
		a = pg.Actor{Kind: "anonymous"}
	}
	return record{
		tenant: tx.Tenant, id: id.New(), at: tx.Now.Truncate(time.Microsecond), recordedAt: tx.Wall.Truncate(time.Microsecond), kind: kind,
		actor: a.ID, actorKind: a.Kind, onBehalf: a.OnBehalf, session: a.Session, network: network(a.IP), origin: blob(a.Origin),
		request: a.RequestID, action: e.Action, object: e.Object, objectID: e.ObjectID, subject: e.Person, reason: e.Reason, purpose: e.Purpose,
		detail: string(detail), salt: id.Random(saltSize),
	}, nil
}

// network cuts an address to what tells from where without telling who: 24 bits of IPv4, 48 of IPv6. "" for no address.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// blob is nil for nothing, so that the table has NULL there.
func blob(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}
