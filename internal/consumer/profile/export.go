package profile

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/consumer/profile/internal/profiledb"
	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// exportLife is for how long a copy of somebody's data can be fetched.
const exportLife = 7 * 24 * time.Hour

// exportMost is how many bytes of documents go into a copy; those beyond are named in it.
const exportMost = 128 << 20

// ErrNoExport says that there is no copy of that id to fetch, or no more.
var ErrNoExport = fault.NotFound("profile.no_export")

// Export is a copy of all that the state keeps about a person.
type Export struct {
	ID        uuid.UUID
	Status    string // making, ready, expired
	Document  uuid.UUID
	AskedAt   time.Time
	ExpiresAt *time.Time // once it is ready
}

// Portion is what one module keeps about a person: Data goes into <Name>.json, the documents into files/<Path>.
type Portion struct {
	Name  string
	Data  any
	Files []PortionFile
}

// PortionFile is a document that goes into a copy, under a path that says what it is.
type PortionFile struct {
	Path     string
	Document uuid.UUID
}

// Source tells what a module keeps about a person. It runs as that person.
type Source func(ctx context.Context, tx *pg.Tx, person uuid.UUID) (Portion, error)

// AddSource has copies hold what another module keeps.
func (s *Service) AddSource(of Source) { s.sources = append(s.sources, of) }

// ExportArgs names the copy to be made.
type ExportArgs struct {
	job.Tenant
	Export uuid.UUID `json:"export"`
}

// Kind is the job's name.
func (ExportArgs) Kind() string { return "profile.export" }

// JobTimeout leaves time for many documents.
func (ExportArgs) JobTimeout() time.Duration { return 10 * time.Minute }

// ExpireExportArgs names the copy whose time is over.
type ExpireExportArgs struct {
	job.Tenant
	Export uuid.UUID `json:"export"`
}

// Kind is the job's name.
func (ExpireExportArgs) Kind() string { return "profile.expire_export" }

// AskExport has a copy of all the person's data made, unless one is being made or can be fetched already. Permission: one's own, freshly
// proved, which the page asks for. Errors: ErrForbidden, ErrNotFound.
func (s *Service) AskExport(ctx context.Context, tx *pg.Tx, account uuid.UUID, lang string) (err error) {
	defer fault.Wrap(&err, "profile.AskExport(%s)", account)
	if err := own(tx, account); err != nil {
		return err
	}
	if _, err := getPerson(ctx, tx, account); err != nil {
		return err
	}
	if have, err := s.Export(ctx, tx, account); err == nil && have.Status != "expired" {
		return nil
	} else if err != nil && !errors.Is(err, ErrNoExport) {
		return err
	}
	export := id.New()
	if err := queries.InsertExport(ctx, tx, profiledb.InsertExportParams{ID: export, AccountID: account, Lang: lang, Now: tx.Now}); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, &ExportArgs{Export: export}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "profile.export.ask", Object: "profile.export", ObjectID: export, Person: account})
}

// Export returns the last copy that the person asked for. Permission: one's own. Errors: ErrForbidden, ErrNoExport.
func (s *Service) Export(ctx context.Context, tx *pg.Tx, account uuid.UUID) (e Export, err error) {
	defer fault.Wrap(&err, "profile.Export(%s)", account)
	if err := own(tx, account); err != nil {
		return e, err
	}
	row, err := queries.LastExport(ctx, tx, account)
	if pg.NotFound(err) {
		return e, ErrNoExport
	}
	e = Export{ID: row.ID, Status: row.Status, AskedAt: row.AskedAt, ExpiresAt: row.ExpiresAt}
	if row.DocumentID != nil {
		e.Document = *row.DocumentID
	}
	return e, err
}

// makeExport collects the copy as the person, who asked for it: each document in a transaction of its own, the archive in none. Running twice
// keeps the first one.
func (s *Service) makeExport(ctx context.Context, db *pg.DB, j *river.Job[ExportArgs]) (err error) {
	defer fault.Wrap(&err, "profile.makeExport(%s)", j.Args.Export)
	var row profiledb.GetExportRow
	var portions []Portion
	var guests []uuid.UUID
	var texts *i18n.Catalog
	system := job.Scope(j)
	if err := db.InTx(ctx, system, func(ctx context.Context, tx *pg.Tx) (err error) {
		if row, err = queries.GetExport(ctx, tx, j.Args.Export); err != nil {
			return err
		}
		if texts, err = s.deps.Texts(ctx, tx); err != nil {
			return err
		}
		guests, err = s.keeper.Guests(ctx, tx, row.AccountID)
		return err
	}); err != nil || row.Status != "making" {
		return err
	}
	person := system
	person.Actor = pg.Actor{Kind: "person", ID: row.AccountID, Guests: guests, RequestID: system.Actor.RequestID}
	if err := db.InTx(ctx, person, func(ctx context.Context, tx *pg.Tx) error {
		for _, source := range s.sources {
			p, err := source(ctx, tx, row.AccountID)
			if err != nil {
				return err
			}
			portions = append(portions, p)
		}
		return nil
	}); err != nil {
		return err
	}
	content, err := s.archive(ctx, db, person, row, portions, texts)
	if err != nil {
		return err
	}
	return db.InTx(ctx, system, func(ctx context.Context, tx *pg.Tx) error { return s.keepExport(ctx, tx, row, content) })
}

// archive writes the ZIP: a README in plain words, what is known as JSON, and the documents.
func (s *Service) archive(ctx context.Context, db *pg.DB, scope pg.Scope, row profiledb.GetExportRow, portions []Portion, texts *i18n.Catalog) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	var left []string
	var total int64
	for _, p := range portions {
		data, err := json.MarshalIndent(p.Data, "", "  ")
		if err != nil {
			return nil, err
		}
		if err := put(z, p.Name+".json", append(data, '\n')); err != nil {
			return nil, err
		}
		for _, f := range p.Files {
			var body bytes.Buffer
			err := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
				meta, err := s.deps.Documents.File(ctx, tx, f.Document)
				if err != nil {
					return err
				}
				if total += meta.Size; total > exportMost {
					return errFull
				}
				return s.deps.Documents.Read(ctx, tx, f.Document, &body)
			})
			if unreadable(err) {
				left = append(left, f.Path)
				continue
			}
			if err != nil {
				return nil, err
			}
			if err := put(z, "files/"+clean(f.Path), body.Bytes()); err != nil {
				return nil, err
			}
		}
	}
	if err := put(z, "README.txt", []byte(readme(row, portions, left, texts))); err != nil {
		return nil, err
	}
	err := z.Close()
	return out.Bytes(), err
}

var errFull = errors.New("the copy is full")

// unreadable reports whether a document cannot go into a copy, however often it is tried: gone, infected, still scanned, one too many.
func unreadable(err error) bool {
	return errors.Is(err, errFull) || errors.Is(err, document.ErrNotFound) || errors.Is(err, document.ErrInfected) || errors.Is(err, document.ErrWaiting)
}

func put(z *zip.Writer, name string, content []byte) error {
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, bytes.NewReader(content))
	return err
}

// clean keeps a path within its folder, whatever the name of a document is.
func clean(name string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)), "/")
}

// readme says in plain words what is in the copy, and what is not.
func readme(row profiledb.GetExportRow, portions []Portion, left []string, texts *i18n.Catalog) string {
	say := func(key string, args map[string]any) string { return texts.T(row.Lang, key, args) }
	lines := []string{say("export.readme.title", nil), "", say("export.readme.text", map[string]any{"date": row.AskedAt.Format("2006-01-02")}), ""}
	for _, p := range portions {
		lines = append(lines, fmt.Sprintf("%s.json: %s", p.Name, say("export.part."+p.Name, nil)))
	}
	lines = append(lines, "files/: "+say("export.part.files", nil), "", say("export.readme.not", nil))
	if len(left) > 0 {
		lines = append(append(lines, "", say("export.readme.left", nil)), left...)
	}
	return strings.Join(lines, "\r\n") + "\r\n"
}

// keepExport stores the archive, tells the person and sets the day on which it goes.
func (s *Service) keepExport(ctx context.Context, tx *pg.Tx, row profiledb.GetExportRow, content []byte) error {
	f, err := s.deps.Documents.Store(ctx, tx, document.Store{
		Name: "data-" + row.AskedAt.Format("2006-01-02") + ".zip", Person: row.AccountID, Purpose: "profile.export", Accept: []string{"application/zip"}, MaxSize: 2 * exportMost,
	}, bytes.NewReader(content))
	if err != nil {
		return err
	}
	until := tx.Now.Add(exportLife)
	n, err := queries.SetExportReady(ctx, tx, profiledb.SetExportReadyParams{ID: row.ID, DocumentID: f.ID, Now: tx.Now, ExpiresAt: until})
	if err != nil {
		return err
	}
	if n == 0 { // another run was faster
		return s.deps.Documents.Delete(ctx, tx, f.ID)
	}
	if err := tx.At(ctx, until, "profile.expire_export:"+row.ID.String(), &ExpireExportArgs{Export: row.ID}); err != nil {
		return err
	}
	return s.tell(ctx, tx, row.AccountID, row.Lang, "export", row.ID.String(), nil)
}

func (s *Service) expireExport(ctx context.Context, tx *pg.Tx, a ExpireExportArgs) error {
	row, err := queries.GetExport(ctx, tx, a.Export)
	if err != nil || row.DocumentID == nil {
		return err
	}
	if err := s.deps.Documents.Delete(ctx, tx, *row.DocumentID); err != nil && !errors.Is(err, document.ErrNotFound) {
		return err
	}
	return queries.SetExportExpired(ctx, tx, row.ID)
}
