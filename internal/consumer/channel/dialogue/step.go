package dialogue

import (
	"cmp"
	"slices"
	"strings"

	"digit/internal/infra/servicespec"
)

// Values of options that are no answers.
const (
	skipValue   = "~skip"
	keepValue   = "~keep"
	addValue    = "~add"
	doneValue   = "~done"
	removeValue = "~remove"
	sentValue   = "~sent"
)

// filterPart is where words are kept by which a long list is narrowed.
const filterPart = "?"

// step is what is asked now of a question: the whole of it, or a part.
type step struct {
	part    string // the suffix of its input
	label   string
	options []Option
	listed  bool   // answered from options; typed otherwise
	many    bool   // several may be chosen
	file    string // the place where a file goes
}

// step returns what is asked now. Errors: those of the lists.
func (f Form) step(spot Spot) (step, error) {
	q := spot.Question
	switch q.Kind {
	case servicespec.KindYesNo:
		return step{listed: true, options: []Option{{"yes", f.Say("answer.yes", nil)}, {"no", f.Say("answer.no", nil)}}}, nil
	case servicespec.KindDeclaration:
		return step{listed: true, options: []Option{{"yes", f.Say("talk.declare", nil)}, {"no", f.Say("talk.declare.not", nil)}}}, nil
	case servicespec.KindChoice, servicespec.KindChoices:
		options, err := f.choices(spot)
		return step{listed: true, many: q.Kind == servicespec.KindChoices, options: options}, err
	case servicespec.KindBoundary, servicespec.KindAddress:
		return f.areaStep(spot)
	case servicespec.KindName:
		for _, part := range q.Parts {
			if _, have := f.Parts["."+part]; !have {
				return step{part: "." + part, label: f.Say("form.name."+part, nil)}, nil
			}
		}
	case servicespec.KindFile:
		return step{file: spot.Path}, nil
	case servicespec.KindDocument:
		return f.proofStep(spot)
	case servicespec.KindSignature:
		return step{label: f.Say("form.sign.name", nil)}, nil
	}
	return step{}, nil
}

// File returns where a file goes that answers what is asked now of a question; "" where none does. Errors: those of the lists.
func (f Form) File(spot Spot) (string, error) {
	if spot.Menu {
		return "", nil
	}
	s, err := f.step(spot)
	return s.file, err
}

func (f Form) choices(spot Spot) ([]Option, error) {
	q := spot.Question
	if q.RefData != "" {
		return f.Lists.Codes(q.RefData, f.of(spot))
	}
	var out []Option
	for _, o := range q.Options {
		out = append(out, Option{o.Code, o.Label.In(f.Lang, f.Words.Fallback)})
	}
	return out, nil
}

// of is the answer that a question's choices hang on: in the same row, or before.
func (f Form) of(spot Spot) string {
	code := spot.Question.Of
	if code == "" {
		return ""
	}
	if rows, _ := f.Answers[spot.Group].(servicespec.Rows); spot.Row < len(rows) {
		if s, ok := rows[spot.Row][code].(string); ok {
			return s
		}
	}
	s, _ := f.Answers[code].(string)
	return s
}

// areaStep asks area by area, and at the end for what an address has besides.
func (f Form) areaStep(spot Spot) (step, error) {
	q := spot.Question
	within := q.Within
	if q.Of != "" {
		within = f.of(spot)
	}
	for _, level := range q.Levels {
		part := "." + level
		if q.Kind == servicespec.KindBoundary && len(q.Levels) == 1 {
			part = ""
		}
		if chosen, have := f.Parts[part]; have {
			within = chosen
			continue
		}
		options, err := f.Lists.Areas(level, within)
		label := f.Say("level."+level, nil)
		if label == "level."+level {
			label = level
		}
		return step{part: part, label: label, listed: true, options: options}, err
	}
	if q.Kind == servicespec.KindAddress {
		return step{part: ".lines", label: f.Say("form.address.lines", nil)}, nil
	}
	return step{}, nil
}

// proofStep asks how a document is proved, and then for the file or the credential.
func (f Form) proofStep(spot Spot) (step, error) {
	proofs := spot.Question.Document.Proofs
	proof := f.Parts[""]
	if len(proofs) == 1 {
		proof = proofs[0].Code
	}
	i := slices.IndexFunc(proofs, func(p servicespec.Proof) bool { return p.Code == proof })
	switch {
	case i < 0:
		s := step{listed: true}
		for _, p := range proofs {
			s.options = append(s.options, Option{p.Code, p.Name.In(f.Lang, f.Words.Fallback)})
		}
		return s, nil
	case proofs[i].Credential != "":
		options, err := f.Lists.Credentials(proofs[i].Credential)
		return step{part: ".credential", label: f.Say("form.proof.credential", nil), listed: true, options: options}, err
	case proofs[i].Lookup != "":
		return step{listed: true, options: []Option{{proof, proofs[i].Name.In(f.Lang, f.Words.Fallback)}}}, nil
	}
	return step{file: spot.Path + "." + proof}, nil
}

// Screen puts a question into words.
func (f Form) Screen(spot Spot) (Screen, error) {
	if spot.Menu {
		return f.groupScreen(spot), nil
	}
	s, err := f.step(spot)
	if err != nil {
		return Screen{}, err
	}
	q := spot.Question
	lines := slices.Clone(spot.Info)
	label := q.Text(q.Label, f.Lang, f.Words)
	if s.label != "" {
		label += "\n" + s.label
	}
	lines = append(lines, label)
	if hint := q.Text(q.Hint, f.Lang, f.Words); hint != "" && len(f.Parts) == 0 {
		lines = append(lines, hint)
	}
	screen := Screen{Free: !s.listed && s.file == "" || s.many}
	switch {
	case s.file != "":
		words, options, err := f.Lists.File(s.file)
		if err != nil {
			return screen, err
		}
		lines = append(lines, words)
		screen.Options = append(append(screen.Options, options...), Option{sentValue, f.Say("talk.file.sent", nil)})
	case s.listed:
		screen.Options = f.narrowed(s.options)
		if len(s.options) == 0 {
			lines = append(lines, f.Say("talk.list.empty", nil))
		}
		if s.many {
			lines = append(lines, f.Say("talk.hint.choices", nil))
		}
	default:
		if hint := f.manner(q); hint != "" && s.part == "" && q.Hint.IsZero() {
			lines = append(lines, hint)
		}
	}
	lines = append(lines, f.leave(q, &screen)...)
	screen.Text = strings.Join(lines, "\n")
	return screen, nil
}

// manner says how an answer of the kind is typed.
func (f Form) manner(q servicespec.QuestionView) string {
	switch q.Kind {
	case servicespec.KindDate, servicespec.KindMonth, servicespec.KindTime, servicespec.KindPoint:
		return f.Say("talk.hint."+q.Kind, nil)
	case servicespec.KindMoney:
		return f.Say("talk.hint.money", map[string]any{"currency": f.Facts.Currency})
	case servicespec.KindNumber:
		if q.Unit != "" {
			return f.Say("talk.hint.unit", map[string]any{"unit": q.Unit})
		}
	}
	return ""
}

// leave says how a question is left without another answer: what stands may stay, and what is not needed may be passed over.
func (f Form) leave(q servicespec.QuestionView, screen *Screen) (lines []string) {
	if len(f.Parts) > 0 {
		return nil
	}
	typed := screen.Free || len(screen.Options) == 0
	have := servicespec.Display(q.Question, q.Value, f.Lang, f.Words)
	switch {
	case have != "" && typed:
		return []string{f.Say("talk.keep.hint", map[string]any{"answer": have})}
	case have != "":
		screen.Options = append(screen.Options, Option{keepValue, f.Say("talk.keep", map[string]any{"answer": have})})
	case q.Optional && typed:
		return []string{f.Say("talk.skip.hint", nil)}
	case q.Optional:
		screen.Options = append(screen.Options, Option{skipValue, f.Say("talk.skip", nil)})
	}
	return nil
}

// narrowed are the options that have the words typed before.
func (f Form) narrowed(options []Option) []Option {
	words := f.Parts[filterPart]
	if words == "" {
		return options
	}
	return slices.DeleteFunc(slices.Clone(options), func(o Option) bool { return !strings.Contains(Plain(o.Label), Plain(words)) })
}

// groupScreen asks what is to be done with the rows of a group.
func (f Form) groupScreen(spot Spot) Screen {
	q := spot.Question
	lines := append(slices.Clone(spot.Info), q.Text(q.Label, f.Lang, f.Words))
	if hint := q.Text(q.Hint, f.Lang, f.Words); hint != "" {
		lines = append(lines, hint)
	}
	title := func(row servicespec.RowView) string {
		return cmp.Or(row.Title(f.Lang, f.Words), f.Say("form.rows.number", map[string]any{"n": row.Index + 1}))
	}
	for _, row := range q.Rows {
		lines = append(lines, "- "+title(row))
	}
	var screen Screen
	if n := len(q.Rows); n < q.MaxRows() {
		label := f.Say("form.rows.add_first", nil)
		if n > 0 {
			label = f.Say("form.rows.add", nil)
		}
		screen.Options = append(screen.Options, Option{addValue, label})
	}
	if n := len(q.Rows); n >= q.MinRows() && n > 0 || n == 0 && q.Optional {
		screen.Options = append(screen.Options, Option{doneValue, f.Say("talk.rows.done", nil)})
	}
	if n := len(q.Rows); n > 0 {
		screen.Options = append(screen.Options, Option{removeValue, f.Say("talk.rows.remove", map[string]any{"row": title(q.Rows[n-1])})})
	}
	screen.Text = strings.Join(lines, "\n")
	return screen
}
