package agency

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// PutPosition makes a position or changes it; whoever holds it, or is about to, has its roles as they are now from the next request on.
// Permission: agency:manage, and to give its roles there. Errors: ErrForbidden, ErrInvalid, ErrUnknown, ErrUnknownOffice,
// ErrUnknownPosition, ErrCircle, and those of identity.SetGrants.
func (s *Service) PutPosition(ctx context.Context, tx *pg.Tx, by identity.Principal, p Position) (err error) {
	defer fault.Wrap(&err, "agency.PutPosition(%s/%s)", p.Agency, p.Code)
	if err := authorise(tx, by, Manage, p.Agency); err != nil {
		return err
	}
	p.Roles = slices.Compact(slices.Sorted(slices.Values(p.Roles)))
	if fields := p.check(); fields != nil {
		return ErrInvalid.WithFields(fields...)
	}
	if _, err := lockAgency(ctx, tx, p.Agency); err != nil { // two at once could close a circle
		return err
	}
	all, err := positionRows(ctx, tx, p.Agency)
	if err != nil {
		return err
	}
	if p.ReportsTo != "" && !slices.ContainsFunc(all, func(o Position) bool { return o.Code == p.ReportsTo }) {
		return ErrUnknownPosition.With("position", p.ReportsTo)
	}
	above := map[string]string{}
	for _, o := range all {
		above[o.Code] = o.ReportsTo
	}
	if above[p.Code] = p.ReportsTo; circle(p.Code, above) {
		return ErrCircle.WithFields(fault.Field{Path: "reports_to", Code: ErrCircle.Code})
	}
	if err := putPosition(ctx, tx, p); err != nil {
		return err
	}
	held, err := openHoldings(ctx, tx, p.Agency, p.Code)
	if err != nil {
		return err
	}
	if len(held) == 0 { // nobody gets them now, but whoever is put there will
		if err := s.mayCarry(ctx, tx, p); err != nil {
			return err
		}
	}
	for _, h := range held {
		if err := s.grant(ctx, tx, p, h); err != nil {
			return err
		}
		if err := s.relend(ctx, tx, p.Agency, h.Account); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "agency.position.put", Object: "agency.position",
		Detail: map[string]any{"agency": p.Agency, "position": p.Code, "roles": p.Roles, "boundary": p.Boundary, "reports_to": p.ReportsTo, "closed": p.Closed},
	})
}

// mayCarry refuses roles that the actor could not give.
func (s *Service) mayCarry(ctx context.Context, tx *pg.Tx, p Position) error {
	for _, role := range p.Roles {
		if err := s.grants.MayGrant(ctx, tx, role, p.Agency); err != nil {
			return err
		}
	}
	return nil
}

// grant gives a holder the roles of the position for the time of the holding, in place of what it gave before.
func (s *Service) grant(ctx context.Context, tx *pg.Tx, p Position, h Holding) error {
	grants := make([]identity.NewGrant, 0, len(p.Roles))
	for _, role := range p.Roles {
		grants = append(grants, identity.NewGrant{Role: role, Agency: p.Agency, Boundary: p.Boundary, From: &h.From, Until: h.Until})
	}
	return s.grants.SetGrants(ctx, tx, h.Account, source(h.ID), grants)
}

// source is what the grants of a holding follow from.
func source(holding uuid.UUID) string { return "position:" + holding.String() }

// Hold puts an account into a position for a time.
type Hold struct {
	Agency, Position string
	Account          uuid.UUID
	From             time.Time  // tenant's clock; zero for at once
	Until            *time.Time // excluded; nil until it is vacated
}

// Hold puts an account into a position, which gives it the position's roles for that time; who did not work in the agency yet does from
// now on. Permission: agency:manage, and to give its roles there. Errors: ErrForbidden, ErrUnknownPosition, ErrClosed, ErrTime, ErrHeld,
// ErrFull, and those of identity.SetGrants.
func (s *Service) Hold(ctx context.Context, tx *pg.Tx, by identity.Principal, in Hold) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "agency.Hold(%s/%s, %s)", in.Agency, in.Position, in.Account)
	if err := authorise(tx, by, Manage, in.Agency); err != nil {
		return uuid.Nil, err
	}
	a, err := lockAgency(ctx, tx, in.Agency) // who takes the last seat is decided one after the other
	if err != nil {
		return uuid.Nil, err
	}
	p, err := positionRow(ctx, tx, in.Agency, in.Position)
	if err != nil {
		return uuid.Nil, err
	}
	h := Holding{ID: id.New(), Agency: in.Agency, Position: in.Position, Account: in.Account, From: in.From, Until: in.Until}
	if h.From.IsZero() {
		h.From = tx.Now
	}
	h.From = h.From.Truncate(time.Microsecond)
	others, err := openHoldings(ctx, tx, p.Agency, p.Code)
	if err != nil {
		return uuid.Nil, err
	}
	switch {
	case a.Closed || p.Closed:
		return uuid.Nil, ErrClosed
	case h.Until != nil && (!h.From.Before(*h.Until) || !tx.Now.Before(*h.Until)):
		return uuid.Nil, ErrTime.WithFields(fault.Field{Path: "until", Code: ErrTime.Code})
	case slices.ContainsFunc(others, func(o Holding) bool { return o.Account == h.Account && o.overlaps(h) }):
		return uuid.Nil, ErrHeld
	case full(p, h, others):
		return uuid.Nil, ErrFull.With("seats", p.Seats)
	}
	if err := insertHolding(ctx, tx, h); err != nil {
		return uuid.Nil, err
	}
	if err := s.grant(ctx, tx, p, h); err != nil {
		return uuid.Nil, err
	}
	if err := employ(ctx, tx, p, h.Account); err != nil {
		return uuid.Nil, err
	}
	if err := s.relend(ctx, tx, p.Agency, h.Account); err != nil {
		return uuid.Nil, err
	}
	return h.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "agency.position.hold", Object: "agency.holding", ObjectID: h.ID, Person: h.Account,
		Detail: map[string]any{"agency": h.Agency, "position": h.Position, "from": h.From, "until": h.Until},
	})
}

// employ says that whoever holds a position works in its agency, if nobody has said so before.
func employ(ctx context.Context, tx *pg.Tx, p Position, account uuid.UUID) error {
	posts, err := postRows(ctx, tx, account)
	if err != nil || slices.ContainsFunc(posts, func(w Staff) bool { return w.Agency == p.Agency }) {
		return err
	}
	return putStaff(ctx, tx, Staff{Account: account, Agency: p.Agency, Office: p.Office, Title: p.Title})
}

// Vacate ends a holding at once and takes its roles back; one that has not begun is as if it had never been. Permission: agency:manage,
// and to take its roles back. Errors: ErrForbidden, ErrUnknownHolding, and those of identity.SetGrants.
func (s *Service) Vacate(ctx context.Context, tx *pg.Tx, by identity.Principal, holding uuid.UUID) (err error) {
	defer fault.Wrap(&err, "agency.Vacate(%s)", holding)
	h, err := lockHolding(ctx, tx, holding)
	if err != nil {
		return err
	}
	if err := authorise(tx, by, Manage, h.Agency); err != nil {
		return err
	}
	return s.vacate(ctx, tx, h)
}

func (s *Service) vacate(ctx context.Context, tx *pg.Tx, h Holding) error {
	if h.Until != nil && !tx.Now.Before(*h.Until) {
		return nil
	}
	if err := endHolding(ctx, tx, h); err != nil {
		return err
	}
	if err := s.grants.SetGrants(ctx, tx, h.Account, source(h.ID), nil); err != nil {
		return err
	}
	if err := s.relend(ctx, tx, h.Agency, h.Account); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "agency.position.vacate", Object: "agency.holding", ObjectID: h.ID, Person: h.Account,
		Detail: map[string]any{"agency": h.Agency, "position": h.Position},
	})
}

// Positions returns the positions of an agency by code, closed ones too, and who holds them now or will, by position. Permission:
// agency:read. Errors: ErrForbidden.
func (s *Service) Positions(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string) (list []Position, held map[string][]Holding, err error) {
	defer fault.Wrap(&err, "agency.Positions(%s)", agency)
	if err := authorise(tx, by, Read, agency); err != nil {
		return nil, nil, err
	}
	if list, err = positionRows(ctx, tx, agency); err != nil {
		return nil, nil, err
	}
	open, err := openHoldings(ctx, tx, agency, "")
	held = map[string][]Holding{}
	for _, h := range open {
		held[h.Position] = append(held[h.Position], h)
	}
	return list, held, err
}

// Position returns one position with who holds it, held it or will, the latest first. Permission: agency:read.
// Errors: ErrForbidden, ErrUnknownPosition, page.ErrCursor.
func (s *Service) Position(ctx context.Context, tx *pg.Tx, by identity.Principal, agency, code string, req page.Request) (p Position, held page.Page[Holding], err error) {
	defer fault.Wrap(&err, "agency.Position(%s/%s)", agency, code)
	if err := authorise(tx, by, Read, agency); err != nil {
		return p, held, err
	}
	after, err := req.AfterID()
	if err != nil {
		return p, held, err
	}
	if p, err = positionRow(ctx, tx, agency, code); err != nil {
		return p, held, err
	}
	rows, err := holdingRows(ctx, tx, agency, code, after, req.Limit()+1)
	return p, page.Of(req, rows, func(h Holding) []string { return []string{h.ID.String()} }), err
}

// Held returns the positions that an account holds now or will; whether the caller may see it is the caller's to decide.
func (s *Service) Held(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []Holding, err error) {
	defer fault.Wrap(&err, "agency.Held(%s)", account)
	return heldRows(ctx, tx, account)
}

// Seated returns who holds a position of an agency now and is not away, with those who stand in for the others, ordered by id.
// Permission: none, it is called by modules.
func (s *Service) Seated(ctx context.Context, tx *pg.Tx, agency, position string) (accounts []uuid.UUID, err error) {
	defer fault.Wrap(&err, "agency.Seated(%s/%s)", agency, position)
	return seated(ctx, tx, agency, position)
}

func seated(ctx context.Context, tx *pg.Tx, agency, position string) (accounts []uuid.UUID, err error) {
	open, err := openHoldings(ctx, tx, agency, position)
	if err != nil {
		return nil, err
	}
	away, err := awayRows(ctx, tx, agency)
	for _, h := range open {
		who := h.Account
		if standIn, gone := away[who]; gone {
			who = standIn
		}
		if _, gone := away[who]; !h.From.After(tx.Now) && who != uuid.Nil && !gone {
			accounts = append(accounts, who)
		}
	}
	slices.SortFunc(accounts, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(accounts), err
}
