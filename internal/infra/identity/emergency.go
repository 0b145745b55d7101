package identity

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// The bounds of emergency access.
const (
	EmergencyMost = 4 * time.Hour
	reasonLeast   = 20 // characters: a sentence
	reasonMost    = 1000
)

// emergencySource begins the source of roles that were taken in an emergency.
const emergencySource = "emergency:"

// TakeRole is a role that somebody takes themselves in an emergency.
type TakeRole struct {
	Role   string
	Agency string        // code; "" for the whole tenant
	For    time.Duration // up to EmergencyMost
	Reason string        // in their own words; sealed, and shown to administrators and auditors
}

// Emergency is a role taken in an emergency, running or over.
type Emergency struct {
	ID           uuid.UUID
	Account      uuid.UUID
	Name         string
	Role         string
	Agency       string
	Reason       string
	Began, Until time.Time // tenant's clock
	Ended        *time.Time
}

// Running reports whether the role counts at now.
func (e Emergency) Running(now time.Time) bool { return e.Ended == nil && now.Before(e.Until) }

// TakeInEmergency gives the actor a role at once, for a few hours, without asking anybody ("break-glass"). All who administer or
// audit are told at once, and it ends by itself. Permission: identity:break-glass in the agency as a whole; roles with a say beyond
// an agency only for who has it in the whole tenant, roles with a say beyond the tenant for nobody.
// Errors: ErrForbidden, ErrNoRole, ErrEmergency with the fields at fault, ErrEmergencyRuns.
func (s *Service) TakeInEmergency(ctx context.Context, tx *pg.Tx, in TakeRole) (emergency uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.TakeInEmergency(%s, %s)", in.Role, in.Agency)
	actor, err := actorOf(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	d := actor.Decide(permissionBreakGlass, Object{Agency: in.Agency, Located: true}, tx.Now)
	if actor.Kind != KindStaff || !d.Allowed {
		return uuid.Nil, actor.Refused(d, forbidden(permissionBreakGlass))
	}
	if in.Reason = strings.TrimSpace(in.Reason); in.check() != nil {
		return uuid.Nil, in.check()
	}
	role, err := queries.GetRole(ctx, tx, in.Role)
	if pg.NotFound(err) {
		return uuid.Nil, ErrNoRole.With("role", in.Role)
	}
	if err != nil {
		return uuid.Nil, err
	}
	if reachesBeyond(role.Permissions) || in.Agency != "" && !grantableInAgency(role.Permissions) {
		return uuid.Nil, forbidden(permissionBreakGlass)
	}
	if _, err := queries.LockAccount(ctx, tx, tx.Actor.ID); err != nil {
		return uuid.Nil, err
	}
	open, err := s.emergencies(ctx, tx, identitydb.ListEmergenciesParams{Account: &tx.Actor.ID, Open: true, Now: tx.Now, Size: 1})
	if err != nil {
		return uuid.Nil, err
	}
	if len(open) > 0 {
		return uuid.Nil, ErrEmergencyRuns
	}
	return s.beginEmergency(ctx, tx, in, role.Name)
}

func (in TakeRole) check() error {
	var wrong []fault.Field
	if n := utf8.RuneCountInString(in.Reason); n < reasonLeast || n > reasonMost {
		wrong = append(wrong, fault.Field{Path: "reason", Code: "identity.emergency_reason", Args: map[string]any{"min": reasonLeast, "max": reasonMost}})
	}
	if in.For <= 0 || in.For > EmergencyMost {
		wrong = append(wrong, fault.Field{Path: "hours", Code: "identity.emergency_hours", Args: map[string]any{"max": int(EmergencyMost.Hours())}})
	}
	if wrong != nil {
		return ErrEmergency.WithFields(wrong...)
	}
	return nil
}

func (s *Service) beginEmergency(ctx context.Context, tx *pg.Tx, in TakeRole, role json.RawMessage) (uuid.UUID, error) {
	emergency, until := id.New(), tx.Now.Add(in.For).Truncate(time.Microsecond)
	reason, err := s.encryption.SealString(ctx, tx, tx.Actor.ID, reasonPlace(emergency), in.Reason)
	if err != nil {
		return uuid.Nil, err
	}
	err = queries.InsertEmergency(ctx, tx, identitydb.InsertEmergencyParams{
		ID: emergency, AccountID: tx.Actor.ID, Role: in.Role, Agency: in.Agency, Reason: reason, BeganAt: tx.Now, Until: until,
	})
	if err != nil {
		return uuid.Nil, err
	}
	_, err = queries.InsertGrant(ctx, tx, identitydb.InsertGrantParams{
		ID: id.New(), AccountID: tx.Actor.ID, Role: in.Role, Agency: in.Agency, Source: emergencySource + emergency.String(),
		ValidUntil: &until, GrantedAt: tx.Now, GrantedBy: &tx.Actor.ID,
	})
	if err != nil {
		return uuid.Nil, err
	}
	if err := tx.At(ctx, until, emergencySource+emergency.String(), EndEmergencyArgs{Emergency: emergency}); err != nil {
		return uuid.Nil, err
	}
	name, err := s.Name(ctx, tx, tx.Actor.ID)
	if err != nil {
		return uuid.Nil, err
	}
	called := i18n.Text{}
	if err := json.Unmarshal(role, &called); err != nil {
		return uuid.Nil, err
	}
	err = s.alertHolders(ctx, tx, in.Agency, []string{permissionManage, "audit:read"}, tx.Actor.ID, Alert{
		Kind: AlertEmergency, Args: map[string]any{"name": name, "role": called, "agency": in.Agency, "until": until}, Once: emergencySource + emergency.String(),
	})
	if err != nil {
		return uuid.Nil, err
	}
	return emergency, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.emergency.begin", Object: "identity.emergency", ObjectID: emergency, Person: tx.Actor.ID,
		Detail: map[string]any{"role": in.Role, "agency": in.Agency, "until": until},
	})
}

// EndEmergency ends a role that was taken in an emergency, at once; one that is over already is fine. Permission: who took it, or
// identity:manage in its agency. Errors: ErrForbidden, ErrNotFound.
func (s *Service) EndEmergency(ctx context.Context, tx *pg.Tx, emergency uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.EndEmergency(%s)", emergency)
	row, err := queries.LockEmergency(ctx, tx, emergency)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if tx.Actor.ID != row.AccountID {
		r, err := require(ctx, tx, permissionManage)
		if err != nil {
			return err
		}
		if !r.covers(row.Agency) {
			return forbidden(permissionManage)
		}
	}
	if row.EndedAt != nil {
		return nil
	}
	at := tx.Now
	if row.Until.Before(at) {
		at = row.Until
	}
	if err := queries.EndEmergency(ctx, tx, identitydb.EndEmergencyParams{ID: emergency, EndedAt: &at}); err != nil {
		return err
	}
	source := emergencySource + emergency.String()
	if _, err := queries.DeleteSourceGrants(ctx, tx, identitydb.DeleteSourceGrantsParams{AccountID: row.AccountID, Source: source}); err != nil {
		return err
	}
	if err := tx.CancelTimer(ctx, source); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.emergency.end", Object: "identity.emergency", ObjectID: emergency, Person: row.AccountID,
		Detail: map[string]any{"role": row.Role, "agency": row.Agency},
	})
}

// EndEmergencyArgs are the arguments of the job identity.end_emergency, which closes a role taken in an emergency when its hours are
// over. It has not counted since then: this is for the record.
type EndEmergencyArgs struct {
	job.Tenant
	Emergency uuid.UUID `json:"emergency"`
}

// Kind names the job.
func (EndEmergencyArgs) Kind() string { return "identity.end_emergency" }

// Emergencies lists the roles that were taken in an emergency, the latest first; open narrows to those that run. Permission:
// identity:read; who has it in some agencies only sees those taken there. Who looks is on record, which needs a transaction that writes.
// Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Emergencies(ctx context.Context, tx *pg.Tx, open bool, r page.Request) (_ page.Page[Emergency], err error) {
	defer fault.Wrap(&err, "identity.Emergencies")
	reader, err := actorOf(ctx, tx)
	if err != nil {
		return page.Page[Emergency]{}, err
	}
	if !reader.MayAt(permissionRead, tx.Now) {
		return page.Page[Emergency]{}, forbidden(permissionRead)
	}
	after, err := r.AfterID()
	if err != nil {
		return page.Page[Emergency]{}, err
	}
	rows, err := s.emergencies(ctx, tx, identitydb.ListEmergenciesParams{
		Open: open, Now: tx.Now, Within: reader.within(permissionRead), After: optional(after), Size: int32(r.Limit() + 1),
	})
	if err != nil {
		return page.Page[Emergency]{}, err
	}
	p := page.Of(r, rows, func(e Emergency) []string { return []string{e.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, e := range p.Rows {
		ids = append(ids, e.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "identity.emergency.list", Object: "identity.emergency"}, ids...)
	return p, nil
}

// Emergency returns one role that was taken in an emergency. Permission: who took it, or identity:read in its agency; who looks at
// another's is on record, which needs a transaction that writes. Errors: ErrForbidden, ErrNotFound.
func (s *Service) Emergency(ctx context.Context, tx *pg.Tx, emergency uuid.UUID) (_ Emergency, err error) {
	defer fault.Wrap(&err, "identity.Emergency(%s)", emergency)
	rows, err := s.emergencies(ctx, tx, identitydb.ListEmergenciesParams{ID: &emergency, Now: tx.Now, Size: 1})
	if err != nil {
		return Emergency{}, err
	}
	reader, err := actorOf(ctx, tx)
	if err != nil {
		return Emergency{}, err
	}
	if len(rows) == 1 && rows[0].Account == tx.Actor.ID {
		return rows[0], nil
	}
	if len(rows) == 1 && reader.reach(permissionRead, tx.Now).covers(rows[0].Agency) {
		return rows[0], audit.Read(ctx, tx, audit.Entry{
			Action: "identity.emergency.read", Object: "identity.emergency", ObjectID: emergency, Person: rows[0].Account,
		})
	}
	if len(rows) == 0 && reader.MayAt(permissionRead, tx.Now) {
		return Emergency{}, ErrNotFound
	}
	return Emergency{}, forbidden(permissionRead)
}

// InEmergency returns the emergency access under which the principal works at the moment, uuid.Nil for none, and when it ends.
func (p Principal) InEmergency() (emergency uuid.UUID, until time.Time) {
	for _, g := range p.Grants {
		if name, ok := strings.CutPrefix(g.Source, emergencySource); ok && g.Until != nil {
			if emergency, err := uuid.Parse(name); err == nil {
				return emergency, *g.Until
			}
		}
	}
	return uuid.Nil, time.Time{}
}

func (s *Service) emergencies(ctx context.Context, tx *pg.Tx, in identitydb.ListEmergenciesParams) ([]Emergency, error) {
	rows, err := queries.ListEmergencies(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	list := make([]Emergency, 0, len(rows))
	for _, row := range rows {
		e := Emergency{
			ID: row.ID, Account: row.AccountID, Role: row.Role, Agency: row.Agency, Began: row.BeganAt, Until: row.Until, Ended: row.EndedAt,
		}
		if e.Name, err = s.openName(ctx, tx, e.Account, row.Name); err != nil {
			return nil, err
		}
		if e.Reason, err = s.openKept(ctx, tx, e.Account, reasonPlace(e.ID), row.Reason); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}
