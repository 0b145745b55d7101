package dialogue

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"digit/internal/infra/servicespec"
)

// Input is what came: typed, or chosen by numbers of the sheet that was shown.
type Input struct {
	Text   string
	Values []string // what the numbers stand for, where the text is numbers of the sheet and nothing else
}

// Taken is what an input comes to.
type Taken struct {
	Inputs  map[string][]string // the answer, as inputs of a page; nil where there is none yet
	Skip    bool                // nothing is to be answered here
	Keep    bool                // what stands may stay
	Add     bool                // another row
	Done    bool                // no further row
	Remove  bool                // the last row goes
	Sent    bool                // a file was sent, they say
	Problem string              // why it is no answer, in words
}

// Take reads what was sent in answer to a question. Parts of an answer are kept in the progress until it is whole. Whether the answer
// will do is for the rules of the service to say.
func (f Form) Take(spot Spot, in Input) (Taken, error) {
	if spot.Menu {
		return f.takeMenu(in), nil
	}
	s, err := f.step(spot)
	if err != nil {
		return Taken{}, err
	}
	if passed, ok := f.pass(spot, in); ok {
		return passed, nil
	}
	switch {
	case s.file != "":
		if slices.Contains(in.Values, sentValue) {
			return Taken{Sent: true}, nil
		}
		return Taken{Problem: f.Say("talk.file.needed", nil)}, nil
	case s.many:
		return f.takeMany(spot, s, in), nil
	case s.listed:
		return f.takeListed(spot, s, in)
	}
	return f.takeTyped(spot, s, in)
}

func (f Form) takeMenu(in Input) Taken {
	if len(in.Values) == 1 {
		switch in.Values[0] {
		case addValue:
			return Taken{Add: true}
		case doneValue:
			return Taken{Done: true}
		case removeValue:
			return Taken{Remove: true}
		}
	}
	return Taken{Problem: f.Say("talk.choose", nil)}
}

// pass reads that a question is left as it stands.
func (f Form) pass(spot Spot, in Input) (Taken, bool) {
	wants := slices.Contains(in.Values, skipValue) || slices.Contains(in.Values, keepValue) || strings.TrimSpace(in.Text) == "-"
	if !wants || len(f.Parts) > 0 {
		return Taken{}, false
	}
	switch {
	case !f.open(spot.Question):
		return Taken{Keep: true}, true
	case spot.Question.Optional:
		return Taken{Skip: true}, true
	}
	return Taken{Problem: f.Say("talk.needed", nil)}, true
}

// takeMany reads several choices: numbers at once, or one after the other where they stand on several sheets.
func (f Form) takeMany(spot Spot, s step, in Input) Taken {
	values := in.Values
	if len(values) == 0 {
		for word := range strings.SplitSeq(in.Text, ",") {
			if found := match(s.options, word); len(found) == 1 {
				values = append(values, found[0].Value)
			}
		}
	}
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.HasPrefix(v, "~") })
	if len(values) == 0 {
		return Taken{Problem: f.Say("talk.choose", nil)}
	}
	return Taken{Inputs: map[string][]string{spot.Path: values}}
}

// takeListed reads a choice: its number, or words that only one has. Words that several have narrow the list.
func (f Form) takeListed(spot Spot, s step, in Input) (Taken, error) {
	shown := f.narrowed(s.options)
	value := ""
	if len(in.Values) == 1 && slices.ContainsFunc(shown, func(o Option) bool { return o.Value == in.Values[0] }) {
		value = in.Values[0]
	}
	if value == "" && len(in.Values) == 0 {
		switch found := match(s.options, in.Text); {
		case len(found) == 1:
			value = found[0].Value
		case len(found) > 1 && len(found) < len(shown):
			f.part(filterPart, in.Text)
			return Taken{}, nil
		}
	}
	if value == "" {
		delete(f.Parts, filterPart)
		return Taken{Problem: f.Say("talk.choose", nil)}, nil
	}
	delete(f.Parts, filterPart)
	return f.assemble(spot, s, value)
}

// match finds the options with these words: the one that is just so called, or all that have them.
func match(options []Option, text string) (found []Option) {
	text = Plain(text)
	if text == "" {
		return nil
	}
	for _, o := range options {
		label := Plain(o.Label)
		if label == text {
			return []Option{o}
		}
		if strings.Contains(label, text) {
			found = append(found, o)
		}
	}
	return found
}

func (f Form) part(name, value string) {
	if f.Parts == nil {
		f.Progress.Parts = map[string]string{}
	}
	f.Progress.Parts[name] = value
}

// takeTyped reads what was typed, a part or the whole.
func (f Form) takeTyped(spot Spot, s step, in Input) (Taken, error) {
	text := strings.TrimSpace(in.Text)
	if text == "" {
		return Taken{Problem: f.Say("talk.needed", nil)}, nil
	}
	if s.part == ".lines" && text == "-" {
		text = ""
	}
	switch spot.Question.Kind {
	case servicespec.KindDate, servicespec.KindMonth:
		return Taken{Inputs: day(spot, text)}, nil
	}
	return f.assemble(spot, s, text)
}

// assemble puts an answer together of its parts, once there are all.
func (f Form) assemble(spot Spot, s step, value string) (Taken, error) {
	if s.part == "" && spot.Question.Kind != servicespec.KindDocument {
		return Taken{Inputs: map[string][]string{spot.Path: {value}}}, nil
	}
	f.part(s.part, value)
	next, err := f.step(spot)
	if err != nil {
		return Taken{}, err
	}
	if next.file != "" || next.part != "" && !f.has(next.part) {
		return Taken{}, nil // there is more of it to ask
	}
	inputs := map[string][]string{}
	for part, v := range maps.All(f.Parts) {
		if part != filterPart {
			inputs[spot.Path+part] = []string{v}
		}
	}
	if only := spot.Question.Document; only != nil && len(only.Proofs) == 1 {
		inputs[spot.Path] = []string{only.Proofs[0].Code}
	}
	return Taken{Inputs: inputs}, nil
}

func (f Form) has(part string) bool { _, ok := f.Parts[part]; return ok }

var numberShape = regexp.MustCompile(`[0-9]+`)

// day reads a day as people type it: 05/11/2026, 5 11 2026, 2026-11-05, 05112026; a month without the day.
func day(spot Spot, text string) map[string][]string {
	text = Digits(text)
	found := numberShape.FindAllString(text, -1)
	month := spot.Question.Kind == servicespec.KindMonth
	if len(found) == 1 && len(found[0]) == 8 && !month {
		found = []string{found[0][:2], found[0][2:4], found[0][4:]}
	}
	if len(found) > 0 && len(found[0]) == 4 { // the year first
		slices.Reverse(found)
	}
	parts := []string{".day", ".month", ".year"}
	if month {
		parts = parts[1:]
	}
	if len(found) != len(parts) || strings.ContainsFunc(text, unicode.IsLetter) {
		return map[string][]string{spot.Path: {text}} // it is none, and will be said to be none
	}
	out := map[string][]string{}
	for i, part := range parts {
		out[spot.Path+part] = []string{found[i]}
	}
	return out
}
