package certificate

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"digit/internal/infra/certificate/internal/certificatedb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

var db = certificatedb.New()

// content is what of a credential is sealed.
type content struct {
	HolderName string    `json:"holder_name"`
	Reference  string    `json:"reference"`
	Body       i18n.Text `json:"body"`
	Claims     []Claim   `json:"claims"`
	SDJWT      string    `json:"sd_jwt"`
}

func place(credential uuid.UUID) encryption.Place {
	return encryption.Place{Table: "certificate.credential", Column: "content", Row: credential}
}

func (s *Service) insert(ctx context.Context, tx *pg.Tx, c Credential) error {
	sealed, err := s.deps.Encryption.SealJSON(ctx, tx, c.Holder, place(c.ID), content{
		HolderName: c.HolderName, Reference: c.Reference, Body: c.Body, Claims: c.Claims, SDJWT: c.SDJWT,
	})
	if err != nil {
		return err
	}
	title, err := json.Marshal(c.Title)
	if err != nil {
		return err
	}
	agency, err := json.Marshal(c.AgencyName)
	if err != nil {
		return err
	}
	if err := db.CountIssued(ctx, tx, c.list); err != nil {
		return err
	}
	return db.InsertCredential(ctx, tx, certificatedb.InsertCredentialParams{
		ID: c.ID, Number: c.Number, Type: c.Type, Agency: c.Agency, AgencyName: agency, Title: title, HolderID: c.Holder,
		Subject: c.Subject, SubjectID: c.SubjectID, Lang: c.Lang, Content: sealed, ListID: c.list, ListIndex: int32(c.index),
		IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt,
	})
}

func findBySubject(ctx context.Context, tx *pg.Tx, typ string, subject uuid.UUID) (uuid.UUID, bool, error) {
	key, err := db.FindBySubject(ctx, tx, certificatedb.FindBySubjectParams{Type: typ, SubjectID: subject})
	return found(key, err)
}

func findByNumber(ctx context.Context, tx *pg.Tx, number string) (uuid.UUID, bool, error) {
	key, err := db.FindByNumber(ctx, tx, number)
	return found(key, err)
}

func found(key uuid.UUID, err error) (uuid.UUID, bool, error) {
	if pg.NotFound(err) {
		return uuid.Nil, false, nil
	}
	return key, err == nil, err
}

func (s *Service) get(ctx context.Context, tx *pg.Tx, credential uuid.UUID) (Credential, error) {
	row, err := db.GetCredential(ctx, tx, credential)
	if pg.NotFound(err) {
		return Credential{}, ErrNotFound
	}
	if err != nil {
		return Credential{}, err
	}
	c := Credential{
		ID: row.ID, Number: row.Number, Type: row.Type, Agency: row.Agency, Holder: row.HolderID, Subject: row.Subject,
		SubjectID: row.SubjectID, Lang: row.Lang, Status: Status(row.Status), Reason: row.Reason, IssuedAt: row.IssuedAt,
		ExpiresAt: row.ExpiresAt, pdfSum: row.PdfSha256, list: row.ListID, index: int(row.ListIndex),
	}
	if row.DocumentID != nil {
		c.Document = *row.DocumentID
	}
	if err := json.Unmarshal(row.AgencyName, &c.AgencyName); err != nil {
		return c, err
	}
	if err := json.Unmarshal(row.Title, &c.Title); err != nil {
		return c, err
	}
	var sealed content
	err = s.deps.Encryption.OpenJSON(ctx, tx, c.Holder, place(c.ID), row.Content, &sealed)
	if err != nil && !errors.Is(err, encryption.ErrForgotten) { // of whom is forgotten only that a certificate was issued remains
		return c, err
	}
	c.HolderName, c.Reference, c.Body, c.Claims, c.SDJWT = sealed.HolderName, sealed.Reference, sealed.Body, sealed.Claims, sealed.SDJWT
	return c, nil
}

func list(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (page.Page[Credential], error) {
	before, err := r.AfterID()
	if err != nil {
		return page.Page[Credential]{}, err
	}
	rows, err := db.ListCredentials(ctx, tx, certificatedb.ListCredentialsParams{
		Agency: f.Agency, Status: string(f.Status), Number: f.Number, HolderID: f.Holder, Before: before, Count: int32(r.Limit() + 1),
	})
	if err != nil {
		return page.Page[Credential]{}, err
	}
	out := make([]Credential, 0, len(rows))
	for _, row := range rows {
		c := Credential{
			ID: row.ID, Number: row.Number, Type: row.Type, Agency: row.Agency, Holder: row.HolderID, Subject: row.Subject,
			SubjectID: row.SubjectID, Lang: row.Lang, Status: Status(row.Status), Reason: row.Reason, IssuedAt: row.IssuedAt,
			ExpiresAt: row.ExpiresAt,
		}
		if row.DocumentID != nil {
			c.Document = *row.DocumentID
		}
		if err := json.Unmarshal(row.AgencyName, &c.AgencyName); err != nil {
			return page.Page[Credential]{}, err
		}
		if err := json.Unmarshal(row.Title, &c.Title); err != nil {
			return page.Page[Credential]{}, err
		}
		out = append(out, c)
	}
	return page.Of(r, out, func(c Credential) []string { return []string{c.ID.String()} }), nil
}

func setStatus(ctx context.Context, tx *pg.Tx, credential uuid.UUID, to Status, reason string) (bool, error) {
	n, err := db.SetCredentialStatus(ctx, tx, certificatedb.SetCredentialStatusParams{Status: string(to), Reason: reason, ID: credential})
	return n == 1, err
}

func setPDF(ctx context.Context, tx *pg.Tx, credential, document uuid.UUID, sum []byte) (bool, error) {
	n, err := db.SetCredentialPDF(ctx, tx, certificatedb.SetCredentialPDFParams{DocumentID: &document, PdfSha256: sum, ID: credential})
	return n == 1, err
}

// openList returns a status list of the agency that has room, locked; a new one where none has.
func openList(ctx context.Context, tx *pg.Tx, agency string) (uuid.UUID, error) {
	row, err := db.LockOpenList(ctx, tx, agency)
	if !pg.NotFound(err) {
		return row.ID, err
	}
	fresh := id.New()
	return fresh, db.InsertList(ctx, tx, certificatedb.InsertListParams{ID: fresh, Agency: agency, CreatedAt: tx.Now})
}

func indexTaken(ctx context.Context, tx *pg.Tx, list uuid.UUID, index int) (bool, error) {
	return db.IndexTaken(ctx, tx, certificatedb.IndexTakenParams{ListID: list, ListIndex: int32(index)})
}

func statuses(ctx context.Context, tx *pg.Tx, list uuid.UUID) (agency string, entries map[int]Status, err error) {
	agency, err = db.GetList(ctx, tx, list)
	if pg.NotFound(err) {
		return "", nil, ErrNotFound
	}
	if err != nil {
		return "", nil, err
	}
	rows, err := db.ListStatuses(ctx, tx, list)
	entries = make(map[int]Status, len(rows))
	for _, row := range rows {
		entries[int(row.ListIndex)] = Status(row.Status)
	}
	return agency, entries, err
}
