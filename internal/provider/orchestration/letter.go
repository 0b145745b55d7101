package orchestration

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
	"digit/internal/provider/workflow"
)

// Letter is a letter that an action has sent. Document is uuid.Nil until the PDF is made.
type Letter struct {
	ID        uuid.UUID
	Code      string
	Number    string
	Title     i18n.Text
	Document  uuid.UUID
	WrittenAt time.Time
}

// words are a letter's, filled in.
type words struct {
	Title  i18n.Text `json:"title"`
	Body   i18n.Text `json:"body"`
	Agency i18n.Text `json:"agency"`
	Name   string    `json:"name"`
}

// LetterArgs names the letter whose PDF is to be made.
type LetterArgs struct {
	job.Tenant
	Letter uuid.UUID `json:"letter"`
}

// Kind is the job's name.
func (LetterArgs) Kind() string { return "orchestration.letter" }

// Register registers the making of letters, the taking effect of held decisions, what becomes of opinions that are late, notices to
// who is asked for one, and the making of indexes of names received before there were any.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.print)
	job.Add(r, s.carryOut)
	job.AddTx(r, s.indexNames)
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, a OpinionArgs) error { return s.late(ctx, tx, a.Opinion) })
	job.AddTx(r, s.tellConsulted)
	job.Every(r, indexEvery, IndexNamesArgs{})
}

func wordsPlace(letter uuid.UUID) encryption.Place {
	return encryption.Place{Table: "orchestration.letter", Column: "words", Row: letter}
}

// write sends the letter of a code, or ("") all whose condition holds: the words are kept as they are now, the PDF is made afterwards.
func (s *Service) write(ctx context.Context, tx *pg.Tx, app Application, svc *servicespec.Service, m workflow.Moved, code string) error {
	sheet, err := s.sheet(ctx, tx, app, svc)
	if err != nil {
		return err
	}
	for _, l := range svc.LettersOf(code, app.Answers, sheet.facts) {
		w := words{Title: i18n.Text{}, Body: i18n.Text{}, Agency: sheet.agency, Name: app.Name}
		for lang := range l.Title {
			fields := s.fields(app, svc, sheet.facts, lang, m.Comment, l.Title, l.Body)
			w.Title[lang], w.Body[lang] = servicespec.Fill(l.Title[lang], fields), servicespec.Fill(l.Body.In(lang, svc.Pack().Languages[0]), fields)
		}
		if err := s.insertLetter(ctx, tx, app, l, w, m.Instance.Rev); err != nil {
			return err
		}
	}
	return nil
}

// fields are what the merge fields of letters and of notices to staff are filled with: what is known of the case, and answers.
func (s *Service) fields(app Application, svc *servicespec.Service, f servicespec.Facts, lang, comment string, texts ...i18n.Text) map[string]string {
	first := svc.Pack().Languages[0]
	fields := map[string]string{}
	said := svc.Words(lang, f)
	for _, t := range texts {
		maps.Copy(fields, svc.AnswerFields(t, app.Answers, f, lang, said))
	}
	state := i18n.Text{}
	if st := svc.StateOf(app.Case.State); st != nil {
		if state = st.CitizenName; state.IsZero() {
			state = st.Name
		}
	}
	maps.Copy(fields, map[string]string{
		"reference": app.Reference, "service": svc.Pack().Name.In(lang, first), "state": state.In(lang, first), "name": app.Name, "receipt": app.Receipt,
		"certificate": app.Certificate, "comment": comment, "link": "", "amount": "", "promised": "",
	})
	if app.Case.TotalDueAt != nil {
		zone := time.UTC
		if f.Calendar != nil && f.Calendar.Zone != nil {
			zone = f.Calendar.Zone
		}
		fields["promised"] = i18n.FormatDateLong(lang, *app.Case.TotalDueAt, zone)
	}
	return fields
}

func (s *Service) insertLetter(ctx context.Context, tx *pg.Tx, app Application, l servicespec.Letter, w words, rev int64) (err error) {
	p := orchestrationdb.InsertLetterParams{ID: id.New(), ApplicationID: app.ID, Rev: rev, Code: l.Code, WrittenAt: tx.Now}
	if l.Number != "" {
		if p.Number, err = s.deps.World.NextNumber(ctx, tx, l.Number); err != nil {
			return err
		}
	}
	plain, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if p.Words, err = s.deps.Sealer.Seal(ctx, tx, app.Person, wordsPlace(p.ID), plain); err != nil {
		return err
	}
	if n, err := db.InsertLetter(ctx, tx, p); err != nil || n == 0 {
		return err
	}
	return tx.Enqueue(ctx, &LetterArgs{Letter: p.ID})
}

// paper is a letter with what its PDF needs.
type paper struct {
	words
	app    Application
	number string
	at     time.Time
	zone   *time.Location
	texts  *i18n.Catalog
	made   bool
}

// print makes the PDF of a letter outside of any transaction, keeps it and tells the person. Running twice keeps the first one.
func (s *Service) print(ctx context.Context, db *pg.DB, j *river.Job[LetterArgs]) error {
	var p paper
	err := db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = s.paper(ctx, tx, j.Args.Letter)
		return err
	})
	if err != nil || p.made {
		return err
	}
	var file bytes.Buffer
	if _, err := p.lay().WriteTo(&file); err != nil {
		return err
	}
	return db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error { return s.keep(ctx, tx, j.Args.Letter, p, file.Bytes()) })
}

func (s *Service) paper(ctx context.Context, tx *pg.Tx, letter uuid.UUID) (p paper, err error) {
	l, err := db.GetLetter(ctx, tx, letter)
	if err != nil {
		return p, err
	}
	p.number, p.at, p.made = l.Number, l.WrittenAt, l.DocumentID != nil
	if p.app, err = s.load(ctx, tx, l.ApplicationID); err != nil {
		return p, err
	}
	plain, err := s.deps.Sealer.Open(ctx, tx, p.app.Person, wordsPlace(letter), l.Words)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(plain, &p.words); err != nil {
		return p, err
	}
	if p.texts, err = s.deps.Texts(ctx, tx); err != nil {
		return p, err
	}
	set, err := s.deps.Settings.Settings(ctx, tx)
	p.zone = set.Location()
	return p, err
}

// lay lays the letter out: from whom, to whom, about what, and the words.
func (p paper) lay() *pdf.Document {
	lang := p.app.Lang
	title, agency := p.Title.In(lang, "en"), p.Agency.In(lang, "en")
	say := func(key string, args map[string]any) string { return p.texts.T(lang, key, args) }
	d := pdf.New(pdf.Meta{Title: title + " " + p.app.Reference, Author: agency, Subject: p.app.Reference, Language: lang, Created: p.at})
	number := p.number
	if number == "" {
		number = p.app.Reference
	}
	d.Footer(say("paper.footer", map[string]any{"number": number}))
	d.Paragraph(agency, pdf.Style{Size: 12, Bold: true})
	d.Space(4)
	rows := [][2]string{{say("paper.to", nil), p.Name}, {say("paper.reference", nil), p.app.Reference}}
	if p.number != "" {
		rows = append(rows, [2]string{say("paper.number", nil), p.number})
	}
	d.KeyValues(append(rows, [2]string{say("paper.date", nil), i18n.FormatDate(lang, p.at, p.zone)}))
	d.Space(6)
	d.Heading(title, 1)
	d.Paragraph(p.Body.In(lang, "en"), pdf.Style{})
	return d
}

// keep stores the PDF of a letter and tells the person that it is there.
func (s *Service) keep(ctx context.Context, tx *pg.Tx, letter uuid.UUID, p paper, content []byte) error {
	number := p.number
	if number == "" {
		number = p.app.Reference
	}
	stored, err := s.deps.Documents.Store(ctx, tx, document.Store{
		Name: number + ".pdf", Person: p.app.Person, Purpose: "letter", Accept: []string{"application/pdf"},
	}, bytes.NewReader(content))
	if err != nil {
		return err
	}
	n, err := db.SetLetterDocument(ctx, tx, orchestrationdb.SetLetterDocumentParams{ID: letter, DocumentID: stored.ID})
	if err != nil {
		return err
	}
	if n == 0 {
		return s.deps.Documents.Delete(ctx, tx, stored.ID)
	}
	app, found, err := s.application(ctx, tx, p.app.ID)
	if err != nil || !found {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{Kind: exchange.Letter, Title: p.Title, Document: stored.ID})
}

// Letters returns the letters that were sent in an application, the first first. Whether the caller may see them is the caller's to decide.
func (s *Service) Letters(ctx context.Context, tx *pg.Tx, app Application) (list []Letter, err error) {
	rows, err := db.ListLetters(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, wordsPlace(r.ID), r.Words)
		if err != nil {
			return nil, err
		}
		var w words
		if err := json.Unmarshal(plain, &w); err != nil {
			return nil, err
		}
		list = append(list, Letter{ID: r.ID, Code: r.Code, Number: r.Number, Title: w.Title, Document: given(r.DocumentID), WrittenAt: r.WrittenAt})
	}
	return list, nil
}

func (s *Service) sealedLetters(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageLetters(ctx, tx, orchestrationdb.PageLettersParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			l, err := db.LockLetter(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Sealer.Reseal(ctx, tx, l.PersonID, wordsPlace(r.ID), l.Words)
			if err != nil {
				return err
			}
			return db.SetLetterWords(ctx, tx, orchestrationdb.SetLetterWordsParams{ID: r.ID, Words: fresh})
		}, r.Words))
	}
	return rows, err
}
