package console

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// codeListAsk asks what a list is called.
func (c *Console) codeListAsk(r *frame.Request) error {
	var x refdata.CodeList
	if r.Param("list") != "" {
		row, _, err := c.listHere(r)
		if err != nil {
			return err
		}
		x = row.CodeList
	}
	return r.HTML(consolePage(c.codeListForm(r, x)))
}

func (c *Console) codeListForm(r *frame.Request, x refdata.CodeList) pageView {
	v := view(r, r.T("console.lists.new")).back(referencePath, r.T("console.reference.lists"))
	if r.Param("list") != "" {
		v = view(r, r.T("console.lists.rename")).back(listsPath+"/"+x.Code, r.Text(x.Name))
	}
	fields := []field{input(r, "code", x.Code, code, readOnly(r.Param("list") != ""), hint(r.T("console.lists.code")))}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: append(fields, c.texts(r, "name", x.Name)...)}
	return v
}

func (c *Console) codeListSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	x := refdata.CodeList{Code: trimmed(posted, "code"), Name: textOf(posted, "name")}
	if r.Param("list") != "" {
		if _, _, err := c.listHere(r); err != nil {
			return err
		}
		x.Code = r.Param("list")
	}
	v := c.codeListForm(r, x)
	if x.Name[r.Settings.DefaultLanguage] == "" {
		v.Form.wrong("name", r.T("console.reference.name"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		lists, err := c.deps.Refdata.CodeLists(ctx, tx)
		if err != nil {
			return err
		}
		if r.Param("list") == "" && slices.ContainsFunc(lists, func(have refdata.CodeList) bool { return have.Code == x.Code }) {
			return errTaken
		}
		return c.deps.Refdata.PutCodeList(ctx, tx, x)
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(listsPath + "/" + x.Code + "?done=console.saved")
}

// errTaken says that a code is somebody else's already.
var errTaken = fault.Conflict("console.reference.taken")

// attributesText writes attributes a line each, by name: "of: road".
func attributesText(attributes map[string]any) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		lines = append(lines, name+": "+attributeText(attributes[name]))
	}
	return strings.Join(lines, "\n")
}

// attributeText writes a value so that attributeOf reads the same: a text that would be read as something else is quoted.
func attributeText(v any) string {
	s, isText := v.(string)
	if !isText {
		return fmt.Sprint(v)
	}
	if _, same := attributeOf(s).(string); !same || strings.HasPrefix(s, `"`) || s != strings.TrimSpace(s) || strings.ContainsAny(s, "\r\n") {
		return strconv.Quote(s)
	}
	return s
}

// attributeOf reads a value: true or false, a whole number, one with decimals, or else a text.
func attributeOf(s string) any {
	switch n, err := strconv.ParseInt(s, 10, 64); {
	case s == "true" || s == "false":
		return s == "true"
	case err == nil && strconv.FormatInt(n, 10) == s:
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && strings.Trim(s, "0123456789.-") == "" {
		return f
	}
	if text, err := strconv.Unquote(s); err == nil {
		return text
	}
	return s
}

// attributesOf reads what attributesText writes.
func attributesOf(text string) (out map[string]any, ok bool) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !found || name == "" {
			return nil, false
		}
		if out == nil {
			out = map[string]any{}
		}
		out[name] = attributeOf(strings.TrimSpace(value))
	}
	return out, true
}

// typedCode is a code as it stands in its form.
type typedCode struct {
	refdata.Code
	attributes, place string
}

func (c *Console) codeForm(r *frame.Request, row listRow, x typedCode) pageView {
	here := listsPath + "/" + row.Code
	v := view(r, r.T("console.codes.new")).back(here, r.Text(row.Name))
	known := r.Param("code") != ""
	if known {
		v.Title, v.Caption = r.Text(x.Name), x.Code.Code
		if len(row.users) == 0 {
			v.Actions = []ui.ButtonView{{Label: r.T("console.codes.remove"), Href: here + "/codes/" + x.Code.Code + "/remove", Icon: "trash-2", Variant: "tertiary"}}
		}
	}
	fields := []field{input(r, "code", x.Code.Code, code, readOnly(known), hint(r.T("console.codes.code")))}
	fields = append(fields, c.texts(r, "name", x.Name)...)
	attributes := input(r, "attributes", x.attributes, long, optional, label(r.T("console.column.attributes")), hint(r.T("console.codes.attributes")))
	attributes.Attrs = map[string]any{"dir": "ltr"}
	fields = append(fields, attributes, input(r, "place", x.place, optional, width("5"), label(r.T("console.column.rank")), hint(r.T("console.codes.place"))),
		input(r, "closed", "", optional, options(checkField, []ui.Option{{Value: "yes", Label: r.T("console.codes.closed"), Hint: r.T("console.codes.closed.hint"), Checked: known && !x.Active}})))
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

// codeHere is the code of the path. Errors: page.not_found.
func (c *Console) codeHere(r *frame.Request) (row listRow, x typedCode, err error) {
	row, codes, err := c.listHere(r)
	if err != nil || r.Param("code") == "" {
		return row, typedCode{}, err
	}
	i := slices.IndexFunc(codes, func(x refdata.Code) bool { return x.Code == r.Param("code") })
	if i < 0 {
		return row, x, frame.Lost(r)
	}
	return row, typedCode{codes[i], attributesText(codes[i].Attributes), strconv.Itoa(i + 1)}, nil
}

func (c *Console) codeAsk(r *frame.Request) error {
	row, x, err := c.codeHere(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.codeForm(r, row, x)))
}

func (c *Console) codeSave(r *frame.Request) error {
	row, _, err := c.codeHere(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	x, place, v := c.codeTyped(r, row, posted)
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		codes, err := c.deps.Refdata.Codes(ctx, tx, row.Code)
		if err != nil {
			return err
		}
		if r.Param("code") == "" && slices.ContainsFunc(codes, func(have refdata.Code) bool { return have.Code == x.Code }) {
			return errTaken
		}
		return c.deps.Refdata.PutCode(ctx, tx, row.Code, x, place)
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(listsPath + "/" + row.Code + "?done=console.saved")
}

// codeTyped reads the form of a code.
func (c *Console) codeTyped(r *frame.Request, row listRow, posted url.Values) (x refdata.Code, place int, v pageView) {
	x = refdata.Code{Code: trimmed(posted, "code"), Name: textOf(posted, "name"), Active: posted.Get("closed") != "yes"}
	if r.Param("code") != "" {
		x.Code = r.Param("code")
	}
	v = c.codeForm(r, row, typedCode{x, posted.Get("attributes"), trimmed(posted, "place")})
	if x.Name[r.Settings.DefaultLanguage] == "" {
		v.Form.wrong("name", r.T("console.reference.name"))
	}
	var ok bool
	if x.Attributes, ok = attributesOf(posted.Get("attributes")); !ok {
		v.Form.wrong("attributes", r.T("console.codes.attributes.wrong"))
	}
	if text := trimmed(posted, "place"); text != "" {
		var err error
		if place, err = strconv.Atoi(text); err != nil || place < 1 {
			v.Form.wrong("place", r.T("console.codes.place.wrong"))
		}
	}
	return x, place, v
}

func (c *Console) codeRemoveAsk(r *frame.Request) error {
	row, x, err := c.codeHere(r)
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.codes.remove.title", "name", r.Text(x.Name)), r.T("console.codes.remove.text"), r.T("console.codes.remove"), listsPath+"/"+row.Code)
}

func (c *Console) codeRemove(r *frame.Request) error {
	row, x, err := c.codeHere(r)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Refdata.RemoveCode(ctx, tx, row.Code, x.Code.Code)
	}); err != nil {
		return err
	}
	return r.Redirect(listsPath + "/" + row.Code + "?done=console.saved")
}
