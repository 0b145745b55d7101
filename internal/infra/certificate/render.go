package certificate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
)

// RenderArgs names the credential whose PDF is to be made.
type RenderArgs struct {
	job.Tenant
	Credential uuid.UUID `json:"credential"`
}

// Kind is the job's name.
func (RenderArgs) Kind() string { return "certificate.render" }

// Register registers the making of PDFs.
func (s *Service) Register(r *job.Registry) { job.Add(r, s.render) }

// render makes the PDF outside of any transaction, then keeps it. Running twice keeps the first one.
func (s *Service) render(ctx context.Context, db *pg.DB, j *river.Job[RenderArgs]) error {
	var c Credential
	var url string
	var zone *time.Location
	var texts *i18n.Catalog
	err := db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		if c, err = s.get(ctx, tx, j.Args.Credential); err != nil {
			return err
		}
		set, err := s.deps.Settings.Settings(ctx, tx)
		if err != nil {
			return err
		}
		zone = set.Location()
		if texts, err = s.deps.Texts(ctx, tx); err != nil {
			return err
		}
		url, err = s.VerifyURL(ctx, tx, c)
		return err
	})
	if err != nil || c.Document != uuid.Nil {
		return err
	}
	var file bytes.Buffer
	if _, err := layOut(c, url, zone, texts).WriteTo(&file); err != nil {
		return err
	}
	return db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error {
		stored, err := s.deps.Documents.Store(ctx, tx, document.Store{
			Name: c.Number + ".pdf", Person: c.Holder, Purpose: "certificate", Accept: []string{"application/pdf"},
		}, bytes.NewReader(file.Bytes()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(file.Bytes())
		first, err := setPDF(ctx, tx, c.ID, stored.ID, sum[:])
		if err != nil {
			return err
		}
		if !first {
			return s.deps.Documents.Delete(ctx, tx, stored.ID)
		}
		return tx.Publish(ctx, Rendered{Credential: c.ID, SubjectID: c.SubjectID})
	})
}

// Specimen writes the PDF of a certificate that nobody has issued, for whoever designs one: url stands where the address of
// the real one's check does, and texts has the sentences. Nothing is kept.
func (s *Service) Specimen(w io.Writer, c Credential, url string, zone *time.Location, texts *i18n.Catalog) error {
	_, err := layOut(c, url, zone, texts).WriteTo(w)
	return err
}

// layOut lays the certificate out: who certifies, what, and how anybody can check it.
func layOut(c Credential, url string, zone *time.Location, texts *i18n.Catalog) *pdf.Document {
	say := func(key string, args map[string]any) string { return texts.T(c.Lang, key, args) }
	title, agency := c.Title.In(c.Lang, "en"), c.AgencyName.In(c.Lang, "en")
	d := pdf.New(pdf.Meta{Title: title + " " + c.Number, Author: agency, Subject: c.Number, Language: c.Lang, Created: c.IssuedAt})
	d.Theme(pdf.Theme{Frame: true, CenterHeadings: true})
	d.Footer(say("paper.footer", map[string]any{"number": c.Number}))
	d.Seal(initials(agency), 22, agency, pdf.Center)
	d.Space(4)
	d.Paragraph(agency, pdf.Style{Size: 12, Bold: true, Align: pdf.Center})
	d.Heading(title, 1)
	if body := c.Body.In(c.Lang, "en"); body != "" {
		d.Paragraph(body, pdf.Style{Align: pdf.Center})
	}
	d.Space(8)
	rows := make([][2]string, 0, len(c.Claims)+4)
	for _, cl := range c.Claims {
		rows = append(rows, [2]string{cl.Label.In(c.Lang, "en"), cl.Shown})
	}
	rows = append(rows, [2]string{say("paper.number", nil), c.Number})
	if !slices.ContainsFunc(c.Claims, func(cl Claim) bool { return cl.Shown == c.Reference }) { // else it stands there already
		rows = append(rows, [2]string{say("paper.reference", nil), c.Reference})
	}
	rows = append(rows, [2]string{say("paper.issued", nil), i18n.FormatDate(c.Lang, c.IssuedAt, zone)})
	if c.ExpiresAt != nil {
		rows = append(rows, [2]string{say("paper.expires", nil), i18n.FormatDate(c.Lang, *c.ExpiresAt, zone)})
	}
	d.KeyValues(rows)
	d.Space(8)
	d.Columns([]float64{1, 2},
		func(f *pdf.Flow) { f.QR(url, 42, say("paper.scan", nil), pdf.Start) },
		func(f *pdf.Flow) {
			f.Panel(func(f *pdf.Flow) {
				f.Paragraph(say("paper.verify_title", nil), pdf.Style{Size: 10, Bold: true})
				f.Paragraph(say("paper.verify_text", map[string]any{"url": url[:strings.LastIndex(url, "/")]}), pdf.Style{Size: 9})
			})
		})
	d.Attach(attachment, "application/dc+sd-jwt", []byte(c.SDJWT))
	return d
}

// initials are the first letters of up to three words of an agency's name, for the seal; small words are left out.
func initials(name string) string {
	var out []rune
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if letters := []rune(word); len(letters) > 3 && len(out) < 3 {
			out = append(out, unicode.ToUpper(letters[0]))
		}
	}
	return string(out)
}
