package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// numbers lists the patterns of numbers, with the one that comes next.
func (c *Console) numbers(r *frame.Request) error {
	v := view(r, r.T("site.console.reference"))
	v.Lead, v.Tabs = r.T("console.numbers.lead"), referenceTabs(r, numbersPath)
	v.Search = search(r, "console.numbers.search")
	var first *ui.ButtonView
	if mayReference(r) {
		first = &ui.ButtonView{Label: r.T("console.numbers.new"), Href: numbersPath + "/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	l := list[refdata.Format]{
		name: "number-formats", columns: []string{"format", "pattern", "next_number"}, empty: empty(r, "numbers", "list", first),
		orders: map[string]func(a, b refdata.Format) int{"format": words(func(f refdata.Format) string { return f.Code })},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[refdata.Format], error) {
			found, err := c.deps.Refdata.Formats(ctx, tx)
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(found, func(f refdata.Format) bool { return !strings.Contains(strings.ToLower(f.Code+" "+f.Pattern), q) }), err)
		},
		cells: func(f refdata.Format) []ui.Cell {
			name := ui.Cell{Text: f.Code}
			if mayReference(r) {
				name.Href = numbersPath + "/" + f.Code
			}
			return []ui.Cell{name, {Text: f.Pattern}, {Text: f.Example}}
		},
	}
	return l.serve(r, v)
}

func (c *Console) numberForm(r *frame.Request, f refdata.Format, next string) pageView {
	known := r.Param("format") != ""
	v := view(r, r.T("console.numbers.new")).back(numbersPath, r.T("console.reference.numbers"))
	fields := []field{input(r, "code", f.Code, code, readOnly(known), hint(r.T("console.numbers.code"))), input(r, "pattern", f.Pattern, code, label(r.T("console.column.pattern")), hint(patternWords(r, "console.numbers.pattern", "{seq:6}")))}
	if known {
		v.Title = f.Code
		v.Facts = []ui.Fact{{Key: r.T("console.column.next_number"), Value: f.Example}}
		fields = append(fields, input(r, "next", next, width("10"), label(r.T("console.numbers.next")), hint(r.T("console.numbers.next.hint"))))
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

// patternWords is a text about patterns: their parts stand in braces, which texts have for other things.
func patternWords(r *frame.Request, key, number string) string {
	return r.T(key, "example", "REC-{yyyy}-{seq:6}", "year", "{yyyy}", "short", "{yy}", "number", number)
}

// numberHere is the format of the path, an empty one where it names none. Errors: page.not_found.
func (c *Console) numberHere(r *frame.Request) (f refdata.Format, err error) {
	if r.Param("format") == "" {
		return f, nil
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		all, err := c.deps.Refdata.Formats(ctx, tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(x refdata.Format) bool { return x.Code == r.Param("format") })
		if i < 0 {
			return frame.Lost(r)
		}
		f = all[i]
		return nil
	})
	return f, err
}

func (c *Console) numberAsk(r *frame.Request) error {
	f, err := c.numberHere(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.numberForm(r, f, strconv.FormatInt(f.Next, 10))))
}

// numberSave puts a pattern and, where another number than the present one is to come next, skips to it: never back.
func (c *Console) numberSave(r *frame.Request) error {
	have, err := c.numberHere(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	f := refdata.Format{Code: trimmed(posted, "code"), Pattern: trimmed(posted, "pattern"), Example: have.Example}
	if have.Code != "" {
		f.Code = have.Code
	}
	v, next := c.numberForm(r, f, trimmed(posted, "next")), have.Next
	if have.Code != "" {
		if next, err = strconv.ParseInt(trimmed(posted, "next"), 10, 64); err != nil || next < have.Next || next > 1e12 {
			v.Form.wrong("next", r.T("console.numbers.next.wrong", "n", strconv.FormatInt(have.Next, 10)))
		}
	}
	if _, err := refdata.Example(f.Pattern, r.Now.Year(), 1); err != nil {
		v.Form.wrong("pattern", patternWords(r, "console.numbers.pattern.wrong", "{seq}"))
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if err := c.newFormat(ctx, tx, have, f); err != nil {
			return err
		}
		if next == have.Next {
			return nil
		}
		return c.deps.Refdata.SkipNumbers(ctx, tx, f.Code, next)
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(numbersPath + "?done=console.saved")
}

// newFormat puts a pattern; a new one must not be there already.
func (c *Console) newFormat(ctx context.Context, tx *pg.Tx, have, f refdata.Format) error {
	if have.Code == "" {
		all, err := c.deps.Refdata.Formats(ctx, tx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(x refdata.Format) bool { return x.Code == f.Code }) {
			return errTaken
		}
	}
	return c.deps.Refdata.PutFormat(ctx, tx, f.Code, f.Pattern)
}
