package catalog

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

const (
	// elsewhereMost is how many services on other sites a state can list: they are looked through one by one.
	elsewhereMost = 1000
	// urlMost is how long an address of another site may be, in bytes.
	urlMost = 1000
	// elsewhereNameMost and elsewhereSummaryMost are how many characters their texts may have in each language.
	elsewhereNameMost, elsewhereSummaryMost = 200, 1000
)

// Elsewhere is a service that is delivered on another site: the catalogue says what it is, and leads there. Languages are those in which that
// site speaks. Agency is the code of the one that answers for the entry.
type Elsewhere struct {
	ID            uuid.UUID
	Agency        string
	Name, Summary i18n.Text
	Languages     []string
	LifeEvents    []string
	URL           string // https
	Status        string // StatusPublished or StatusWithdrawn
	ChangedAt     time.Time
}

// Host is the other site's, as the address has it: names that are not of plain letters stay in the form that cannot be taken for another.
func (e Elsewhere) Host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// check returns what is wrong with an entry. Errors: ErrElsewhere with its fields.
func (e Elsewhere) check(main string) error {
	var wrong []fault.Field
	bad := func(path, code string, args map[string]any) {
		wrong = append(wrong, fault.Field{Path: path, Code: "catalog.elsewhere." + code, Args: args})
	}
	if strings.TrimSpace(e.Name[main]) == "" {
		bad("name."+main, "name", nil)
	}
	if strings.TrimSpace(e.Summary[main]) == "" {
		bad("summary."+main, "summary", nil)
	}
	for path, text := range map[string]i18n.Text{"name": e.Name, "summary": e.Summary} {
		most := map[string]int{"name": elsewhereNameMost, "summary": elsewhereSummaryMost}[path]
		for lang, s := range text {
			if len([]rune(s)) > most {
				bad(path+"."+lang, "long", map[string]any{"max": most})
			}
		}
	}
	if !safe(e.URL) {
		bad("url", "url", nil)
	}
	if e.Agency == "" {
		bad("agency", "agency", nil)
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return ErrElsewhere.WithFields(wrong...)
}

// safe reports whether people can be led to an address: encrypted, of a site with a name of its own, and hiding nothing before it.
func safe(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= urlMost && u.Scheme == "https" && u.User == nil && strings.Contains(u.Hostname(), ".") && net.ParseIP(u.Hostname()) == nil &&
		!strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' })
}

// PutElsewhere lists a service that is delivered on another site, or changes what is said of it; a new one has no ID and is given one. Texts are
// needed in the state's own language. Permission: catalog:publish in the agency, and in the one that answered for it before.
// Errors: ErrForbidden, ErrElsewhere, ErrUnknown, ErrTooMany.
func (s *Service) PutElsewhere(ctx context.Context, tx *pg.Tx, by identity.Principal, e Elsewhere) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "catalog.PutElsewhere(%s)", e.ID)
	if err := authorise(tx, by, Publish, e.Agency); err != nil {
		return e.ID, err
	}
	set, err := s.settings.Settings(ctx, tx)
	if err != nil {
		return e.ID, err
	}
	if err := e.check(set.DefaultLanguage); err != nil {
		return e.ID, err
	}
	if e.ID == uuid.Nil {
		if err := roomElsewhere(ctx, tx); err != nil {
			return e.ID, err
		}
		e.ID = id.New()
	} else {
		before, err := lockElsewhere(ctx, tx, e.ID)
		if err != nil {
			return e.ID, err
		}
		if err := authorise(tx, by, Publish, before.Agency); err != nil {
			return e.ID, err
		}
	}
	if err := putElsewhere(ctx, tx, e); err != nil {
		return e.ID, err
	}
	return e.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "catalog.elsewhere.put", Object: "catalog.elsewhere", ObjectID: e.ID, Detail: map[string]any{"agency": e.Agency, "url": e.URL, "name": e.Name[set.DefaultLanguage]},
	})
}

// WithdrawElsewhere takes an entry out of the catalogue. A second time changes nothing. Permission: catalog:publish. Errors: ErrForbidden, ErrUnknown.
func (s *Service) WithdrawElsewhere(ctx context.Context, tx *pg.Tx, by identity.Principal, which uuid.UUID) (err error) {
	defer fault.Wrap(&err, "catalog.WithdrawElsewhere(%s)", which)
	return s.setElsewhere(ctx, tx, by, which, StatusWithdrawn, "catalog.elsewhere.withdraw")
}

// RestoreElsewhere puts a withdrawn entry back. Permission: catalog:publish. Errors: ErrForbidden, ErrUnknown.
func (s *Service) RestoreElsewhere(ctx context.Context, tx *pg.Tx, by identity.Principal, which uuid.UUID) (err error) {
	defer fault.Wrap(&err, "catalog.RestoreElsewhere(%s)", which)
	return s.setElsewhere(ctx, tx, by, which, StatusPublished, "catalog.elsewhere.restore")
}

func (s *Service) setElsewhere(ctx context.Context, tx *pg.Tx, by identity.Principal, which uuid.UUID, status, action string) error {
	e, err := lockElsewhere(ctx, tx, which)
	if err != nil {
		return err
	}
	if err := authorise(tx, by, Publish, e.Agency); err != nil {
		return err
	}
	changed, err := setElsewhereStatus(ctx, tx, which, status)
	if err != nil || !changed {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "catalog.elsewhere", ObjectID: which})
}

// Elsewhere returns an entry, withdrawn ones too; what is said of one is public. Errors: ErrUnknown.
func (s *Service) Elsewhere(ctx context.Context, tx *pg.Tx, which uuid.UUID) (e Elsewhere, err error) {
	defer fault.Wrap(&err, "catalog.Elsewhere(%s)", which)
	return elsewhereRow(ctx, tx, which)
}

// Elsewheres finds the entries that a search is for, best first; without text all of them by name in the reader's language. Whom a service is for
// and what it costs is not known of another site: a search that is narrowed so finds none.
func (s *Service) Elsewheres(ctx context.Context, tx *pg.Tx, q Query) (list []Elsewhere, err error) {
	defer fault.Wrap(&err, "catalog.Elsewheres")
	terms := asked(q.Lang, q.Text)
	if q.Audience != "" || q.Cost != "" || len(terms) == 0 && strings.TrimSpace(q.Text) != "" {
		return nil, nil
	}
	every, err := elsewhereRows(ctx, tx, q.Withdrawn)
	if err != nil {
		return nil, err
	}
	agencies := slices.DeleteFunc(slices.Clone(q.Agencies), func(a string) bool { return a == "" })
	every = slices.DeleteFunc(every, func(e Elsewhere) bool {
		return len(agencies) > 0 && !slices.Contains(agencies, e.Agency) || q.LifeEvent != "" && !slices.Contains(e.LifeEvents, q.LifeEvent)
	})
	best := scoreElsewhere(every, q.Lang, terms)
	for _, e := range every {
		if len(terms) == 0 || best[e.ID] > 0 {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b Elsewhere) int {
		return cmp.Or(best[b.ID]-best[a.ID], strings.Compare(fold(a.Name.In(q.Lang, q.Lang)), fold(b.Name.In(q.Lang, q.Lang))))
	})
	return list, nil
}

// scoreElsewhere says how well each entry fits all the words; those that lack one are left out. A word that no entry has is taken for the nearest
// that one has.
func scoreElsewhere(list []Elsewhere, lang string, terms []term) map[uuid.UUID]int {
	scores := map[uuid.UUID]int{}
	if len(terms) == 0 {
		return scores
	}
	var all []word
	for _, e := range list {
		all = append(all, wordsIn(e.Name)...)
		all = append(all, wordsIn(e.Summary)...)
	}
	for i, t := range terms {
		if slices.ContainsFunc(all, func(w word) bool { return t.has(lang, w) }) {
			continue
		}
		if near, ok := nearest(t.word.form, all); ok {
			terms[i] = term{word: near, stems: stemsOf(lang, near), exact: true}
		}
	}
	for _, e := range list {
		names, summaries := wordsIn(e.Name), wordsIn(e.Summary)
		score := 0
		for _, t := range terms {
			hit := func(w word) bool { return t.has(lang, w) }
			switch {
			case slices.ContainsFunc(names, hit):
				score += weightName
			case slices.ContainsFunc(summaries, hit):
				score += weightSummary
			default:
				score = -maxWords * weightName
			}
		}
		if score > 0 {
			scores[e.ID] = score
		}
	}
	return scores
}

// wordsIn are the words of a text in all its languages: people read in one and type in another.
func wordsIn(t i18n.Text) (words []word) {
	for _, text := range t {
		words = append(words, wordsOf(text)...)
	}
	return words
}
