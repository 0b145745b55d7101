package talk_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/web/locale"
)

// paper is a form that is being answered, kept as requests keep theirs: by servicespec's own reading of a page and of a row.
type paper struct {
	dialogue.Form
	known map[string]any // an acceptable answer by question, where scenarios have one
}

// save keeps the answers of a post and returns what is wrong with the question that was asked.
func (p *paper) save(spot dialogue.Spot, inputs map[string][]string) (wrong []fault.Field) {
	posted := p.Post(spot, inputs)
	if spot.Group != "" {
		answers, bad := p.Spec.ReadRow(spot.Group, spot.Row, posted, p.Answers, p.Facts)
		rows, _ := p.Answers[spot.Group].(servicespec.Rows)
		rows = slices.Clone(rows)
		switch {
		case spot.Row < len(rows):
			rows[spot.Row] = answers
		case len(answers) > 0:
			rows = append(rows, answers)
		}
		p.Answers = maps.Clone(p.Answers)
		if p.Answers[spot.Group] = rows; len(rows) == 0 {
			delete(p.Answers, spot.Group)
		}
		wrong = bad
	} else {
		answers, bad := p.Spec.Read(spot.Page, posted, p.Answers, p.Facts)
		p.Answers, wrong = p.Spec.Merge(spot.Page, p.Answers, answers), bad
	}
	return slices.DeleteFunc(wrong, func(f fault.Field) bool { return f.Path != spot.Path && f.Code != "unknown_field" })
}

// attach hands in a file where a question wants one.
func (p *paper) attach(t *rapid.T, spot dialogue.Spot) {
	at := spot.Path
	if doc := spot.Question.Document; doc != nil {
		at += "." + cmpOr(p.Parts[""], doc.Proofs[0].Code)
	}
	place, ok := p.Spec.FilePlace(at)
	if !ok {
		t.Fatalf("no file goes to %s", at)
	}
	kind := "application/pdf"
	if len(place.Accept) > 0 && !slices.Contains(place.Accept, kind) {
		kind = strings.Replace(place.Accept[0], "*", "png", 1)
	}
	p.Answers = place.Put(p.Answers, []servicespec.File{{ID: uuid.New(), Name: "paper", MediaType: kind, Size: 1000}})
	p.Settle(spot, false)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// answer is what a scenario answers to a question: in this row, in any, or at all.
func (p *paper) answer(path string) any {
	if v := p.known[path]; v != nil {
		return v
	}
	group, _, field, _ := servicespec.SplitPath(path)
	return p.known[group+"."+field]
}

// typed writes an acceptable answer as somebody types it.
func (p *paper) typed(t *rapid.T, spot dialogue.Spot, part string) string {
	q := spot.Question
	posted := servicespec.Posted("x", q.Question, p.answer(spot.Path), p.Facts)
	for _, name := range []string{"x" + part, "x"} {
		if len(posted[name]) > 0 && posted[name][0] != "" {
			return posted[name][0]
		}
	}
	if d := posted["x.year"]; len(d) > 0 {
		s := posted["x.month"][0] + "/" + d[0]
		if day := posted["x.day"]; len(day) > 0 {
			s = day[0] + "/" + s
		}
		return s
	}
	least := func(otherwise float64) float64 {
		if q.Min != nil {
			return max(*q.Min, otherwise)
		}
		return otherwise
	}
	switch q.Kind {
	case servicespec.KindEmail:
		return "ana@example.org"
	case servicespec.KindPhone:
		return "+2389912345"
	case servicespec.KindNumber:
		return fmt.Sprint(int(least(0)) + rapid.IntRange(0, 5).Draw(t, "number"))
	case servicespec.KindMoney:
		return fmt.Sprint(int(least(0))/100 + rapid.IntRange(1, 50000).Draw(t, "money"))
	case servicespec.KindDate:
		return p.Facts.Today.AddDays(rapid.IntRange(-20000, 200).Draw(t, "day")).String()
	case servicespec.KindMonth:
		return p.Facts.Today.AddDays(-rapid.IntRange(1, 400).Draw(t, "day")).String()[:7]
	case servicespec.KindTime:
		return "8h30"
	case servicespec.KindPoint:
		return "14.93; -23.51"
	}
	return rapid.SampledFrom([]string{"Ana Lopes", "Rua da Praia 1", "Texto", "1234"}).Draw(t, "text")
}

// open begins a form of a service of the library, with acceptable answers from its scenarios to draw from.
func open(s *servicespec.Service, lang string, say func(string, map[string]any) string) *paper {
	a, facts, _ := s.Example(civil.Date{Year: 2026, Month: 11, Day: 23}, "CVE")
	known := map[string]any{}
	learn := func(a servicespec.Answers) {
		for code, v := range a {
			known[code] = v
			rows, _ := v.(servicespec.Rows)
			for i, row := range rows {
				for field, v := range row {
					known[code+"."+field] = v
					known[servicespec.RowPath(code, i, field)] = v
				}
			}
		}
	}
	for _, sc := range s.Pack().Scenarios {
		data, err := json.Marshal(sc.Answers)
		if err != nil {
			continue
		}
		if a, _, err := s.Take(data); err == nil {
			learn(a)
		}
	}
	learn(a)
	any := func(prefix string) []dialogue.Option {
		return []dialogue.Option{{Value: prefix + "-1", Label: "Primeiro"}, {Value: prefix + "-2", Label: "Segundo"}}
	}
	p := &paper{known: known, Form: dialogue.Form{
		Spec: s, Facts: facts, Answers: servicespec.Answers{}, Lang: lang, Say: say, Progress: &dialogue.Progress{},
		Words: servicespec.Words{Fallback: s.Pack().Languages[0], Currency: "CVE", T: func(key string) string { return say(key, nil) }},
	}}
	options := func(is func(q *servicespec.Question) bool, prefix string) []dialogue.Option {
		var out []dialogue.Option
		for path, v := range known {
			q := s.Question(path)
			if q == nil || !is(q) {
				continue
			}
			switch v := v.(type) {
			case string:
				out = append(out, dialogue.Option{Value: v, Label: v})
			case servicespec.Address:
				out = append(out, dialogue.Option{Value: v.Area, Label: v.Area})
			}
		}
		if out = slices.DeleteFunc(out, func(o dialogue.Option) bool { return o.Value == "" }); len(out) == 0 {
			out = any(prefix)
		}
		slices.SortFunc(out, func(a, b dialogue.Option) int { return strings.Compare(a.Value, b.Value) })
		return slices.Compact(out)
	}
	p.Lists = dialogue.Lists{
		Areas: func(level, within string) ([]dialogue.Option, error) {
			if facts.Area != nil { // the world of a scenario knows its areas
				return options(func(q *servicespec.Question) bool { return q.Level == level || slices.Contains(q.Levels, level) }, level), nil
			}
			return options(func(q *servicespec.Question) bool { return q.Level == level }, level), nil
		},
		Codes: func(list, of string) ([]dialogue.Option, error) {
			return options(func(q *servicespec.Question) bool { return q.RefData == list }, list), nil
		},
		Credentials: func(string) ([]dialogue.Option, error) {
			return []dialogue.Option{{Value: uuid.NewString(), Label: "BI 1"}}, nil
		},
		File: func(place string) (string, []dialogue.Option, error) {
			return "https://example.org/f/" + place, nil, nil
		},
	}
	return p
}

// turn is one message of somebody who mostly answers well.
func (p *paper) turn(t *rapid.T, spot dialogue.Spot, shape dialogue.Shape) {
	screen, err := p.Screen(spot)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(screen.Text) == "" {
		t.Fatalf("nothing is asked at %s", spot.Path)
	}
	for _, sheet := range screen.Sheets(shape, "Mais") {
		if !shape.Fits(sheet.Text) {
			t.Fatalf("does not fit a screen:\n%s", sheet.Text)
		}
	}
	mood := rapid.IntRange(0, 19).Draw(t, "mood")
	if mood == 0 {
		p.Return()
		return
	}
	var in dialogue.Input
	switch {
	case mood == 1:
		in.Text = rapid.SampledFrom([]string{"x", "-", "99", "???", "0", "32/13/2020"}).Draw(t, "nonsense")
	case len(screen.Options) > 0:
		values := screen.Options
		if spot.Menu && len(spot.Question.Rows) > 1 { // it has to end
			values = values[1:]
		}
		o := rapid.SampledFrom(values).Draw(t, "option")
		if rows, ok := p.known[spot.Path].(servicespec.Rows); ok && spot.Menu && mood < 14 { // as many as in a scenario
			want := "~done"
			switch n := len(spot.Question.Rows); {
			case n < len(rows):
				want = "~add"
			case n > len(rows):
				want = "~remove"
			}
			for _, x := range screen.Options {
				if x.Value == want {
					o = x
				}
			}
		}
		if known := p.answer(spot.Path); known != nil && mood < 14 && !spot.Menu { // what a scenario answers leads on
			for _, x := range screen.Options {
				if v, _ := known.(string); v == x.Value || slices.Contains(servicespec.Posted("x", spot.Question.Question, known, p.Facts)["x"], x.Value) {
					o = x
				}
			}
		}
		in.Text, in.Values = "1", []string{o.Value}
	default:
		in.Text = p.typed(t, spot, partOf(p, spot))
	}
	taken, err := p.Take(spot, in)
	if err != nil {
		t.Fatal(err)
	}
	p.act(t, spot, taken)
}

// partOf is the part of a name that is asked.
func partOf(p *paper, spot dialogue.Spot) string {
	for _, part := range spot.Question.Parts {
		if _, have := p.Parts["."+part]; !have {
			return "." + part
		}
	}
	if spot.Question.Kind == servicespec.KindAddress {
		return ".lines"
	}
	return ""
}

func (p *paper) act(t *rapid.T, spot dialogue.Spot, taken dialogue.Taken) {
	switch {
	case taken.Add:
		p.Begin(spot)
	case taken.Done:
		p.Close(spot)
	case taken.Remove:
		rows, _ := p.Answers[spot.Path].(servicespec.Rows)
		p.Answers = maps.Clone(p.Answers)
		p.Answers[spot.Path] = rows[:len(rows)-1]
		if len(rows) == 1 {
			delete(p.Answers, spot.Path)
		}
	case taken.Sent:
		p.attach(t, spot)
	case taken.Skip:
		p.Settle(spot, true)
	case taken.Keep:
		p.Settle(spot, false)
	case taken.Inputs != nil:
		wrong := p.save(spot, taken.Inputs)
		for _, f := range wrong {
			if f.Code == "unknown_field" {
				t.Fatalf("%s: a post that the page does not know: %v", spot.Path, f)
			}
		}
		if p.Parts = nil; len(wrong) == 0 {
			p.Settle(spot, false)
		}
	}
}

// TestLibraryTalks holds random conversations about every service of the library: none comes to a question that cannot be
// left, every screen fits its channel, and what they end with is what a page would accept.
func TestLibraryTalks(t *testing.T) {
	t.Parallel()
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range library.Packs() {
		t.Run(pack.Code, func(t *testing.T) {
			t.Parallel()
			s, err := servicespec.Compile(pack)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) {
				lang := rapid.SampledFrom(pack.Languages).Draw(t, "lang")
				shape := rapid.SampledFrom([]dialogue.Shape{dialogue.SMS, dialogue.WhatsApp, dialogue.USSD}).Draw(t, "shape")
				p := open(s, lang, func(key string, args map[string]any) string { return texts.T(lang, key, args) })
				var last string
				var paths []string
				stuck := 0
				for turn := 0; ; turn++ {
					spot, more := p.Next()
					if !more {
						wrong := s.Validate(s.Clean(p.Answers, p.Facts), p.Facts)
						again := slices.IndexFunc(wrong, func(f fault.Field) bool { return s.Question(f.Path) != nil })
						if len(wrong) == 0 || again < 0 { // whole, or not for whom it is: the page says the same
							return
						}
						p.Goto(wrong[again].Path)
						if stuck++; stuck > 60 {
							t.Fatalf("cannot be mended: %v", wrong)
						}
						continue
					}
					if spot.Path != last {
						last, stuck = spot.Path, 0
					}
					if stuck++; stuck > 400 {
						t.Fatalf("stuck at %s (%s)", spot.Path, spot.Question.Kind)
					}
					if paths = append(paths, spot.Path); turn > 1500 {
						t.Fatalf("it does not end: %v", paths[len(paths)-40:])
					}
					p.turn(t, spot, shape)
				}
			})
		})
	}
}
