package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// SearchView is a search box.
type SearchView struct {
	Action, Label, Value, Placeholder string
	// Name of the input is "q" and its id "search" when empty.
	Name, ID string
	// HideLabel keeps the label for readers who hear the page; Compact shows only the lens in the button.
	HideLabel, Compact bool
	Hidden             [][2]string
	// Post keeps what is typed out of the address: names of people do not belong there.
	Post bool
	// Target is the id of the part of this page that follows the typing (needs PageView.Live); empty for none.
	Target string
}

func (s SearchView) id() string   { return orText(s.ID, "search") }
func (s SearchView) name() string { return orText(s.Name, "q") }

func (s SearchView) method() string {
	if s.Post {
		return "post"
	}
	return "get"
}

func (s SearchView) attrs() templ.Attributes {
	a := templ.Attributes{"data-key": "/"}
	if s.Target != "" {
		a["hx-get"], a["hx-trigger"] = s.Action, "input changed delay:300ms, search"
		a["hx-target"], a["hx-select"], a["hx-swap"] = "#"+s.Target, "#"+s.Target, "outerHTML"
		a["hx-push-url"], a["hx-include"] = "true", "closest form"
	}
	return a
}

func orText(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func rows(n int) string {
	if n <= 0 {
		n = 5
	}
	return strconv.Itoa(n)
}

func anyChecked(options []Option) bool {
	for _, o := range options {
		if o.Checked {
			return true
		}
	}
	return false
}

// optionAttrs are the attributes of one answer to choose.
func optionAttrs(f Field) templ.Attributes {
	a := templ.Attributes{}
	for k, v := range f.Attrs {
		a[k] = v
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

func describedBy(f Field) templ.Attributes {
	f.MaxLength = 0
	if d := f.described(); d != "" {
		return templ.Attributes{"aria-describedby": d}
	}
	return nil
}

func dateAttrs(f Field, p datePart) templ.Attributes {
	a := templ.Attributes{}
	if p.autocomplete != "" {
		a["autocomplete"] = p.autocomplete
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	return a
}
