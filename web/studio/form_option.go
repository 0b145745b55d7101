package studio

import (
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// optionsView are the answers to choose from, to be edited.
type optionsView struct {
	Rows  []optionView
	Last  int
	Alone bool // an answer can go with no other
}

type optionView struct {
	Label, Code, Alone ui.Field
	Ticked, There      bool
}

// options are the rows of the question's answers, with an empty one at the end.
func (f *questionForm) options() optionsView {
	v := optionsView{Last: len(f.q.Options) - 1, Alone: f.q.Kind == servicespec.KindChoices}
	for i := range len(f.q.Options) + 1 {
		var o servicespec.Option
		if i < len(f.q.Options) {
			o = f.q.Options[i]
		}
		at := "option." + strconv.Itoa(i)
		row := optionView{There: i < len(f.q.Options), Ticked: f.d.checked(at+".alone", o.Alone)}
		row.Label = ui.Field{Name: at + ".label", Label: f.r.T("studio.option.label", "n", i+1), Value: f.d.value(at+".label", o.Label[f.d.lang()]), Optional: !row.There}
		row.Code = ui.Field{Name: at + ".code", Label: f.r.T("studio.option.code"), Value: f.d.value(at+".code", o.Code), Optional: true, Code: true, Width: "20"}
		row.Alone = ui.Field{Name: at + ".alone", Label: f.r.T("studio.option.alone")}
		if row.There {
			path := f.path + ".options." + strconv.Itoa(i)
			row.Label.Error, row.Code.Error = f.s.wrongAt(f.r, f.d, row.Label.Name, path+".label"), f.s.wrongAt(f.r, f.d, row.Code.Name, path+".code")
		}
		row.Label.Attrs = map[string]any{"lang": f.d.lang(), "dir": i18n.Dir(f.d.lang())}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// options takes the posted answers over into a question, in the language of the agency; a button adds, moves or removes one.
func (p *reading) options(q *servicespec.Question) {
	if !p.Has("option.0.label") {
		return
	}
	lang := p.Get("option_lang")
	var out []servicespec.Option
	for i := 0; p.Has("option." + strconv.Itoa(i) + ".label"); i++ {
		at := "option." + strconv.Itoa(i)
		var o servicespec.Option
		if i < len(q.Options) {
			o = q.Options[i]
		}
		words, code := trimmed(p.Values, at+".label"), trimmed(p.Values, at+".code")
		if words == "" && i >= len(q.Options) {
			continue
		}
		if words != "" {
			label := i18n.Text{}
			for l, w := range o.Label {
				label[l] = w
			}
			label[lang] = words
			o.Label = label
		}
		if o.Code = code; code == "" {
			o.Code = fresh(words, "option", optionCodes(out))
		}
		o.Alone = p.Has(at + ".alone")
		out = append(out, o)
	}
	q.Options = pressed(out, p.Get("_option"))
}

func optionCodes(list []servicespec.Option) (out []string) {
	for _, o := range list {
		out = append(out, o.Code)
	}
	return out
}

// pressed does what a button of the answers says: up.2, down.0, remove.1, add.0.
func pressed(list []servicespec.Option, button string) []servicespec.Option {
	act, number, _ := strings.Cut(button, ".")
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(list) {
		return list
	}
	switch {
	case act == "up" && i > 0:
		list[i-1], list[i] = list[i], list[i-1]
	case act == "down" && i < len(list)-1:
		list[i+1], list[i] = list[i], list[i+1]
	case act == "remove":
		list = slices.Delete(list, i, i+1)
	}
	return list
}
