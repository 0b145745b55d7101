package servicespec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

func (w *renamer) code(s, full string) string {
	if codeFields[full] != w.Kind || s != w.From || w.Of != "" || full == "Fee.Again" && s == "correction" {
		return s
	}
	w.found = w.found || slices.Contains(owning, full)
	return w.To
}

// earlier rewrites the question that another depends on: of the same row where there is one, of the form otherwise.
func (w *renamer) earlier(s string, at rowPlace) string {
	if w.Kind != NamesQuestion || s != w.From || at.feedback {
		return s
	}
	inRow := at.group != "" && exists(w.before, Renaming{Kind: NamesQuestion, Of: at.group, From: s})
	if w.Of == "" && !inRow || w.Of != "" && w.Of == at.group {
		return w.To
	}
	return s
}

// rule rewrites the names in a rule. A rule that cannot be read says nothing; where it might name what is renamed, nothing is
// done at all.
func (w *renamer) rule(expr string, path []string, at rowPlace) string {
	if w.looking || at.feedback {
		return expr
	}
	if w.Kind == NamesRule && w.ruleAlone && strings.TrimSpace(expr) == w.From {
		return w.To
	}
	out, err := rule.Rewrite(expr, func(m rule.Mention) string { return w.mention(m, at) })
	if err != nil {
		if strings.Contains(expr, w.From) {
			w.unreadable = strings.Join(path, ".")
		}
		return expr
	}
	return out
}

func (w *renamer) mention(m rule.Mention, at rowPlace) string {
	if m.Said {
		if m.Of == "" && m.Text == w.From && (w.Kind == NamesState && m.Name == "state" || w.Kind == NamesReason && m.Name == "reasons") {
			return w.To
		}
		return m.Text
	}
	words := strings.Split(m.Name, ".")
	switch {
	case w.Kind == NamesQuestion && w.Of == "":
		if m.Of == "" {
			words[0] = w.word(words[0])
		}
	case w.Kind == NamesQuestion:
		switch {
		case m.Of == w.Of:
			words[0] = w.word(words[0])
		case m.Of == "" && at.group == w.Of && len(words) > 1 && (words[0] == "row" || words[0] == at.row):
			words[1] = w.word(words[1])
		}
	case m.Of == "" && len(words) > 1 && words[0] == w.Kind && words[1] == ruleWord(w.From, w.Kind):
		words[1] = ruleWord(w.To, w.Kind) // rule.x, table.x, lookup.x.y, branch.x, opinion.x
	}
	return strings.Join(words, ".")
}

// ruleWord is how rules write a code.
func ruleWord(code, kind string) string {
	if kind == NamesBranch || kind == NamesOpinion {
		return strings.ReplaceAll(code, "-", "_")
	}
	return code
}

// word renames a question, or its label.
func (w *renamer) word(s string) string {
	switch s {
	case w.From:
		return w.To
	case w.From + labelSuffix:
		return w.To + labelSuffix
	}
	return s
}

// text rewrites the merge fields of a text.
func (w *renamer) text(t i18n.Text, path []string, at rowPlace, kind string) {
	if w.looking || w.Kind != NamesQuestion {
		return
	}
	if (kind == "Notice" || kind == "Letter") && slices.Contains(NoticeFields, w.From) {
		return // there the name has a meaning of its own
	}
	for lang, said := range t {
		now := mergeField.ReplaceAllStringFunc(said, func(m string) string {
			words := strings.Split(strings.Trim(m, "{}"), ".")
			switch {
			case w.Of == "":
				if len(words) == 1 || words[0] != "row" && words[0] != at.row {
					words[0] = w.word(words[0])
				}
			case at.group == w.Of && len(words) == 2 && (words[0] == "row" || words[0] == at.row):
				words[1] = w.word(words[1])
			}
			return "{" + strings.Join(words, ".") + "}"
		})
		if now != said {
			w.done = append(w.done, Rewritten{strings.Join(append(slices.Clone(path), lang), "."), said, now})
			t[lang] = now
		}
	}
}

// questionPath rewrites a question of a scenario: region, members.2.age.
func (w *renamer) questionPath(s string) string {
	words := strings.Split(s, ".")
	switch {
	case w.Kind != NamesQuestion:
	case w.Of == "" && words[0] == w.From:
		words[0] = w.To
	case w.Of != "" && len(words) == 3 && words[0] == w.Of && words[2] == w.From:
		words[2] = w.To
	}
	return strings.Join(words, ".")
}

// prefixed rewrites what names something behind a word: state:review, issue_certificate:permit, lookup.pupil.marks.
func (w *renamer) prefixed(s, full string) string {
	if full == "Question.Prefill" {
		if rest, ok := strings.CutPrefix(s, "lookup."+w.From+"."); ok && w.Kind == NamesLookup {
			return "lookup." + w.To + "." + rest
		}
		return s
	}
	word := map[string]string{EffectCertificate: NamesCertificate, EffectLetter: NamesLetter, "state": NamesState, "action": NamesAction, "escalation": NamesEscalation}
	head, code, ok := strings.Cut(s, ":")
	if ok && word[head] == w.Kind && code == w.From {
		return head + ":" + w.To
	}
	return s
}

// mapping rewrites the keys of a mapping, and the rows and states in it.
func (w *renamer) mapping(f reflect.Value, full string, path []string) {
	if w.looking {
		return
	}
	for _, key := range f.MapKeys() {
		name, value := key.String(), f.MapIndex(key)
		if full == "Expect.Branches" && w.Kind == NamesState && value.String() == w.From {
			f.SetMapIndex(key, reflect.ValueOf(w.To))
			w.note(path, name, w.From, w.To)
		}
		if slices.Contains([]string{"Scenario.Answers", "Step.Correct"}, full) && w.Kind == NamesQuestion && w.Of == name {
			w.rows(value.Interface(), append(slices.Clone(path), name))
		}
		to := w.key(name, full)
		if to == name {
			continue
		}
		f.SetMapIndex(key, reflect.Value{})
		f.SetMapIndex(reflect.ValueOf(to), value)
		w.note(path, name, name, to)
	}
}

func (w *renamer) note(path []string, name, before, after string) {
	w.done = append(w.done, Rewritten{strings.Join(append(slices.Clone(path), name), "."), before, after})
}

func (w *renamer) key(name, full string) string {
	switch {
	case full == "Expect.Values" && (w.Kind == NamesRule || w.Kind == NamesTable) && name == w.Kind+"."+w.From:
		return w.Kind + "." + w.To
	case keyFields[full] != w.Kind:
		return name
	case w.Kind == NamesQuestion:
		return w.questionPath(name)
	case name == w.From:
		return w.To
	}
	return name
}

// rows rewrites a question in the rows of an answer.
func (w *renamer) rows(answer any, path []string) {
	list, _ := answer.([]any)
	for i, row := range list {
		m, ok := row.(map[string]any)
		if !ok {
			continue
		}
		if v, there := m[w.From]; there {
			delete(m, w.From)
			m[w.To] = v
			w.note(append(slices.Clone(path), fmt.Sprint(i)), w.From, w.From, w.To)
		}
	}
}
