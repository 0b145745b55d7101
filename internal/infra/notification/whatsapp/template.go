package whatsapp

import (
	"slices"
	"strings"
	"unicode/utf8"

	"digit/internal/infra/platform/carrier"
)

// mostParameter is how many characters a parameter of a template may have.
const mostParameter = 1024

// anyPurpose stands for every purpose that has no template of its own.
const anyPurpose = "*"

// approved is a template that Meta has approved: what it is for, in which language, what Meta calls it and its language, and the names of its
// parameters in their order.
type approved struct {
	purpose, lang, name, code string
	parameters                []string
}

// readTemplates reads the setting "templates": a line each, of a purpose or *, a language, the template's name, its language at Meta, and its
// parameters, parted by blanks.
func readTemplates(text string) (list []approved, ok bool) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) < 4 {
			return nil, false
		}
		list = append(list, approved{words[0], words[1], words[2], words[3], words[4:]})
	}
	return list, true
}

// template is what Meta takes of a template.
type template struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components []component `json:"components,omitempty"`
}

type component struct {
	Type       string      `json:"type"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// templated writes a message as the approved template of its purpose, or the one for any. Errors: carrier.ErrTemplate.
func templated(settings map[string]string, out carrier.Out) (message, error) {
	list, _ := readTemplates(settings["templates"])
	for _, purpose := range []string{out.Purpose, anyPurpose} {
		i := slices.IndexFunc(list, func(a approved) bool { return a.purpose == purpose && a.lang == out.Lang })
		if i < 0 {
			continue
		}
		if t, ok := list[i].filled(out); ok {
			return message{Product: "whatsapp", Recipient: "individual", To: strings.TrimPrefix(out.To, "+"), Type: "template", Template: t}, nil
		}
	}
	return message{}, carrier.ErrTemplate
}

// filled fills a template; false where something for it is missing or too long: Meta takes no parameter without text, nor one with line breaks.
func (a approved) filled(out carrier.Out) (*template, bool) {
	t := &template{Name: a.name}
	t.Language.Code = a.code
	var body component
	for _, name := range a.parameters {
		value := out.Fill[name]
		if name == "text" {
			value = out.Text
		}
		value = strings.Join(strings.Fields(value), " ")
		if value == "" || utf8.RuneCountInString(value) > mostParameter {
			return nil, false
		}
		body.Parameters = append(body.Parameters, parameter{"text", value})
	}
	if body.Type = "body"; len(body.Parameters) > 0 {
		t.Components = []component{body}
	}
	return t, true
}
