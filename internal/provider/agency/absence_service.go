package agency

import (
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

// AskAbsence says who is away from an agency, from when until when, and who stands in.
type AskAbsence struct {
	Agency  string
	Account uuid.UUID
	StandIn uuid.UUID // uuid.Nil for nobody
	From    time.Time // tenant's clock; zero for at once
	Until   time.Time // excluded
}

// AskAbsence enters an absence. Somebody's own counts once it is confirmed; one that whoever may confirm it enters for somebody else
// counts at once. Permission: one's own, or as for DecideAbsence. Errors: ErrForbidden, ErrOwnAbsence, ErrUnknown, ErrNotStaff,
// ErrTime, ErrAway, ErrStandIn, and those of identity.Lend.
func (s *Service) AskAbsence(ctx context.Context, tx *pg.Tx, by identity.Principal, in AskAbsence) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "agency.AskAbsence(%s, %s)", in.Agency, in.Account)
	a := Absence{
		ID: id.New(), Agency: in.Agency, Account: in.Account, StandIn: in.StandIn, From: in.From.Truncate(time.Microsecond),
		Until: in.Until.Truncate(time.Microsecond), State: AbsenceAsked, AskedBy: by.Account, AskedAt: tx.Now,
	}
	if in.From.IsZero() {
		a.From = tx.Now.Truncate(time.Microsecond)
	}
	if own := by.Account != uuid.Nil && by.Account == in.Account; !own {
		if err := mayDecide(ctx, tx, by, a); err != nil {
			return uuid.Nil, err
		}
		a.decide(tx, by, AbsenceConfirmed)
	}
	if _, err := lockAgency(ctx, tx, a.Agency); err != nil { // two at once could be the same one
		return uuid.Nil, err
	}
	if err := possible(ctx, tx, a); err != nil {
		return uuid.Nil, err
	}
	if err := insertAbsence(ctx, tx, a); err != nil {
		return uuid.Nil, err
	}
	if err := s.lend(ctx, tx, a); err != nil {
		return uuid.Nil, err
	}
	return a.ID, recordAbsence(ctx, tx, "agency.absence.ask", a)
}

func (a *Absence) decide(tx *pg.Tx, by identity.Principal, state AbsenceState) {
	a.State, a.DecidedBy, a.DecidedAt = state, by.Account, &tx.Now
}

func recordAbsence(ctx context.Context, tx *pg.Tx, action string, a Absence) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "agency.absence", ObjectID: a.ID, Person: a.Account,
		Detail: map[string]any{"agency": a.Agency, "from": a.From, "until": a.Until, "state": a.State, "stand_in": a.StandIn},
	})
}

// possible refuses an absence of or by somebody who does not work there, in no time, beside another, or with nobody who could stand in.
func possible(ctx context.Context, tx *pg.Tx, a Absence) error {
	if !a.From.Before(a.Until) || !tx.Now.Before(a.Until) {
		return ErrTime.WithFields(fault.Field{Path: "until", Code: ErrTime.Code})
	}
	for _, who := range []uuid.UUID{a.Account, a.StandIn} {
		if who == uuid.Nil {
			continue
		}
		posts, err := postRows(ctx, tx, who)
		if err != nil {
			return err
		}
		works := slices.ContainsFunc(posts, func(w Staff) bool { return w.Agency == a.Agency })
		switch {
		case !works && who == a.Account:
			return ErrNotStaff
		case !works, a.StandIn == a.Account:
			return ErrStandIn.WithFields(fault.Field{Path: "stand_in", Code: ErrStandIn.Code})
		}
	}
	open, err := openAbsences(ctx, tx, a.Agency, uuid.Nil)
	for _, o := range open {
		switch {
		case o.ID == a.ID || !o.overlaps(a):
		case o.Account == a.Account:
			return ErrAway.WithFields(fault.Field{Path: "from", Code: ErrAway.Code})
		case o.Account == a.StandIn && o.State == AbsenceConfirmed:
			return ErrStandIn.WithFields(fault.Field{Path: "stand_in", Code: ErrStandIn.Code})
		}
	}
	return err
}

// mayDecide refuses who may not confirm an absence: it takes whoever holds a position above one of the person's, or stands in there, or
// manages the agency; and nobody decides where they are away themselves or stand in.
func mayDecide(ctx context.Context, tx *pg.Tx, by identity.Principal, a Absence) error {
	if tx.Actor.Kind == "system" {
		return nil
	}
	if by.Account == a.Account || by.Account == a.StandIn {
		return ErrOwnAbsence
	}
	refused := authorise(tx, by, Manage, a.Agency)
	if refused == nil {
		return nil
	}
	positions, err := positionRows(ctx, tx, a.Agency)
	if err != nil {
		return err
	}
	held, err := heldRows(ctx, tx, a.Account)
	if err != nil {
		return err
	}
	for _, h := range held {
		n := slices.IndexFunc(positions, func(p Position) bool { return p.Code == h.Position })
		if h.Agency != a.Agency || n < 0 || positions[n].ReportsTo == "" {
			continue
		}
		above, err := seated(ctx, tx, a.Agency, positions[n].ReportsTo)
		if err != nil || slices.Contains(above, by.Account) {
			return err
		}
	}
	return refused
}

// DecideAbsence confirms an absence that is asked for, which gives whoever stands in their roles for that time, or refuses it.
// Permission: to hold a position above one of the person's, or agency:manage; never for oneself, nor where one stands in.
// Errors: ErrUnknownAbsence, ErrForbidden, ErrOwnAbsence, ErrDecided, those of AskAbsence.
func (s *Service) DecideAbsence(ctx context.Context, tx *pg.Tx, by identity.Principal, absence uuid.UUID, confirm bool) (err error) {
	defer fault.Wrap(&err, "agency.DecideAbsence(%s)", absence)
	a, err := lockAbsence(ctx, tx, absence)
	if err != nil {
		return err
	}
	if err := mayDecide(ctx, tx, by, a); err != nil {
		return err
	}
	if a.State != AbsenceAsked {
		return ErrDecided
	}
	action, state := "agency.absence.refuse", AbsenceRefused
	if confirm {
		if err := possible(ctx, tx, a); err != nil {
			return err
		}
		action, state = "agency.absence.confirm", AbsenceConfirmed
	}
	a.decide(tx, by, state)
	if err := setAbsence(ctx, tx, a); err != nil {
		return err
	}
	if err := s.lend(ctx, tx, a); err != nil {
		return err
	}
	return recordAbsence(ctx, tx, action, a)
}

// EndAbsence says that somebody is back: from now on, or, where the absence has not begun or is not confirmed, that it will not be. One
// that is over already is fine. Permission: one's own, or as for DecideAbsence. Errors: ErrUnknownAbsence, ErrForbidden, ErrOwnAbsence.
func (s *Service) EndAbsence(ctx context.Context, tx *pg.Tx, by identity.Principal, absence uuid.UUID) (err error) {
	defer fault.Wrap(&err, "agency.EndAbsence(%s)", absence)
	a, err := lockAbsence(ctx, tx, absence)
	if err != nil {
		return err
	}
	if by.Account != a.Account {
		if err := mayDecide(ctx, tx, by, a); err != nil {
			return err
		}
	}
	return s.endAbsence(ctx, tx, a)
}

func (s *Service) endAbsence(ctx context.Context, tx *pg.Tx, a Absence) error {
	if !a.Open(tx.Now) {
		return nil
	}
	if now := tx.Now.Truncate(time.Microsecond); a.State == AbsenceConfirmed && a.From.Before(now) {
		a.Until = now
	} else {
		a.State = AbsenceWithdrawn
	}
	if err := setAbsence(ctx, tx, a); err != nil {
		return err
	}
	if err := s.lend(ctx, tx, a); err != nil {
		return err
	}
	return recordAbsence(ctx, tx, "agency.absence.end", a)
}

// lend gives whoever stands in exactly the roles that follow from an absence as it stands: none before it is confirmed or once it is over.
func (s *Service) lend(ctx context.Context, tx *pg.Tx, a Absence) error {
	if a.StandIn == uuid.Nil {
		return nil
	}
	var grants []identity.NewGrant
	if a.State == AbsenceConfirmed && tx.Now.Before(a.Until) {
		held, err := heldRows(ctx, tx, a.Account)
		if err != nil {
			return err
		}
		positions, err := positionRows(ctx, tx, a.Agency)
		if err != nil {
			return err
		}
		grants = lent(a, held, positions)
	}
	return s.grants.Lend(ctx, tx, a.Account, a.StandIn, "absence:"+a.ID.String(), grants)
}

// relend carries over to those who stand in for somebody what has changed in the positions that they hold.
func (s *Service) relend(ctx context.Context, tx *pg.Tx, agency string, account uuid.UUID) error {
	open, err := openAbsences(ctx, tx, agency, account)
	for _, a := range open {
		if a.Account != account || a.State != AbsenceConfirmed {
			continue
		}
		if err := s.lend(ctx, tx, a); err != nil {
			return err
		}
	}
	return err
}

// leave ends the absences of somebody who leaves an agency, and takes them out of those in which they stand in.
func (s *Service) leave(ctx context.Context, tx *pg.Tx, agency string, account uuid.UUID) error {
	open, err := openAbsences(ctx, tx, agency, account)
	for _, a := range open {
		if a.Account == account {
			if err := s.endAbsence(ctx, tx, a); err != nil {
				return err
			}
			continue
		}
		if err := s.grants.Lend(ctx, tx, a.Account, a.StandIn, "absence:"+a.ID.String(), nil); err != nil {
			return err
		}
		a.StandIn = uuid.Nil
		if err := setAbsence(ctx, tx, a); err != nil {
			return err
		}
		if err := recordAbsence(ctx, tx, "agency.absence.alone", a); err != nil {
			return err
		}
	}
	return err
}

// Absences returns the absences of an agency, the latest asked for first. Permission: agency:read. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Absences(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, req page.Request) (p page.Page[Absence], err error) {
	defer fault.Wrap(&err, "agency.Absences(%s)", agency)
	if err := authorise(tx, by, Read, agency); err != nil {
		return p, err
	}
	after, err := req.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := absenceRows(ctx, tx, agency, after, req.Limit()+1)
	return page.Of(req, rows, func(a Absence) []string { return []string{a.ID.String()} }), err
}

// Away returns the absences of an agency that are asked for or confirmed and not over, by their beginning. Permission: agency:read.
// Errors: ErrForbidden.
func (s *Service) Away(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string) (list []Absence, err error) {
	defer fault.Wrap(&err, "agency.Away(%s)", agency)
	if err := authorise(tx, by, Read, agency); err != nil {
		return nil, err
	}
	return openAbsences(ctx, tx, agency, uuid.Nil)
}

// AbsencesOf returns the absences, asked for or confirmed and not over, in which an account is away or stands in, by their beginning;
// whether the caller may see them is the caller's to decide.
func (s *Service) AbsencesOf(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []Absence, err error) {
	defer fault.Wrap(&err, "agency.AbsencesOf(%s)", account)
	return openAbsences(ctx, tx, "", account)
}

// ToDecide returns the absences asked for in the caller's agencies that the caller may confirm or refuse. Permission: as for
// DecideAbsence, one by one.
func (s *Service) ToDecide(ctx context.Context, tx *pg.Tx, by identity.Principal) (list []Absence, err error) {
	defer fault.Wrap(&err, "agency.ToDecide")
	agencies := by.Agencies()
	posts, err := postRows(ctx, tx, by.Account)
	if err != nil {
		return nil, err
	}
	for _, w := range posts {
		agencies = append(agencies, w.Agency)
	}
	slices.Sort(agencies)
	for _, agency := range slices.Compact(agencies) {
		open, err := openAbsences(ctx, tx, agency, uuid.Nil)
		if err != nil {
			return nil, err
		}
		for _, a := range open {
			if a.State != AbsenceAsked {
				continue
			}
			err := mayDecide(ctx, tx, by, a)
			if f := fault.Of(err); f != nil && f.Kind == fault.KindForbidden {
				continue
			}
			if err != nil {
				return nil, err
			}
			list = append(list, a)
		}
	}
	return list, nil
}

// Colleagues returns who works in an agency, by account, a thousand at most: who can stand in for somebody there. Permission: to work
// there, or agency:read. Errors: ErrForbidden.
func (s *Service) Colleagues(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string) (accounts []uuid.UUID, err error) {
	defer fault.Wrap(&err, "agency.Colleagues(%s)", agency)
	rows, err := staffRows(ctx, tx, agency, uuid.Nil, 1000)
	if err != nil {
		return nil, err
	}
	for _, w := range rows {
		accounts = append(accounts, w.Account)
	}
	if slices.Contains(accounts, by.Account) {
		return accounts, nil
	}
	return accounts, authorise(tx, by, Read, agency)
}

// Led returns whose absences from an agency a person may enter and decide, by account: of those who hold positions below one of theirs, or of
// all who work there, where they manage the agency. They are never among them. Permission: none, it is about the caller.
func (s *Service) Led(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string) (accounts []uuid.UUID, err error) {
	defer fault.Wrap(&err, "agency.Led(%s)", agency)
	if authorise(tx, by, Manage, agency) == nil {
		rows, err := staffRows(ctx, tx, agency, uuid.Nil, 1000)
		for _, w := range rows {
			accounts = append(accounts, w.Account)
		}
		return slices.DeleteFunc(accounts, func(a uuid.UUID) bool { return a == by.Account }), err
	}
	positions, err := positionRows(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	for _, p := range positions {
		if p.ReportsTo == "" {
			continue
		}
		above, err := seated(ctx, tx, agency, p.ReportsTo)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(above, by.Account) {
			continue
		}
		held, err := openHoldings(ctx, tx, agency, p.Code)
		if err != nil {
			return nil, err
		}
		for _, h := range held {
			if h.Account != by.Account && !h.From.After(tx.Now) && !slices.Contains(accounts, h.Account) {
				accounts = append(accounts, h.Account)
			}
		}
	}
	return accounts, nil
}

// Present leaves of accounts those that are not away from an agency now, in their order. Permission: none, it is called by modules.
func (s *Service) Present(ctx context.Context, tx *pg.Tx, agency string, accounts []uuid.UUID) (_ []uuid.UUID, err error) {
	defer fault.Wrap(&err, "agency.Present(%s)", agency)
	away, err := awayRows(ctx, tx, agency)
	return slices.DeleteFunc(slices.Clone(accounts), func(a uuid.UUID) bool {
		_, gone := away[a]
		return gone
	}), err
}
