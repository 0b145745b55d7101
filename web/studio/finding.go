package studio

import (
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// findingKinds are the kinds of questions that staff answer with an action.
var findingKinds = []string{
	servicespec.KindText, servicespec.KindLongText, servicespec.KindNumber, servicespec.KindMoney, servicespec.KindDate, servicespec.KindYesNo, servicespec.KindChoice,
}

// findingFields are what staff find out when they take an action.
func (s *Studio) findingFields(r *frame.Request, d *desk, a *servicespec.Action, path string) field {
	kinds := slices.Clone(findingKinds)
	var rows [][]string
	for _, q := range a.Questions {
		if !slices.Contains(kinds, q.Kind) {
			kinds = append(kinds, q.Kind) // from a file: it stays what it is
		}
		rows = append(rows, []string{q.Label[d.lang()], q.Kind, optionLine(q.Options, d.lang()), map[bool]string{true: "no"}[q.Required == "false"], q.When, q.Code})
	}
	g := gridView{Name: "findings", Label: r.T("studio.field.findings"), Hint: r.T("studio.action.findings.hint"), Values: rows, Columns: []gridColumn{
		{Name: "label", Label: r.T("studio.col.question"), Path: path + ".questions.%d.label"},
		{Name: "kind", Label: r.T("studio.field.qkind"), Options: choose(r, "studio.qkind.", "", kinds...), Path: path + ".questions.%d.kind"},
		{Name: "options", Label: r.T("studio.col.options"), Path: path + ".questions.%d.options"},
		{Name: "must", Label: r.T("studio.col.optional"), Options: []ui.Option{{Value: "no", Label: r.T("answer.yes")}}},
		{Name: "when", Label: r.T("studio.col.when"), Code: true, Path: path + ".questions.%d.when", Condition: true},
		{Name: "code", Label: r.T("studio.col.code"), Code: true, Path: path + ".questions.%d.code"},
	}}
	return foldOf(r.T("studio.action.findings"), len(a.Questions) > 0, s.checked(r, d, g))
}

// optionLine writes the words of options on a line.
func optionLine(options []servicespec.Option, lang string) string {
	var out []string
	for _, o := range options {
		out = append(out, o.Label[lang])
	}
	return strings.Join(out, "; ")
}

// takeFindings reads the questions of an action. What the table has no column for stays as it was.
func takeFindings(a *servicespec.Action, posted url.Values, lang string) []servicespec.Question {
	var out []servicespec.Question
	var taken []string
	for _, row := range gridRows(posted, "findings") {
		code := row["code"]
		if code == "" {
			code = unused(nameOf(studio.CodeOf(row["label"])), taken)
		}
		q := servicespec.Question{Code: code, Kind: servicespec.KindText}
		if was := find(a.Questions, func(l []servicespec.Question, i int) string { return l[i].Code }, code); was != nil {
			q = *deep(was)
		}
		taken = append(taken, code)
		if row["kind"] != "" {
			turn(&q, row["kind"])
		}
		q.Label, q.When = reworded(q.Label, lang, row["label"]), row["when"]
		switch {
		case row["must"] == "no":
			q.Required = "false"
		case q.Required == "false":
			q.Required = ""
		}
		if q.Kind == servicespec.KindChoice && q.RefData == "" {
			q.Options = optionsOfLine(q.Options, row["options"], lang)
		}
		out = append(out, q)
	}
	return out
}

// optionsOfLine reads the words of options from a line; those that were there keep their codes and translations.
func optionsOfLine(before []servicespec.Option, line, lang string) []servicespec.Option {
	var out []servicespec.Option
	var taken []string
	for _, o := range before {
		taken = append(taken, o.Code)
	}
	for i, words := range strings.FieldsFunc(line, func(c rune) bool { return c == ';' || c == '؛' || c == '\n' }) {
		if words = strings.TrimSpace(words); words == "" {
			continue
		}
		at := slices.IndexFunc(before, func(o servicespec.Option) bool { return o.Label[lang] == words })
		if at < 0 && i < len(before) && !strings.Contains(line, before[i].Label[lang]) {
			at = i // the same answer in other words
		}
		if at >= 0 {
			o := before[at]
			o.Label = reworded(*deep(&o.Label), lang, words)
			out = append(out, o)
			continue
		}
		code := unused(nameOf(studio.CodeOf(words)), taken)
		taken = append(taken, code)
		out = append(out, servicespec.Option{Code: code, Label: i18n.Text{lang: words}})
	}
	return out
}
