package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Entry is one act to be recorded. Nothing in it may be personal: neither Reason nor Detail takes a name, a contact or
// an answer.
type Entry struct {
	Action   string         // what was done: "payment.demand.raise"
	Object   string         // to what sort of thing: "payment.demand"
	ObjectID uuid.UUID      // to which one
	Person   uuid.UUID      // whose data it is about
	Reason   string         // code of the ground given for it
	Detail   map[string]any // ids, codes and numbers
}

// record is an entry with all that the transaction knows of it: what the leaf hash covers.
type record struct {
	tenant, id         uuid.UUID
	at, recordedAt     time.Time
	actor              uuid.UUID
	actorKind          string
	onBehalf, session  uuid.UUID
	ip, request        string
	action, object     string
	objectID, personID uuid.UUID
	reason, detail     string
}

// leaf is SHA-256 over a byte that sets leaves apart from links and the content as a JSON list, in this order for ever.
func (r record) leaf() []byte {
	var content bytes.Buffer
	content.WriteByte(0)
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	stamp := func(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) }
	_ = encoder.Encode([]string{ // strings always encode
		r.tenant.String(), r.id.String(), stamp(r.at), stamp(r.recordedAt), r.actor.String(), r.actorKind, r.onBehalf.String(),
		r.session.String(), r.ip, r.request, r.action, r.object, r.objectID.String(), r.personID.String(), r.reason, r.detail,
	})
	sum := sha256.Sum256(content.Bytes())
	return sum[:]
}

// Record writes an entry with this transaction; the actor, the session, the address and the request come from it.
func Record(ctx context.Context, tx *pg.Tx, e Entry) (err error) {
	defer fault.Wrap(&err, "audit.Record(%s, %s)", e.Action, e.ObjectID)
	if e.Action == "" || e.Object == "" {
		return fmt.Errorf("an entry names its action and its object: %+v", e)
	}
	detail := []byte("{}")
	if len(e.Detail) > 0 {
		if detail, err = json.Marshal(e.Detail); err != nil {
			return err
		}
	}
	kind := tx.Actor.Kind
	if kind == "" {
		kind = "anonymous"
	}
	return insert(ctx, tx, record{
		tenant: tx.Tenant, id: id.New(), at: tx.Now.Truncate(time.Microsecond), recordedAt: tx.Wall.Truncate(time.Microsecond),
		actor: tx.Actor.ID, actorKind: kind, onBehalf: tx.Actor.OnBehalf, session: tx.Actor.Session,
		ip: tx.Actor.IP, request: tx.Actor.RequestID, action: e.Action, object: e.Object,
		objectID: e.ObjectID, personID: e.Person, reason: e.Reason, detail: string(detail),
	})
}
