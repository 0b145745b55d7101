package form

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
	"digit/web/locale"
)

// Sheet is a whole form at once, before anybody has answered anything: every question with its conditions in words. It is what is
// printed for who fills in on paper, and what programmers read.
type Sheet struct {
	Title, Agency string
	Lang, Dir     string
	Pages         []SheetPage
}

// SheetPage is a page of a sheet.
type SheetPage struct {
	Title, Hint, When string
	Items             []SheetItem
}

// SheetItem is a question of a sheet. Number counts them, 2.3 being the third of page 2.
type SheetItem struct {
	Number, Code, Kind string
	Label, Hint        string
	When               string // in which cases it is asked, in words
	Must               string // in which cases it must be answered, in words; "" with Optional false for always
	Optional           bool
	Valid              string // what an answer must fulfil, in words
	Limits             []string
	Options            []SheetOption
	Unit               string
	Lines              int
	Fields             []SheetItem // of a row
	Rows               int         // rows to leave room for
}

// SheetOption is an answer to tick.
type SheetOption struct{ Code, Label, When string }

// Asks reports whether the item has room for an answer.
func (i SheetItem) Asks() bool {
	return i.Kind != servicespec.KindInfo && i.Kind != servicespec.KindComputed
}

// sheetMaker writes a sheet in one language.
type sheetMaker struct {
	pack *servicespec.Pack
	say  locale.Saying
	t    func(key string, args ...any) string
}

// SheetOf writes out the form of a pack in a language. currency is that of its amounts.
func SheetOf(pack *servicespec.Pack, texts *i18n.Catalog, lang, currency string) Sheet {
	m := sheetMaker{pack: pack, say: locale.Saying{Texts: texts, Lang: lang, Fallback: pack.Languages[0], Currency: currency}}
	m.t = func(key string, args ...any) string {
		named := map[string]any{}
		for i := 0; i+1 < len(args); i += 2 {
			named[args[i].(string)] = args[i+1]
		}
		return texts.T(lang, key, named)
	}
	s := Sheet{Title: m.text(pack.Name), Lang: lang, Dir: i18n.Dir(lang)}
	for i := range pack.Form.Pages {
		pg := &pack.Form.Pages[i]
		at := fmt.Sprintf("form.pages.%d", i)
		p := SheetPage{Title: m.text(pg.Title), Hint: m.text(pg.Hint), When: m.words(pg.When, at+".when")}
		n := 0
		for j := range pg.Questions {
			q := &pg.Questions[j]
			if q.Kind == servicespec.KindComputed {
				continue
			}
			if q.Kind != servicespec.KindInfo {
				n++
			}
			p.Items = append(p.Items, m.item(q, fmt.Sprintf("%s.questions.%d", at, j), fmt.Sprintf("%d.%d", i+1, n)))
		}
		s.Pages = append(s.Pages, p)
	}
	return s
}

// text writes a text with the answers that it speaks of as the questions that ask for them.
func (m sheetMaker) text(t i18n.Text) string {
	words := t.In(m.say.Lang, m.say.Fallback)
	if !strings.Contains(words, "{") {
		return words
	}
	fields := map[string]string{}
	for _, pg := range m.pack.Form.Pages {
		for _, q := range pg.Questions {
			fields[q.Code] = "(" + q.Label.In(m.say.Lang, m.say.Fallback) + ")"
			for _, f := range q.Fields {
				label := "(" + f.Label.In(m.say.Lang, m.say.Fallback) + ")"
				fields["row."+f.Code], fields[q.Row+"."+f.Code] = label, label
			}
		}
	}
	return servicespec.Fill(words, fields)
}

// words says a condition that stands at a place of the pack.
func (m sheetMaker) words(expr, path string) string {
	if expr == "" || expr == "true" || expr == "false" {
		return ""
	}
	say := m.say
	say.Names = servicespec.VariablesAt(m.pack, path)
	return say.Plain(servicespec.ReadClause(expr))
}

// asked says in which cases something is asked, as a sentence.
func (m sheetMaker) asked(expr, path string) string {
	if words := m.words(expr, path); words != "" {
		return m.t("sheet.when", "when", words)
	}
	return ""
}

func (m sheetMaker) item(q *servicespec.Question, at, number string) SheetItem {
	x := SheetItem{
		Number: number, Code: q.Code, Kind: q.Kind, Label: m.text(q.Label), Hint: m.text(q.Hint), When: m.asked(q.When, at+".when"),
		Must: m.words(q.Required, at+".required"), Optional: q.Required == "false", Valid: m.words(q.Valid, at+".valid"), Unit: q.Unit, Lines: max(1, q.Lines),
	}
	if x.Valid != "" && !q.Message.IsZero() {
		x.Valid = m.text(q.Message)
	}
	x.Limits = m.limits(q)
	switch q.Kind {
	case servicespec.KindLongText:
		x.Lines = max(4, q.Lines)
	case servicespec.KindAddress:
		x.Lines = 3
	case servicespec.KindMoney:
		x.Unit = m.say.Currency
	case servicespec.KindYesNo:
		x.Options = []SheetOption{{Code: "true", Label: m.t("answer.yes")}, {Code: "false", Label: m.t("answer.no")}}
	case servicespec.KindChoice, servicespec.KindChoices:
		for i, o := range q.Options {
			x.Options = append(x.Options, SheetOption{o.Code, m.text(o.Label), m.asked(o.When, at+".options."+strconv.Itoa(i)+".when")})
		}
	case servicespec.KindDocument:
		m.document(q, &x)
	case servicespec.KindGroup:
		n := 0
		for k := range q.Fields {
			if q.Fields[k].Kind == servicespec.KindComputed {
				continue
			}
			n++
			x.Fields = append(x.Fields, m.item(&q.Fields[k], fmt.Sprintf("%s.fields.%d", at, k), fmt.Sprintf("%s.%d", number, n)))
		}
		x.Rows = 3
		if q.Max != nil {
			x.Rows = min(x.Rows, int(*q.Max))
		}
		if q.Min != nil {
			x.Rows = max(x.Rows, min(6, int(*q.Min)))
		}
	}
	return x
}

// document says what a document is called, when it is needed, and by what it can be proved.
func (m sheetMaker) document(q *servicespec.Question, x *SheetItem) {
	i := slices.IndexFunc(m.pack.Documents, func(d servicespec.Document) bool { return d.Code == q.Code })
	if i < 0 {
		return
	}
	d := m.pack.Documents[i]
	if x.Label == "" {
		x.Label = m.text(d.Name)
	}
	if x.Hint == "" {
		x.Hint = m.text(d.Hint)
	}
	if x.When == "" {
		x.When = m.asked(d.When, fmt.Sprintf("documents.%d.when", i))
	}
	x.Optional = x.Optional || d.Optional
	for _, p := range d.Proofs {
		x.Options = append(x.Options, SheetOption{Code: p.Code, Label: m.text(p.Name)})
	}
}

// limits says how large or how long an answer may be.
func (m sheetMaker) limits(q *servicespec.Question) (out []string) {
	number := func(x *float64) string {
		if q.Kind == servicespec.KindMoney {
			return i18n.FormatMoney(m.say.Lang, money.Amount{Minor: int64(*x), Currency: m.say.Currency})
		}
		return i18n.FormatDecimal(m.say.Lang, *x)
	}
	if q.Kind == servicespec.KindNumber || q.Kind == servicespec.KindMoney || q.Kind == servicespec.KindChoices || q.Kind == servicespec.KindGroup {
		if q.Min != nil {
			out = append(out, m.t("sheet.least", "n", number(q.Min)))
		}
		if q.Max != nil {
			out = append(out, m.t("sheet.most", "n", number(q.Max)))
		}
	}
	if q.MaxLength > 0 {
		out = append(out, m.t("sheet.length", "n", q.MaxLength))
	}
	return out
}

// sheetRows are the numbers of the rows to leave room for.
func (i SheetItem) sheetRows() []int {
	out := make([]int, i.Rows)
	for n := range out {
		out[n] = n + 1
	}
	return out
}

// tabled reports whether the rows of a group fit side by side on paper.
func (i SheetItem) tabled() bool {
	if len(i.Fields) > tableColumns {
		return false
	}
	return !slices.ContainsFunc(i.Fields, func(f SheetItem) bool {
		return f.When != "" || len(f.Options) > 3 || slices.Contains([]string{servicespec.KindLongText, servicespec.KindAddress, servicespec.KindFile, servicespec.KindInfo, servicespec.KindDeclaration}, f.Kind)
	})
}

// textLines are the lines to write on.
func (i SheetItem) textLines() []int { return make([]int, i.Lines) }
