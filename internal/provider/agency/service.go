package agency

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Grants gives and takes back the roles that go with positions; identity does.
type Grants interface {
	SetGrants(ctx context.Context, tx *pg.Tx, account uuid.UUID, source string, grants []identity.NewGrant) error
	Lend(ctx context.Context, tx *pg.Tx, owner, account uuid.UUID, source string, grants []identity.NewGrant) error
	MayGrant(ctx context.Context, tx *pg.Tx, role, agency string) error
}

// Deps is what agency needs.
type Deps struct {
	Grants Grants
}

// Service keeps agencies, offices, positions, who works where, and who stands in for whom.
type Service struct{ grants Grants }

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Grants == nil {
		panic("agency.New: Grants is missing")
	}
	return &Service{grants: d.Grants}
}

// authorise lets the system (seed, jobs) and whoever has the permission in the agency pass.
func authorise(tx *pg.Tx, by identity.Principal, permission, agency string) error {
	if tx.Actor.Kind == "system" {
		return nil
	}
	if d := by.Decide(permission, identity.Object{Kind: "agency", Agency: agency}, tx.Now); !d.Allowed {
		return by.Refused(d, ErrForbidden.With("permission", permission))
	}
	return nil
}

// Put opens an agency or changes it. With another Parent it moves, and what stands below it with it; nobody gains or loses a permission
// by that. Permission: agency:manage, in the whole state to move it. Errors: ErrForbidden, ErrInvalid, ErrUnknown, ErrBeneath,
// ErrParentClosed, ErrChildren.
func (s *Service) Put(ctx context.Context, tx *pg.Tx, by identity.Principal, a Agency) (err error) {
	defer fault.Wrap(&err, "agency.Put(%s)", a.Code)
	if err := authorise(tx, by, Manage, a.Code); err != nil {
		return err
	}
	if fields := check(a.Code, a.Name); fields != nil {
		return ErrInvalid.WithFields(fields...)
	}
	all, err := lockAgencies(ctx, tx) // two at once could close a circle
	if err != nil {
		return err
	}
	if err := place(tx, by, a, all); err != nil {
		return err
	}
	if err := putAgency(ctx, tx, a); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "agency.put", Object: "agency.agency", Detail: map[string]any{"agency": a.Code, "closed": a.Closed, "parent": a.Parent},
	})
}

// place refuses a place in the tree that an agency cannot have, or that the caller may not give it.
func place(tx *pg.Tx, by identity.Principal, a Agency, all []Agency) error {
	above, known := map[string]string{}, map[string]Agency{}
	for _, o := range all {
		above[o.Code], known[o.Code] = o.Parent, o
		if a.Closed && o.Parent == a.Code && !o.Closed {
			return ErrChildren.WithFields(fault.Field{Path: "closed", Code: ErrChildren.Code})
		}
	}
	if a.Parent != known[a.Code].Parent {
		if err := authorise(tx, by, Manage, ""); err != nil {
			return err
		}
	}
	parent, ok := known[a.Parent]
	above[a.Code] = a.Parent
	switch {
	case a.Parent == "":
		return nil
	case !ok:
		return ErrUnknown.With("agency", a.Parent)
	case circle(a.Code, above):
		return ErrBeneath.WithFields(fault.Field{Path: "parent", Code: ErrBeneath.Code})
	case parent.Closed && !a.Closed:
		return ErrParentClosed.WithFields(fault.Field{Path: "parent", Code: ErrParentClosed.Code})
	}
	return nil
}

// PutOffice opens an office of an agency or changes it. Permission: agency:manage. Errors: ErrForbidden, ErrInvalid, ErrUnknown.
func (s *Service) PutOffice(ctx context.Context, tx *pg.Tx, by identity.Principal, o Office) (err error) {
	defer fault.Wrap(&err, "agency.PutOffice(%s/%s)", o.Agency, o.Code)
	if err := authorise(tx, by, Manage, o.Agency); err != nil {
		return err
	}
	if fields := check(o.Code, o.Name); fields != nil {
		return ErrInvalid.WithFields(fields...)
	}
	if err := putOffice(ctx, tx, o); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "agency.office.put", Object: "agency.office", Detail: map[string]any{"agency": o.Agency, "office": o.Code, "closed": o.Closed}})
}

// Assign says that an account works in an agency and office from now on; a second time it changes office and title.
// It grants nothing. Permission: agency:manage. Errors: ErrForbidden, ErrUnknown, ErrUnknownOffice, ErrClosed.
func (s *Service) Assign(ctx context.Context, tx *pg.Tx, by identity.Principal, w Staff) (err error) {
	defer fault.Wrap(&err, "agency.Assign(%s, %s)", w.Account, w.Agency)
	if err := authorise(tx, by, Manage, w.Agency); err != nil {
		return err
	}
	a, err := agencyRow(ctx, tx, w.Agency)
	if err != nil {
		return err
	}
	if a.Closed {
		return ErrClosed
	}
	if err := putStaff(ctx, tx, w); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "agency.staff.assign", Object: "agency.staff", ObjectID: w.Account, Detail: map[string]any{"agency": w.Agency, "office": w.Office}})
}

// Dismiss ends that an account works in an agency, vacates the positions that it holds there, and ends that it stands in; roles that were given by hand are
// revoked in identity. Permission: agency:manage. Errors: ErrForbidden, ErrNotStaff, and those of Vacate.
func (s *Service) Dismiss(ctx context.Context, tx *pg.Tx, by identity.Principal, account uuid.UUID, agency string) (err error) {
	defer fault.Wrap(&err, "agency.Dismiss(%s, %s)", account, agency)
	if err := authorise(tx, by, Manage, agency); err != nil {
		return err
	}
	if err := deleteStaff(ctx, tx, account, agency); err != nil {
		return err
	}
	held, err := heldRows(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Agency != agency {
			continue
		}
		if err := s.vacate(ctx, tx, h); err != nil {
			return err
		}
	}
	if err := s.leave(ctx, tx, agency, account); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "agency.staff.dismiss", Object: "agency.staff", ObjectID: account, Detail: map[string]any{"agency": agency}})
}

// Agency returns an agency by its code; agencies are public. Errors: ErrUnknown.
func (s *Service) Agency(ctx context.Context, tx *pg.Tx, code string) (a Agency, err error) {
	defer fault.Wrap(&err, "agency.Agency(%s)", code)
	return agencyRow(ctx, tx, code)
}

// Name returns an agency's name. Errors: ErrUnknown.
func (s *Service) Name(ctx context.Context, tx *pg.Tx, code string) (name i18n.Text, err error) {
	a, err := s.Agency(ctx, tx, code)
	return a.Name, err
}

// Agencies returns all agencies by code, closed ones too.
func (s *Service) Agencies(ctx context.Context, tx *pg.Tx) (list []Agency, err error) {
	defer fault.Wrap(&err, "agency.Agencies")
	return agencyRows(ctx, tx)
}

// Offices returns the offices of an agency by code, closed ones too; offices are public.
func (s *Service) Offices(ctx context.Context, tx *pg.Tx, agency string) (list []Office, err error) {
	defer fault.Wrap(&err, "agency.Offices(%s)", agency)
	return officeRows(ctx, tx, agency)
}

// Place is where an open agency is to be found: the area that it is responsible for ("" for the whole state) or, with Counter, that
// of an open office.
type Place struct {
	Agency, Boundary string
	Counter          bool
}

// Places returns where the open agencies are, by agency; it is public.
func (s *Service) Places(ctx context.Context, tx *pg.Tx) (list []Place, err error) {
	defer fault.Wrap(&err, "agency.Places")
	return placeRows(ctx, tx)
}

// StaffOf returns who works in an agency, by account. Permission: agency:read. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) StaffOf(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, req page.Request) (p page.Page[Staff], err error) {
	defer fault.Wrap(&err, "agency.StaffOf(%s)", agency)
	if err := authorise(tx, by, Read, agency); err != nil {
		return p, err
	}
	after := uuid.Nil
	if req.After != "" {
		parts, err := page.Decode(req.After, 1)
		if err != nil {
			return p, err
		}
		if after, err = uuid.Parse(parts[0]); err != nil {
			return p, page.ErrCursor.Because(err)
		}
	}
	rows, err := staffRows(ctx, tx, agency, after, req.Limit()+1)
	if err != nil {
		return p, err
	}
	return page.Of(req, rows, func(w Staff) []string { return []string{w.Account.String()} }), nil
}

// Posts returns where an account works; empty for somebody who is no staff.
func (s *Service) Posts(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []Staff, err error) {
	defer fault.Wrap(&err, "agency.Posts(%s)", account)
	return postRows(ctx, tx, account)
}
