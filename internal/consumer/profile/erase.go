package profile

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/profile/internal/profiledb"
	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// Errors of erasing.
var (
	// ErrOpen says that requests are still open, so that nobody can be erased.
	ErrOpen = fault.Conflict("profile.open")
	// ErrErasure says that nobody has asked to be erased, or that it is too late to undo it.
	ErrErasure = fault.Conflict("profile.erasure")
)

// reflection is how long somebody who asks to be erased can undo it.
const reflection = 14 * 24 * time.Hour

// The reasons for which a record is kept.
const (
	KeptOpen     = "open"     // the office works on it; it can be withdrawn
	KeptDecision = "decision" // decisions of the administration can be contested and checked
	KeptPayment  = "payment"  // the books of the state
)

// Kept is a record that stays although its person is erased.
type Kept struct {
	Reference string
	Service   string
	Why       string     // KeptOpen, KeptDecision, KeptPayment
	Until     *time.Time // nil while it is open
	Path      string     // of its page
}

// Keeper tells which records stay, drops what need not, and forgets the account. Its methods are other modules'.
type Keeper interface {
	// Guests returns as whom a person applied before they had an account; the other methods include them.
	Guests(ctx context.Context, tx *pg.Tx, person uuid.UUID) ([]uuid.UUID, error)
	// Kept returns what stays of a person.
	Kept(ctx context.Context, tx *pg.Tx, person uuid.UUID) ([]Kept, error)
	// Drop deletes what nobody needs any more: drafts.
	Drop(ctx context.Context, tx *pg.Tx, person uuid.UUID) error
	// Close takes away the account: ways to sign in, addresses.
	Close(ctx context.Context, tx *pg.Tx, person uuid.UUID) error
	// Forget destroys the key by which everything of the person is sealed.
	Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) error
}

// Erasure is how far it is that somebody is erased.
type Erasure struct {
	Status    string // "" where nobody asked; asked, undone, blocked, closed, erased
	DueAt     time.Time
	KeptUntil *time.Time
}

// EraseArgs names the account whose days of reflection, or whose last record, are over.
type EraseArgs struct {
	job.Tenant
	Account uuid.UUID `json:"account"`
}

// Kind is the job's name.
func (EraseArgs) Kind() string { return "profile.erase" }

func eraseKey(account uuid.UUID) string { return "profile.erase:" + account.String() }

// Kept returns the records that stay if the person is erased, with why and until when. Permission: one's own. Errors: ErrForbidden.
func (s *Service) Kept(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []Kept, err error) {
	defer fault.Wrap(&err, "profile.Kept(%s)", account)
	if err := own(tx, account); err != nil {
		return nil, err
	}
	return s.keeper.Kept(ctx, tx, account)
}

// Erasure returns how far the person's erasing is. Permission: one's own. Errors: ErrForbidden.
func (s *Service) Erasure(ctx context.Context, tx *pg.Tx, account uuid.UUID) (e Erasure, err error) {
	defer fault.Wrap(&err, "profile.Erasure(%s)", account)
	if err := own(tx, account); err != nil {
		return e, err
	}
	row, err := queries.GetErasure(ctx, tx, account)
	if pg.NotFound(err) {
		return e, nil
	}
	return Erasure{Status: row.Status, DueAt: row.DueAt, KeptUntil: row.KeptUntil}, err
}

// AskErasure begins the days of reflection after which the person is erased. Permission: one's own, freshly proved, which the page asks for.
// Errors: ErrForbidden, ErrOpen, ErrNotFound.
func (s *Service) AskErasure(ctx context.Context, tx *pg.Tx, account uuid.UUID) (err error) {
	defer fault.Wrap(&err, "profile.AskErasure(%s)", account)
	kept, err := s.Kept(ctx, tx, account)
	if err != nil {
		return err
	}
	if open(kept) {
		return ErrOpen
	}
	person, err := getPerson(ctx, tx, account)
	if err != nil {
		return err
	}
	if have, err := s.Erasure(ctx, tx, account); err != nil || have.Status == "asked" {
		return err
	}
	due := tx.Now.Add(reflection)
	if err := queries.PutErasure(ctx, tx, profiledb.PutErasureParams{AccountID: account, Now: tx.Now, DueAt: due}); err != nil {
		return err
	}
	if err := tx.At(ctx, due, eraseKey(account), &EraseArgs{Account: account}); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, account, person.Lang, "erasure", due.String(), &due); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "profile.erasure.ask", Object: "profile.person", ObjectID: account, Person: account})
}

// UndoErasure takes the wish back, as long as the days of reflection last. Permission: one's own. Errors: ErrForbidden, ErrErasure.
func (s *Service) UndoErasure(ctx context.Context, tx *pg.Tx, account uuid.UUID) (err error) {
	defer fault.Wrap(&err, "profile.UndoErasure(%s)", account)
	if err := own(tx, account); err != nil {
		return err
	}
	row, err := queries.LockErasure(ctx, tx, account)
	if pg.NotFound(err) || err == nil && row.Status != "asked" {
		return ErrErasure
	}
	if err != nil {
		return err
	}
	if err := tx.CancelTimer(ctx, eraseKey(account)); err != nil {
		return err
	}
	if err := s.setErasure(ctx, tx, account, "undone", nil); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "profile.erasure.undo", Object: "profile.person", ObjectID: account, Person: account})
}

func (s *Service) setErasure(ctx context.Context, tx *pg.Tx, account uuid.UUID, status string, keptUntil *time.Time) error {
	return queries.SetErasure(ctx, tx, profiledb.SetErasureParams{AccountID: account, Status: status, KeptUntil: keptUntil, EndedAt: &tx.Now})
}

func open(kept []Kept) bool {
	return slices.ContainsFunc(kept, func(k Kept) bool { return k.Why == KeptOpen })
}

// erase takes the account away when the days of reflection are over, and destroys the key at once or, where the law keeps records, when the last
// of them may go: until then they can be read by the offices that answer for them, and by nobody else.
func (s *Service) erase(ctx context.Context, tx *pg.Tx, a EraseArgs) (err error) {
	defer fault.Wrap(&err, "profile.erase(%s)", a.Account)
	row, err := queries.LockErasure(ctx, tx, a.Account)
	if err != nil || row.Status != "asked" && row.Status != "closed" {
		return err
	}
	kept, err := s.keeper.Kept(ctx, tx, a.Account)
	if err != nil {
		return err
	}
	if row.Status == "asked" {
		if open(kept) { // begun since: the person is told, and asks again
			person, err := getPerson(ctx, tx, a.Account)
			if err != nil {
				return err
			}
			if err := s.tell(ctx, tx, a.Account, person.Lang, "erasure_blocked", row.DueAt.String(), nil); err != nil {
				return err
			}
			return s.setErasure(ctx, tx, a.Account, "blocked", nil)
		}
		if err := s.closeAccount(ctx, tx, a.Account); err != nil {
			return err
		}
	}
	var until *time.Time
	for _, k := range kept {
		if k.Until != nil && k.Until.After(tx.Now) && (until == nil || k.Until.After(*until)) {
			until = k.Until
		}
	}
	if until == nil {
		if err := s.setErasure(ctx, tx, a.Account, "erased", row.KeptUntil); err != nil {
			return err
		}
		return s.keeper.Forget(ctx, tx, a.Account)
	}
	if err := s.setErasure(ctx, tx, a.Account, "closed", until); err != nil {
		return err
	}
	return tx.At(ctx, *until, eraseKey(a.Account), &EraseArgs{Account: a.Account})
}

// closeAccount deletes what no law keeps.
func (s *Service) closeAccount(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	if e, err := queries.LastExport(ctx, tx, account); err == nil && e.DocumentID != nil {
		if err := s.expireExport(ctx, tx, ExpireExportArgs{Export: e.ID}); err != nil {
			return err
		}
	} else if err != nil && !pg.NotFound(err) {
		return err
	}
	if err := s.keeper.Drop(ctx, tx, account); err != nil {
		return err
	}
	if err := queries.DeleteMembers(ctx, tx, account); err != nil {
		return err
	}
	if err := queries.ClearPerson(ctx, tx, account); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, audit.Entry{Action: "profile.erasure.close", Object: "profile.person", ObjectID: account, Person: account}); err != nil {
		return err
	}
	return s.keeper.Close(ctx, tx, account)
}
