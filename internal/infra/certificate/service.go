package certificate

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// Documents keeps the PDFs.
type Documents interface {
	Store(ctx context.Context, tx *pg.Tx, in document.Store, r io.Reader) (document.File, error)
	Delete(ctx context.Context, tx *pg.Tx, file uuid.UUID) error
}

// Settings tells how a tenant writes dates.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Deps is what certificates need. PublicURL returns where the transaction's tenant is reached, without a slash at the
// end: anybody can verify there. Texts returns the sentences that are printed, as
// the tenant says them.
type Deps struct {
	Encryption *encryption.Service
	Documents  Documents
	Settings   Settings
	PublicURL  func(ctx context.Context, tx *pg.Tx) (string, error)
	Texts      func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error)
}

// Service issues and verifies.
type Service struct{ deps Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Encryption == nil || d.Documents == nil || d.Settings == nil || d.PublicURL == nil || d.Texts == nil {
		panic("certificate.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// Issue signs a credential and orders its PDF. Issuing again for the same subject returns what was issued.
// Errors: ErrClaim.
func (s *Service) Issue(ctx context.Context, tx *pg.Tx, in Issue) (c Credential, err error) {
	defer fault.Wrap(&err, "certificate.Issue(%s %s)", in.Type, in.SubjectID)
	if have, found, err := findBySubject(ctx, tx, in.Type, in.SubjectID); err != nil || found {
		if err != nil {
			return c, err
		}
		return s.get(ctx, tx, have)
	}
	if err := checkNames(in.Claims); err != nil {
		return c, err
	}
	c = Credential{
		ID: id.New(), Number: in.Number, Type: in.Type, Agency: in.Agency, AgencyName: in.AgencyName, Title: in.Title, Body: in.Body,
		Holder: in.Holder, HolderName: in.HolderName, Subject: in.Subject, SubjectID: in.SubjectID, Reference: in.Reference,
		Lang: in.Lang, Claims: in.Claims, Status: Valid, IssuedAt: tx.Now,
	}
	if in.ValidDays > 0 {
		end := tx.Now.AddDate(0, 0, in.ValidDays)
		c.ExpiresAt = &end
	}
	if c.list, c.index, err = takeIndex(ctx, tx, in.Agency); err != nil {
		return c, err
	}
	if c.SDJWT, err = s.sign(ctx, tx, c); err != nil {
		return c, err
	}
	if err := s.insert(ctx, tx, c); err != nil {
		return c, err
	}
	if err := tx.Enqueue(ctx, &RenderArgs{Credential: c.ID}); err != nil {
		return c, err
	}
	if err := tx.Publish(ctx, Issued{
		Credential: c.ID, Holder: c.Holder, Type: c.Type, Number: c.Number, Title: c.Title, Agency: c.Agency,
		SubjectID: c.SubjectID, IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt,
	}); err != nil {
		return c, err
	}
	return c, audit.Record(ctx, tx, audit.Entry{
		Action: "certificate.issue", Object: "certificate.credential", ObjectID: c.ID, Person: c.Holder,
		Detail: map[string]any{"type": c.Type, "number": c.Number, "agency": c.Agency},
	})
}

// sign makes the SD-JWT VC. The time of issue is rounded to the day: the hour would tell who was served together.
// Registered claims are never selectively disclosable.
func (s *Service) sign(ctx context.Context, tx *pg.Tx, c Credential) (string, error) {
	site, err := s.deps.PublicURL(ctx, tx)
	if err != nil {
		return "", err
	}
	payload := map[string]any{
		"iss": site, "vct": site + "/vct/" + c.Type, "jti": c.ID.String(), "number": c.Number,
		"iat":    c.IssuedAt.Truncate(24 * time.Hour).Unix(),
		"status": map[string]any{"status_list": map[string]any{"idx": c.index, "uri": listURL(site, c.list)}},
	}
	if c.ExpiresAt != nil {
		payload["exp"] = c.ExpiresAt.Unix()
	}
	disclosures, err := conceal(payload, c.Claims)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	jws, err := s.deps.Encryption.Sign(ctx, tx, signer(c), map[string]any{"typ": "dc+sd-jwt"}, body)
	return join(jws, disclosures), err
}

func listURL(site string, list uuid.UUID) string { return site + "/status/" + list.String() }

// takeIndex returns a free place in a status list of the agency. It is random, so that neighbours in the list say
// nothing about when, or to whom, a credential was issued.
func takeIndex(ctx context.Context, tx *pg.Tx, agency string) (list uuid.UUID, index int, err error) {
	if list, err = openList(ctx, tx, agency); err != nil {
		return list, 0, err
	}
	for {
		index = id.Below(listSize)
		taken, err := indexTaken(ctx, tx, list, index)
		if err != nil || !taken {
			return list, index, err
		}
	}
}

// Credential returns a certificate with its claims. Whether the actor may see them is the caller's to decide; who looks at
// another's is on record, which needs a transaction that writes. Strangers come by a share or by Verify, which have
// entries of their own. Errors: ErrNotFound.
func (s *Service) Credential(ctx context.Context, tx *pg.Tx, credential uuid.UUID) (c Credential, err error) {
	defer fault.Wrap(&err, "certificate.Credential(%s)", credential)
	if c, err = s.get(ctx, tx, credential); err != nil || tx.Actor.Kind == "anonymous" {
		return c, err
	}
	return c, audit.Read(ctx, tx, audit.Entry{
		Action: "certificate.read", Object: "certificate.credential", ObjectID: credential, Person: c.Holder,
		Detail: map[string]any{"number": c.Number, "agency": c.Agency},
	})
}

// Filter narrows a list of certificates; empty fields do not narrow.
type Filter struct {
	Agency string
	Status Status
	Number string
	Holder uuid.UUID
}

// Credentials lists certificates without their claims, newest first. Who looks at others' is on record, which needs a
// transaction that writes.
func (s *Service) Credentials(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (page.Page[Credential], error) {
	p, err := list(ctx, tx, f, r)
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, c := range p.Rows {
		ids = append(ids, c.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{
		Action: "certificate.list", Object: "certificate.credential", Person: f.Holder, Detail: map[string]any{"agency": f.Agency},
	}, ids...)
	return p, err
}

// Suspend takes a certificate out of force for a while. Errors: ErrNotFound, ErrRevoked, ErrReason.
func (s *Service) Suspend(ctx context.Context, tx *pg.Tx, credential uuid.UUID, reason string) error {
	return s.setStatus(ctx, tx, credential, Suspended, reason)
}

// Restore puts a suspended certificate into force again. Errors: ErrNotFound, ErrRevoked, ErrReason.
func (s *Service) Restore(ctx context.Context, tx *pg.Tx, credential uuid.UUID, reason string) error {
	return s.setStatus(ctx, tx, credential, Valid, reason)
}

// Revoke takes a certificate out of force for good. Errors: ErrNotFound, ErrRevoked, ErrReason.
func (s *Service) Revoke(ctx context.Context, tx *pg.Tx, credential uuid.UUID, reason string) error {
	return s.setStatus(ctx, tx, credential, Revoked, reason)
}

func (s *Service) setStatus(ctx context.Context, tx *pg.Tx, credential uuid.UUID, to Status, reason string) (err error) {
	defer fault.Wrap(&err, "certificate.setStatus(%s, %s)", credential, to)
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return ErrReason
	}
	c, err := s.get(ctx, tx, credential)
	if err != nil {
		return err
	}
	if c.Status == to {
		return nil
	}
	changed, err := setStatus(ctx, tx, credential, to, reason)
	if err != nil {
		return err
	}
	if !changed {
		return ErrRevoked
	}
	if err := tx.Publish(ctx, StatusChanged{Credential: c.ID, Holder: c.Holder, Status: to}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "certificate." + string(to), Object: "certificate.credential", ObjectID: c.ID, Person: c.Holder,
	})
}

// StatusList returns a list's signed token (application/statuslist+jwt). The first of an agency makes the key that signs it,
// which needs a transaction that may write. Errors: ErrNotFound.
func (s *Service) StatusList(ctx context.Context, tx *pg.Tx, listID uuid.UUID) (token string, err error) {
	defer fault.Wrap(&err, "certificate.StatusList(%s)", listID)
	agency, entries, err := statuses(ctx, tx, listID)
	if err != nil {
		return "", err
	}
	lst, err := packList(entries)
	if err != nil {
		return "", err
	}
	site, err := s.deps.PublicURL(ctx, tx)
	if err != nil {
		return "", err
	}
	const ttl = 15 * time.Minute
	body, err := json.Marshal(map[string]any{
		"sub": listURL(site, listID), "iat": tx.Now.Unix(), "exp": tx.Now.Add(24 * time.Hour).Unix(), "ttl": int(ttl.Seconds()),
		"status_list": map[string]any{"bits": bits, "lst": lst},
	})
	if err != nil {
		return "", err
	}
	return s.deps.Encryption.Sign(ctx, tx, encryption.Signer{Owner: agency, Use: encryption.UseStatus}, map[string]any{"typ": "statuslist+jwt"}, body)
}
