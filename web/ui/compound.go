package ui

import "github.com/a-h/templ"

// SignatureView asks somebody to sign: by their full name, typed, and where the page has script by a drawing as well.
// Field is the name's; Label says what is signed.
type SignatureView struct {
	Field
	// Full labels the name's input.
	Full string
	// DrawingName is the file input's name, ClearName that of the box that takes away Drawing, which was given before.
	DrawingName, ClearName string
	Drawing                *FileItem
}

// RowsView lists what was added to a question that is answered several times, with what can be done to each.
type RowsView struct {
	Field
	Rows []RowItem
	// None is said while there is nothing. Add begins another; nil where there can be no more.
	None string
	Add  *ButtonView
}

// RowItem is one of them. ID is what the error summary leads to.
type RowItem struct {
	ID             string
	Title, Text    string
	Status         *TagView
	Change, Remove *ButtonView
}

// RowFormsView asks several short questions again and again on one page, side by side where there is room.
type RowFormsView struct {
	Field
	Rows []RowForm
	Add  *ButtonView
}

// RowForm is one of them: Legend names it, Body holds its inputs.
type RowForm struct {
	Legend string
	Body   templ.Component
	Remove *ButtonView
}

// add gives the button that adds a row the field's id, so that the error summary can lead there.
func (f Field) add(b ButtonView) ButtonView {
	a := templ.Attributes{"id": f.id()}
	for k, v := range b.Attrs {
		a[k] = v
	}
	if d := f.described(); d != "" {
		a["aria-describedby"] = d
	}
	b.Attrs = a
	return b
}

// listAttrs gives the list the field's id where no button has it.
func (r RowsView) listAttrs() templ.Attributes {
	if r.Add != nil {
		return nil
	}
	return templ.Attributes{"id": r.id(), "tabindex": "-1"}
}

func rowAttrs(r RowItem) templ.Attributes {
	if r.ID == "" {
		return nil
	}
	return templ.Attributes{"id": r.ID, "tabindex": "-1"}
}
