package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// The kinds of machines: a key is shown at each call; an OAuth client changes its secret for tokens of ten minutes.
const (
	MachineKey    = "key"
	MachineClient = "client"
)

// Machine is another system that calls the API. All its times are the machine's clock.
type Machine struct {
	ID          uuid.UUID // also the client id
	Name        string
	Kind        string
	Permissions []string // its scope, sorted
	Agency      string   // "" for the whole tenant
	CreatedAt   time.Time
	CreatedBy   uuid.UUID
	ExpiresAt   time.Time
	RevokedAt   *time.Time
	UsedAt      *time.Time // to the minute
	Secrets     []Secret   // those that count, the newest first
}

// Working reports whether the machine may call at wall.
func (m Machine) Working(wall time.Time) bool { return m.RevokedAt == nil && wall.Before(m.ExpiresAt) }

// Secret is what is shown of a secret after it was made: how it begins.
type Secret struct {
	Prefix    string
	CreatedAt time.Time
	EndsAt    *time.Time // when it is replaced for good; nil for the present one
}

// The bounds of machines.
const (
	machineLife   = 365 * 24 * time.Hour
	OverlapMost   = 7 * 24 * time.Hour
	machineName   = 80
	secretBytes   = 32
	prefixLength  = 10
	secretSweep   = 30 * 24 * time.Hour
	machineNotice = 14 * 24 * time.Hour
	machineLast   = 24 * time.Hour
)

// The beginnings of what machines show, so that a secret which turns up somewhere is known for what it is.
const (
	keyMark    = "dgk_"
	secretMark = "dgs_"
	tokenMark  = "dgt_"
)

// handsOnly are permissions for people alone: what a machine does is done by nobody who could be asked.
var handsOnly = []string{
	permissionManage, permissionMachines, permissionBreakGlass, "workflow:release", "orchestration:reveal", "tenancy:create",
}

// Grantable reports whether a machine can be given a permission.
func Grantable(permission string) bool { return !slices.Contains(handsOnly, permission) }

// NewMachine lets another system call.
type NewMachine struct {
	Name        string // what the system is called
	Kind        string
	Permissions []string
	Agency      string
	ExpiresAt   time.Time // machine's clock, within a year
}

// AddMachine lets another system call, and returns its secret: it is shown this once. Permission: identity:machines in the agency, or in
// the whole tenant for a machine of the whole tenant; and each of the permissions there, so that nobody gives what they have not.
// Errors: ErrForbidden, ErrMachine with the fields at fault.
func (s *Service) AddMachine(ctx context.Context, tx *pg.Tx, in NewMachine) (machine uuid.UUID, secret string, err error) {
	defer fault.Wrap(&err, "identity.AddMachine(%s)", in.Kind)
	actor, err := actorOf(ctx, tx)
	if err != nil {
		return uuid.Nil, "", err
	}
	if err := mayGiveMachine(actor, tx, in.Agency, permissionMachines); err != nil {
		return uuid.Nil, "", err
	}
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	slices.Sort(in.Permissions)
	in.Permissions = slices.Compact(in.Permissions)
	if err := in.check(tx.Wall); err != nil {
		return uuid.Nil, "", err
	}
	for _, p := range in.Permissions {
		if err := mayGiveMachine(actor, tx, in.Agency, p); err != nil {
			return uuid.Nil, "", err
		}
	}
	machine = id.New()
	err = queries.InsertMachine(ctx, tx, identitydb.InsertMachineParams{
		ID: machine, Name: in.Name, Kind: in.Kind, Permissions: in.Permissions, Agency: in.Agency, CreatedAt: tx.Wall, CreatedBy: optional(tx.Actor.ID),
		ExpiresAt: in.ExpiresAt,
	})
	if err != nil {
		return uuid.Nil, "", err
	}
	if secret, err = addSecret(ctx, tx, machine, in.Kind); err != nil {
		return uuid.Nil, "", err
	}
	if err := watchMachine(ctx, tx, machine, in.ExpiresAt); err != nil {
		return uuid.Nil, "", err
	}
	return machine, secret, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.machine.add", Object: "identity.machine", ObjectID: machine,
		Detail: map[string]any{"kind": in.Kind, "permissions": in.Permissions, "agency": in.Agency, "expires": in.ExpiresAt},
	})
}

func mayGiveMachine(actor Principal, tx *pg.Tx, agency, permission string) error {
	if actor.Kind == "system" {
		return nil
	}
	if d := actor.Decide(permission, Object{Agency: agency, Located: true}, tx.Now); !d.Allowed {
		return actor.Refused(d, forbidden(permission))
	}
	return nil
}

func (in NewMachine) check(wall time.Time) error {
	var wrong []fault.Field
	refuse := func(path string, args map[string]any) {
		wrong = append(wrong, fault.Field{Path: path, Code: "identity.machine_" + path, Args: args})
	}
	if in.Name == "" || len([]rune(in.Name)) > machineName {
		refuse("name", map[string]any{"max": machineName})
	}
	if in.Kind != MachineKey && in.Kind != MachineClient {
		refuse("kind", nil)
	}
	if len(in.Permissions) == 0 || slices.ContainsFunc(in.Permissions, func(p string) bool { return !permissionShape.MatchString(p) || !Grantable(p) }) ||
		in.Agency != "" && !grantableInAgency(in.Permissions) {
		refuse("permissions", nil)
	}
	if !lasts(in.ExpiresAt, wall) {
		refuse("expires", nil)
	}
	if wrong != nil {
		return ErrMachine.WithFields(wrong...)
	}
	return nil
}

// lasts reports whether an end is to come and within a year, a day's grace for zones included.
func lasts(end, wall time.Time) bool {
	return end.After(wall) && !end.After(wall.Add(machineLife+24*time.Hour))
}

// addSecret makes a secret of 256 random bits and keeps its digest and its beginning.
func addSecret(ctx context.Context, tx *pg.Tx, machine uuid.UUID, kind string) (string, error) {
	mark := keyMark
	if kind == MachineClient {
		mark = secretMark
	}
	secret := mark + id.Token(secretBytes)
	return secret, queries.InsertSecret(ctx, tx, identitydb.InsertSecretParams{
		ID: id.New(), MachineID: machine, Prefix: secret[:prefixLength], SecretHash: digest(secret), CreatedAt: tx.Wall,
	})
}

// RotateMachine gives a machine a new secret, shown this once; the old one counts on for the overlap, up to a week, so that nothing
// stands still. A new end within a year is set, unless it is zero. Permission: as for adding it.
// Errors: ErrForbidden, ErrNotFound, ErrMachine, ErrMachineRevoked.
func (s *Service) RotateMachine(ctx context.Context, tx *pg.Tx, machine uuid.UUID, overlap time.Duration, expires time.Time) (secret string, err error) {
	defer fault.Wrap(&err, "identity.RotateMachine(%s)", machine)
	row, err := lockMachine(ctx, tx, machine)
	if err != nil {
		return "", err
	}
	if row.RevokedAt != nil {
		return "", ErrMachineRevoked
	}
	var wrong []fault.Field
	if overlap < 0 || overlap > OverlapMost {
		wrong = append(wrong, fault.Field{Path: "overlap", Code: "identity.machine_overlap", Args: map[string]any{"max": int(OverlapMost.Hours() / 24)}})
	}
	if !expires.IsZero() && !lasts(expires, tx.Wall) {
		wrong = append(wrong, fault.Field{Path: "expires", Code: "identity.machine_expires"})
	}
	if wrong != nil {
		return "", ErrMachine.WithFields(wrong...)
	}
	ends := tx.Wall.Add(overlap)
	if err := queries.EndSecrets(ctx, tx, identitydb.EndSecretsParams{MachineID: machine, EndsAt: &ends}); err != nil {
		return "", err
	}
	if secret, err = addSecret(ctx, tx, machine, row.Kind); err != nil {
		return "", err
	}
	if !expires.IsZero() {
		if err := queries.SetMachineExpiry(ctx, tx, identitydb.SetMachineExpiryParams{ID: machine, ExpiresAt: expires}); err != nil {
			return "", err
		}
		if err := watchMachine(ctx, tx, machine, expires); err != nil {
			return "", err
		}
	}
	return secret, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.machine.rotate", Object: "identity.machine", ObjectID: machine, Detail: map[string]any{"overlap_hours": int(overlap.Hours())},
	})
}

// RevokeMachine takes a machine's access away, from the next call on, and its tokens with it. It cannot be given back. Permission: as
// for adding it. Errors: ErrForbidden, ErrNotFound.
func (s *Service) RevokeMachine(ctx context.Context, tx *pg.Tx, machine uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.RevokeMachine(%s)", machine)
	row, err := lockMachine(ctx, tx, machine)
	if err != nil || row.RevokedAt != nil {
		return err
	}
	if err := queries.RevokeMachine(ctx, tx, identitydb.RevokeMachineParams{ID: machine, RevokedAt: &tx.Wall}); err != nil {
		return err
	}
	if err := queries.DeleteTokens(ctx, tx, machine); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.machine.revoke", Object: "identity.machine", ObjectID: machine})
}

// lockMachine locks a machine that the actor may change. Errors: ErrForbidden, ErrNotFound.
func lockMachine(ctx context.Context, tx *pg.Tx, machine uuid.UUID) (identitydb.LockMachineRow, error) {
	actor, err := actorOf(ctx, tx)
	if err != nil {
		return identitydb.LockMachineRow{}, err
	}
	row, err := queries.LockMachine(ctx, tx, machine)
	if pg.NotFound(err) {
		if actor.Kind == "system" || actor.MayAt(permissionMachines, tx.Now) {
			return row, ErrNotFound
		}
		return row, forbidden(permissionMachines)
	}
	if err != nil {
		return row, err
	}
	return row, mayGiveMachine(actor, tx, row.Agency, permissionMachines)
}

// MachineFilter narrows the machines; what is "" does not narrow.
type MachineFilter struct {
	Query   string // a part of the name
	Working bool   // neither revoked nor expired
}

// Machines lists other systems that may call, or might, the latest first. Permission: identity:machines; who has it in some agencies
// only sees theirs. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Machines(ctx context.Context, tx *pg.Tx, f MachineFilter, r page.Request) (_ page.Page[Machine], err error) {
	defer fault.Wrap(&err, "identity.Machines")
	reader, err := actorOf(ctx, tx)
	if err != nil {
		return page.Page[Machine]{}, err
	}
	if !reader.MayAt(permissionMachines, tx.Now) {
		return page.Page[Machine]{}, forbidden(permissionMachines)
	}
	after, err := r.AfterID()
	if err != nil {
		return page.Page[Machine]{}, err
	}
	list, err := machines(ctx, tx, identitydb.ListMachinesParams{
		Working: f.Working, Now: tx.Wall, Within: reader.within(permissionMachines), Query: strings.TrimSpace(f.Query), After: optional(after), Size: int32(r.Limit() + 1),
	})
	return page.Of(r, list, func(m Machine) []string { return []string{m.ID.String()} }), err
}

// Machine returns one other system. Permission: identity:machines in its agency. Errors: ErrForbidden, ErrNotFound.
func (s *Service) Machine(ctx context.Context, tx *pg.Tx, machine uuid.UUID) (_ Machine, err error) {
	defer fault.Wrap(&err, "identity.Machine(%s)", machine)
	reader, err := actorOf(ctx, tx)
	if err != nil {
		return Machine{}, err
	}
	if !reader.MayAt(permissionMachines, tx.Now) {
		return Machine{}, forbidden(permissionMachines)
	}
	list, err := machines(ctx, tx, identitydb.ListMachinesParams{ID: &machine, Now: tx.Wall, Within: reader.within(permissionMachines), Size: 1})
	if err != nil {
		return Machine{}, err
	}
	if len(list) == 0 {
		return Machine{}, ErrNotFound
	}
	return list[0], nil
}

func machines(ctx context.Context, tx *pg.Tx, in identitydb.ListMachinesParams) ([]Machine, error) {
	rows, err := queries.ListMachines(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	list, at, ids := make([]Machine, 0, len(rows)), map[uuid.UUID]int{}, make([]uuid.UUID, 0, len(rows))
	for i, row := range rows {
		ids, at[row.ID] = append(ids, row.ID), i
		list = append(list, Machine{
			ID: row.ID, Name: row.Name, Kind: row.Kind, Permissions: row.Permissions, Agency: row.Agency, CreatedAt: row.CreatedAt,
			CreatedBy: given(row.CreatedBy), ExpiresAt: row.ExpiresAt, RevokedAt: row.RevokedAt, UsedAt: row.UsedAt,
		})
	}
	secrets, err := queries.ListSecrets(ctx, tx, identitydb.ListSecretsParams{Machines: ids, Now: tx.Wall})
	for _, x := range secrets {
		m := &list[at[x.MachineID]]
		m.Secrets = append(m.Secrets, Secret{Prefix: x.Prefix, CreatedAt: x.CreatedAt, EndsAt: x.EndsAt})
	}
	return list, err
}

// WarnMachineArgs are the arguments of the job identity.warn_machine, which tells whoever is in charge that a machine's access ends.
type WarnMachineArgs struct {
	job.Tenant
	Machine uuid.UUID `json:"machine"`
	Until   time.Time `json:"until"` // machine's clock
}

// Kind names the job.
func (WarnMachineArgs) Kind() string { return "identity.warn_machine" }

// watchMachine has those in charge warned two weeks before the end, and the day before.
func watchMachine(ctx context.Context, tx *pg.Tx, machine uuid.UUID, expires time.Time) error {
	ahead := tx.Now.Sub(tx.Wall) // timers go by the tenant's clock
	for name, before := range map[string]time.Duration{"first": machineNotice, "last": machineLast} {
		due, key := expires.Add(ahead-before), "identity.warn_machine:"+machine.String()+":"+name
		if !due.After(tx.Now) {
			if err := tx.CancelTimer(ctx, key); err != nil {
				return err
			}
			continue
		}
		if err := tx.At(ctx, due, key, WarnMachineArgs{Machine: machine, Until: expires}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) warnMachine(ctx context.Context, tx *pg.Tx, in WarnMachineArgs) (err error) {
	defer fault.Wrap(&err, "identity.warnMachine(%s)", in.Machine)
	list, err := machines(ctx, tx, identitydb.ListMachinesParams{ID: &in.Machine, Now: tx.Wall, Size: 1})
	if err != nil || len(list) == 0 || list[0].RevokedAt != nil || !list[0].ExpiresAt.Equal(in.Until.Truncate(time.Microsecond)) {
		return err
	}
	return s.alertHolders(ctx, tx, list[0].Agency, []string{permissionMachines}, uuid.Nil, Alert{
		Kind: AlertMachineEnds, Args: map[string]any{"name": list[0].Name, "until": in.Until},
		Once: "identity.machine:" + in.Machine.String() + ":" + tx.Now.Format(time.DateOnly),
	})
}
