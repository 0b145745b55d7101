package identity

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Who of the staff may sign in here, by what the platform itself checks, and not through a provider or directory.
const (
	DoorAllowed   = "allowed"   // everybody
	DoorEmergency = "emergency" // emergency accounts alone
)

// emergencyMost is how many emergency accounts a tenant has: few enough to keep an eye on each.
const emergencyMost = 5

// StaffDoor says who of the staff may sign in here: DoorAllowed or DoorEmergency. Anybody may ask.
func (s *Service) StaffDoor(ctx context.Context, tx *pg.Tx) (_ string, err error) {
	defer fault.Wrap(&err, "identity.StaffDoor")
	local, err := queries.GetStaffDoor(ctx, tx)
	if pg.NotFound(err) {
		return DoorAllowed, nil
	}
	return local, err
}

// PutStaffDoor decides who of the staff may sign in here. It is only shut where somebody can still come in: through a
// provider or directory that is there, and, when those are away, by an emergency account. Permission: identity:manage in
// the whole tenant. Errors: ErrForbidden, ErrDoor.
func (s *Service) PutStaffDoor(ctx context.Context, tx *pg.Tx, local string) (err error) {
	defer fault.Wrap(&err, "identity.PutStaffDoor(%s)", local)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	if local != DoorAllowed && local != DoorEmergency {
		return ErrDoor
	}
	if err := queries.PutStaffDoor(ctx, tx, identitydb.PutStaffDoorParams{Local: local, ChangedAt: tx.Now}); err != nil {
		return err
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.staff_door.put", Object: "identity.staff_door", Detail: map[string]any{"local": local}})
}

// keepDoorOpen refuses a state in which the door is shut and nobody else can let staff in. Errors: ErrDoor.
func (s *Service) keepDoorOpen(ctx context.Context, tx *pg.Tx) error {
	door, err := s.StaffDoor(ctx, tx)
	if err != nil || door == DoorAllowed {
		return err
	}
	accounts, err := queries.LockEmergencyAccounts(ctx, tx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(accounts, func(a identitydb.LockEmergencyAccountsRow) bool { return a.Status == statusActive }) {
		return ErrDoor
	}
	providers, err := s.Providers(ctx, tx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(providers, func(p Provider) bool { return p.serves(KindStaff) }) {
		return nil
	}
	directories, err := s.Directories(ctx, tx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(directories, func(d Directory) bool { return d.Enabled }) {
		return ErrDoor
	}
	return nil
}

// EmergencyAccounts lists the accounts that may sign in here when every other door is shut. Permission: identity:read in
// the whole tenant; who looks is on record, which needs a transaction that writes. Errors: ErrForbidden.
func (s *Service) EmergencyAccounts(ctx context.Context, tx *pg.Tx) (_ []AccountRow, err error) {
	defer fault.Wrap(&err, "identity.EmergencyAccounts")
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return nil, err
	}
	found, err := queries.ListEmergency(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, ids := make([]identitydb.ListAccountsRow, 0, len(found)), make([]uuid.UUID, 0, len(found))
	for _, a := range found {
		rows, ids = append(rows, identitydb.ListAccountsRow(a)), append(ids, a.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "identity.account.list", Object: "identity.account"}, ids...)
	return s.rows(ctx, tx, rows)
}

// SetEmergency marks a staff account as one for emergencies (break-glass), or no longer. Each sign-in by it is an event of
// its own in the audit record, and everybody who administers is told. Permission: identity:manage in the whole tenant.
// Errors: ErrForbidden, ErrNotFound, ErrNotStaff, ErrEmergencyMany, ErrDoor.
func (s *Service) SetEmergency(ctx context.Context, tx *pg.Tx, account uuid.UUID, yes bool) (err error) {
	defer fault.Wrap(&err, "identity.SetEmergency(%s, %t)", account, yes)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	owner, err := queries.LockAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if owner.Kind != KindStaff {
		return ErrNotStaff
	}
	have, err := queries.LockEmergencyAccounts(ctx, tx)
	if err != nil {
		return err
	}
	if yes && len(have) >= emergencyMost && !slices.ContainsFunc(have, func(a identitydb.LockEmergencyAccountsRow) bool { return a.ID == account }) {
		return ErrEmergencyMany.With("n", emergencyMost)
	}
	if _, err := queries.SetEmergency(ctx, tx, identitydb.SetEmergencyParams{ID: account, Emergency: yes}); err != nil {
		return err
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.account.emergency", Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"emergency": yes},
	})
}

// localAllowed reports whether a member of staff may sign in here.
func (s *Service) localAllowed(ctx context.Context, tx *pg.Tx, account uuid.UUID) (bool, error) {
	door, err := s.StaffDoor(ctx, tx)
	if err != nil || door == DoorAllowed {
		return err == nil, err
	}
	return queries.IsEmergency(ctx, tx, account)
}

// passDoor lets staff in who proved themselves here, or refuses where they are to come through a provider. An emergency
// account is let in and told of. Errors: ErrShut.
func (s *Service) passDoor(ctx context.Context, tx *pg.Tx, account, session uuid.UUID) error {
	door, err := s.StaffDoor(ctx, tx)
	if err != nil || door == DoorAllowed {
		return err
	}
	emergency, err := queries.IsEmergency(ctx, tx, account)
	if err != nil {
		return err
	}
	if !emergency {
		return ErrShut
	}
	name, err := s.Name(ctx, tx, account)
	if err != nil {
		return err
	}
	if err := s.alertHolders(ctx, tx, "", []string{permissionManage}, uuid.Nil, Alert{Kind: AlertEmergencyAccount, Args: map[string]any{"name": name}}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.session.begin_emergency", Object: "identity.session", ObjectID: session, Person: account,
	})
}
