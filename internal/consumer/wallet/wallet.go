package wallet

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/certificate"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// What callers must expect.
var (
	// ErrNotFound says that the person has no such credential or share.
	ErrNotFound = fault.NotFound("wallet.not_found")
	// ErrNoClaims says that nothing was chosen to be shown.
	ErrNoClaims = fault.Invalid("wallet.no_claims")
	// ErrUnknownClaim says that the credential has no such claim to choose.
	ErrUnknownClaim = fault.Invalid("wallet.unknown_claim")
	// ErrUntil says that the end of a share is not within the next year.
	ErrUntil = fault.Invalid("wallet.until")
	// ErrRepresentative says that whoever acts for somebody else may look at a wallet and do nothing with it.
	ErrRepresentative = fault.Forbidden("wallet.representative")
	// ErrShareEnded says that a link shows nothing: it ended, or never was.
	ErrShareEnded = fault.NotFound("wallet.share_ended")
)

// Item is a credential that a person holds.
type Item struct {
	ID         uuid.UUID
	Person     uuid.UUID // who holds it: the account, or a guest whose all is the account's
	Credential uuid.UUID
	Number     string
	Type       string
	Title      i18n.Text
	Agency     string
	Status     certificate.Status
	IssuedAt   time.Time
	ExpiresAt  *time.Time
	Hidden     bool
}

// Share is a consent: who holds its link sees Claims until Until. Token is only set when the share is made.
type Share struct {
	ID        uuid.UUID
	Token     string
	Claims    []string
	Purpose   string // the person's words: for whom and what
	CreatedAt time.Time
	Until     time.Time
	EndedAt   *time.Time
	Views     int
	ViewedAt  *time.Time
}

// Open reports whether the link shows something at the moment.
func (s Share) Open(now time.Time) bool { return s.EndedAt == nil && now.Before(s.Until) }

// Deps is what the wallet needs.
type Deps struct {
	Certificates *certificate.Service
	Encryption   *encryption.Service
	Consents     Consents
}

// Consents knows who may act in whose name; identity does.
type Consents interface {
	MayRepresent(ctx context.Context, tx *pg.Tx, person uuid.UUID, service string) error
}

// Service keeps wallets.
type Service struct{ deps Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Certificates == nil || d.Encryption == nil || d.Consents == nil {
		panic("wallet.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// Subscribe lets credentials come into the wallet when they are issued, and follow their status.
func (s *Service) Subscribe(b *event.Bus) {
	event.Subscribe(b, "wallet", func(ctx context.Context, tx *pg.Tx, e event.Envelope[certificate.Issued]) error {
		return s.follow(ctx, tx, e.Data.Credential)
	})
	event.Subscribe(b, "wallet", func(ctx context.Context, tx *pg.Tx, e event.Envelope[certificate.StatusChanged]) error {
		return s.follow(ctx, tx, e.Data.Credential)
	})
}

// follow brings a credential's item to where the credential stands. Events come more than once and in any order, so what
// they say only tells when to look: the status is read with the item locked, and the last who looks is right.
func (s *Service) follow(ctx context.Context, tx *pg.Tx, credential uuid.UUID) (err error) {
	defer fault.Wrap(&err, "wallet.follow(%s)", credential)
	c, err := s.deps.Certificates.Credential(ctx, tx, credential)
	if err != nil {
		return err
	}
	if err := insertItem(ctx, tx, c); err != nil {
		return err
	}
	if err := lockItem(ctx, tx, credential); err != nil {
		return err
	}
	if c, err = s.deps.Certificates.Credential(ctx, tx, credential); err != nil {
		return err
	}
	return setStatus(ctx, tx, credential, c.Status)
}

// mayLook lets the person look at their wallet, and who acts in their name with consent to everything. A consent to some services alone
// is none to what others have issued.
func (s *Service) mayLook(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	return s.deps.Consents.MayRepresent(ctx, tx, person, "")
}

// mayUse lets the person alone share, hide and restore.
func mayUse(tx *pg.Tx) error {
	if tx.Actor.Kind != "system" && tx.Actor.OnBehalf != uuid.Nil {
		return ErrRepresentative
	}
	return nil
}

// Items lists the person's credentials, newest first; the hidden ones instead when hidden is set.
func (s *Service) Items(ctx context.Context, tx *pg.Tx, person uuid.UUID, hidden bool, r page.Request) (page.Page[Item], error) {
	if err := s.mayLook(ctx, tx, person); err != nil {
		return page.Page[Item]{}, err
	}
	p, err := items(ctx, tx, person, hidden, r)
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, i := range p.Rows {
		ids = append(ids, i.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "wallet.list", Object: "wallet.item", Person: person}, ids...)
	return p, err
}

// Item returns one of the person's credentials with what it says. Errors: ErrNotFound.
func (s *Service) Item(ctx context.Context, tx *pg.Tx, person, item uuid.UUID) (i Item, c certificate.Credential, err error) {
	defer fault.Wrap(&err, "wallet.Item(%s)", item)
	if err := s.mayLook(ctx, tx, person); err != nil {
		return i, c, err
	}
	if i, err = getItem(ctx, tx, person, item); err != nil {
		return i, c, err
	}
	c, err = s.deps.Certificates.Credential(ctx, tx, i.Credential)
	return i, c, err
}

// Find returns the person's item of a credential. Errors: ErrNotFound, as long as it has not arrived.
func (s *Service) Find(ctx context.Context, tx *pg.Tx, person, credential uuid.UUID) (i Item, err error) {
	defer fault.Wrap(&err, "wallet.Find(%s)", credential)
	if err := s.mayLook(ctx, tx, person); err != nil {
		return i, err
	}
	return findItem(ctx, tx, person, credential)
}

// Hide puts a credential out of sight; it stays valid and can be restored. Errors: ErrNotFound.
func (s *Service) Hide(ctx context.Context, tx *pg.Tx, person, item uuid.UUID) error {
	return s.setHidden(ctx, tx, person, item, true)
}

// Restore brings a hidden credential back. Errors: ErrNotFound.
func (s *Service) Restore(ctx context.Context, tx *pg.Tx, person, item uuid.UUID) error {
	return s.setHidden(ctx, tx, person, item, false)
}

func (s *Service) setHidden(ctx context.Context, tx *pg.Tx, person, item uuid.UUID, hidden bool) (err error) {
	defer fault.Wrap(&err, "wallet.setHidden(%s, %t)", item, hidden)
	if err := mayUse(tx); err != nil {
		return err
	}
	if err := setHidden(ctx, tx, person, item, hidden); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "wallet.hide", Object: "wallet.item", ObjectID: item, Person: person, Detail: map[string]any{"hidden": hidden},
	})
}

// ShareClaims makes a link that shows only the chosen claims of a credential until the given time, at most a year
// ahead. Claims that the agency made not selectively disclosable are always shown.
// Errors: ErrRepresentative, ErrNotFound, ErrNoClaims, ErrUnknownClaim, ErrUntil.
func (s *Service) ShareClaims(ctx context.Context, tx *pg.Tx, person, item uuid.UUID, claims []string, purpose string, until time.Time) (sh Share, err error) {
	defer fault.Wrap(&err, "wallet.ShareClaims(%s)", item)
	if err := mayUse(tx); err != nil {
		return sh, err
	}
	i, c, err := s.Item(ctx, tx, person, item)
	if err != nil {
		return sh, err
	}
	if len(claims) == 0 {
		return sh, ErrNoClaims
	}
	if !until.After(tx.Now) || until.After(tx.Now.AddDate(1, 0, 1)) {
		return sh, ErrUntil
	}
	for _, name := range claims {
		if !slices.ContainsFunc(c.Claims, func(cl certificate.Claim) bool { return cl.Name == name }) {
			return sh, ErrUnknownClaim.With("claim", name)
		}
	}
	sh = Share{ID: id.New(), Token: id.Token(32), Claims: claims, Purpose: purpose, CreatedAt: tx.Now, Until: until}
	sealed, err := s.deps.Encryption.Seal(ctx, tx, i.Person, sharePlace(sh.ID), []byte(purpose))
	if err != nil {
		return sh, err
	}
	if err := insertShare(ctx, tx, i.ID, sh, id.Digest(sh.Token), sealed); err != nil {
		return sh, err
	}
	return sh, audit.Record(ctx, tx, audit.Entry{
		Action: "wallet.share", Object: "wallet.share", ObjectID: sh.ID, Person: person,
		Detail: map[string]any{"credential": i.Credential, "claims": claims, "until": until},
	})
}

// Shares lists the consents given for a credential, newest first. Errors: ErrNotFound.
func (s *Service) Shares(ctx context.Context, tx *pg.Tx, person, item uuid.UUID) (list []Share, err error) {
	defer fault.Wrap(&err, "wallet.Shares(%s)", item)
	if err := mayUse(tx); err != nil {
		return nil, err
	}
	i, err := getItem(ctx, tx, person, item)
	if err != nil {
		return nil, err
	}
	return s.shares(ctx, tx, i.Person, item)
}

// OpenShare is a link that shows something at the moment, with what it is of.
type OpenShare struct {
	Share
	Item   uuid.UUID
	Title  i18n.Text
	Number string
}

// OpenShares lists the consents of all credentials that are in force, newest first. Errors: ErrRepresentative.
func (s *Service) OpenShares(ctx context.Context, tx *pg.Tx, person uuid.UUID) (list []OpenShare, err error) {
	defer fault.Wrap(&err, "wallet.OpenShares(%s)", person)
	if err := mayUse(tx); err != nil {
		return nil, err
	}
	if err := s.mayLook(ctx, tx, person); err != nil {
		return nil, err
	}
	return s.openShares(ctx, tx, person)
}

// EndShare takes a consent back. Errors: ErrNotFound.
func (s *Service) EndShare(ctx context.Context, tx *pg.Tx, person, share uuid.UUID) (err error) {
	defer fault.Wrap(&err, "wallet.EndShare(%s)", share)
	if err := mayUse(tx); err != nil {
		return err
	}
	if err := endShare(ctx, tx, person, share); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "wallet.end_share", Object: "wallet.share", ObjectID: share, Person: person})
}

// Shared returns what the link's holder may see, and how the credential stands now. The look is counted and audited.
// Errors: ErrShareEnded.
func (s *Service) Shared(ctx context.Context, tx *pg.Tx, token string) (v certificate.Verification, until time.Time, err error) {
	defer fault.Wrap(&err, "wallet.Shared")
	seen, err := viewShare(ctx, tx, id.Digest(token))
	if err != nil {
		return v, until, err
	}
	c, err := s.deps.Certificates.Credential(ctx, tx, seen.CredentialID)
	if err != nil {
		return v, until, err
	}
	v = c.Verification(tx.Now, func(cl certificate.Claim) bool {
		return !cl.Disclosable || slices.Contains(seen.Claims, cl.Name)
	})
	return v, seen.Until, audit.Read(ctx, tx, audit.Entry{
		Action: "wallet.shown", Object: "wallet.share", ObjectID: seen.ID, Person: seen.PersonID,
	})
}

func sharePlace(share uuid.UUID) encryption.Place {
	return encryption.Place{Table: "wallet.share", Column: "purpose", Row: share}
}
