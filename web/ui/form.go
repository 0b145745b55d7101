package ui

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"
)

// Field is one question of a form, for every kind of input. A kind uses what it needs and ignores the rest.
type Field struct {
	// Name is the name in the form; it is also the id that the error summary links to, unless ID is given.
	Name, ID string
	// Label asks. Hint helps in one short sentence without links. Error says what is wrong and how to mend it.
	Label, Hint, Error string
	Value              string
	// Source says where Value was filled in from, when nobody has typed it.
	Source string
	// Optional adds "(optional)" to the label; fields are required otherwise.
	Optional bool
	// Heading makes the label the heading of the page; Caption is a small line above it.
	Heading bool
	Caption string
	// HideLabel keeps the label for readers who hear the page only (a search box).
	HideLabel bool

	// Type is the input's type (text, tel, email, password, search, number is not used); Width is 2, 3, 4, 5, 10, 20
	// characters or empty for all there is.
	Type, Width, Autocomplete, InputMode, Placeholder string
	// Prefix and Suffix are units beside the input.
	Prefix, Suffix string
	// Code sets wide, even digits (references, identity numbers). ReadOnly shows but does not take.
	Code, ReadOnly, NoSpellcheck bool
	// MaxLength of a Textarea shows how many characters are left; it does not cut.
	MaxLength, Rows int

	// Options are the answers of Radios, Checkboxes and Select. Inline sets short ones side by side.
	Options []Option
	Inline  bool

	// Day, Month, Year are the three parts of a DateInput as typed; NoDay asks for month and year alone.
	Day, Month, Year string
	NoDay            bool
	// Birthday marks the date of birth of the person, so that browsers can fill it in.
	Birthday bool

	// Accept lists the types of a FileUpload (".pdf,.jpg"); Multiple takes several; Files are there already.
	Accept   string
	Multiple bool
	Files    []FileItem
	// Earlier are files given elsewhere, any of which can be given here by one press.
	Earlier []EarlierFile

	// Attrs are further attributes of the input.
	Attrs templ.Attributes
}

// Option is one answer to choose.
type Option struct {
	Value, Label, Hint string
	Checked            bool
	// Or puts the word "or" above this option. Alone goes with no other box ticked.
	Or, Alone bool
	// Reveal is shown below the option while it is chosen.
	Reveal templ.Component
}

// FileItem is a file the person has given before.
type FileItem struct {
	Name, Size string
	// Href opens it; RemoveHref leads to the page that removes it.
	Href, RemoveHref string
	Status           *TagView
	// Note says more about it, in a line of its own: where it is from.
	Note string
}

// EarlierFile is a file that the person has given elsewhere, offered to be given here too: Note says when and for what. Take is the
// button that does so, with the form.
type EarlierFile struct {
	Name, Size, Note string
	Take             ButtonView
}

// Problem is a line of the error summary: what is wrong with which field. Field is the field's Name (or ID).
type Problem struct{ Field, Text string }

// FormPage is a form with its problems and its button.
type FormPage struct {
	// Action takes the answers by POST, or by Method.
	Action, Method string
	// Submit names the act ("Continue", "Submit application").
	Submit   string
	Problems []Problem
	// Secondary stands beside the button ("Cancel").
	Secondary *Link
	// Second is another button of the same form, for what must be sent too ("Save and come back later").
	Second *ButtonView
	// Multipart is for forms with files; Warning colours a button that takes something away.
	Multipart, Warning bool
	// Quiet is for a form that is not the page's first choice: its button is a secondary one.
	Quiet bool
	// Hidden are hidden inputs, name and value.
	Hidden [][2]string
	// Icon stands in the button.
	Icon string
}

func (f FormPage) variant() string {
	switch {
	case f.Warning:
		return "warning"
	case f.Quiet:
		return "secondary"
	}
	return ""
}

func (f FormPage) method() string {
	if f.Method == "" {
		return "post"
	}
	return f.Method
}

func (f FormPage) encoding() string {
	if f.Multipart {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// described lists the ids of what explains the input: its hint, its error, its counter.
func (f Field) described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Source != "" {
		ids = append(ids, f.id()+"-source")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	if f.MaxLength > 0 {
		ids = append(ids, f.id()+"-count")
	}
	return strings.Join(ids, " ")
}

// attrs are the attributes that inputs of all kinds share.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.InputMode)
	set("placeholder", f.Placeholder)
	set("aria-describedby", f.described())
	set("data-width", f.Width)
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	if f.NoSpellcheck || f.Code {
		a["spellcheck"] = "false"
	}
	if f.Code {
		a["data-code"] = true
	}
	if f.ReadOnly {
		a["readonly"] = true
	}
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// datePart is one of the three inputs of a date; the first carries the field's id.
type datePart struct{ id, name, key, value, width, autocomplete string }

func (f Field) dateParts() []datePart {
	auto := func(part string) string {
		if f.Birthday {
			return "bday-" + part
		}
		return ""
	}
	if f.NoDay {
		return []datePart{
			{f.id(), f.Name + ".month", "ui.date.month", f.Month, "2", ""},
			{f.id() + "-year", f.Name + ".year", "ui.date.year", f.Year, "4", ""},
		}
	}
	return []datePart{
		{f.id(), f.Name + ".day", "ui.date.day", f.Day, "2", auto("day")},
		{f.id() + "-month", f.Name + ".month", "ui.date.month", f.Month, "2", auto("month")},
		{f.id() + "-year", f.Name + ".year", "ui.date.year", f.Year, "4", auto("year")},
	}
}

// optionID gives the first option the field's id, so that the summary's link lands on it.
func (f Field) optionID(i int) string {
	if i == 0 {
		return f.id()
	}
	return fmt.Sprintf("%s-%02d", f.id(), i)
}

// ButtonView is a button, or with Href a link that looks like one.
type ButtonView struct {
	Label string
	// Variant is empty for the page's one primary act, "secondary", "tertiary" (quiet), "warning" (takes something away)
	// or "link" (reads as a link).
	Variant string
	// Icon stands before the label, IconAfter behind it.
	Icon, IconAfter string
	// Href makes it a link. Name and Value are sent with the form; FormAction sends it elsewhere.
	Href, Name, Value, FormAction string
	// Type is submit when empty. Hidden is said after the label to readers who hear the page.
	Type, Hidden string
	Small        bool
	// Key is a single-key shortcut of the workbench.
	Key   string
	Attrs templ.Attributes
}

func (b ButtonView) attrs() templ.Attributes {
	a := templ.Attributes{}
	switch b.Variant {
	case "secondary", "tertiary":
		a["data-variant"] = b.Variant
	case "warning":
		a["data-color"] = "danger"
	case "link":
		a["data-link"] = true
	}
	if b.Small {
		a["data-small"] = true
	}
	if b.Key != "" {
		a["data-key"] = b.Key
		a["aria-keyshortcuts"] = b.Key
	}
	if b.Name != "" {
		a["name"], a["value"] = b.Name, b.Value
	}
	if b.FormAction != "" {
		a["formaction"] = b.FormAction
	}
	for k, v := range b.Attrs {
		a[k] = v
	}
	return a
}

func (b ButtonView) buttonType() string {
	if b.Type == "" {
		return "submit"
	}
	return b.Type
}
