package console

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// called are what roles, agencies and areas are called in the reader's language.
type called struct {
	names
	roles map[string]string
}

func (k called) role(code string) string { return orText(k.roles[code], code) }

// where is where a rule's role holds.
func (k called) where(r *frame.Request, x identity.Rule) (agency, area string) {
	agency, area = r.T("console.grants.everywhere"), r.T("console.rules.all_areas")
	if x.Agency != "" {
		agency = k.agency(x.Agency)
	}
	if x.Boundary != "" {
		area = k.area(x.Boundary)
	}
	return agency, area
}

func (c *Console) called(ctx context.Context, tx *pg.Tx, r *frame.Request) (k called, err error) {
	if k.names, err = c.names(ctx, tx, r); err != nil {
		return k, err
	}
	k.roles = map[string]string{}
	return k, c.roleNames(ctx, tx, r, k.roles)
}

// ruleSection lists the rules by which roles follow from what a provider or directory says.
func ruleSection(r *frame.Request, sort source, code string, rules []identity.Rule, known called) section {
	here := sort.href(code)
	s := section{Title: r.T("console.rules"), Text: r.T("console.rules.text." + sort.sort), Table: &ui.TableView{
		Caption: r.T("console.rules"), HideCaption: true, Stack: true, Columns: columns(r, "condition", "role", "agency", "boundary", "act"),
		Empty: &ui.EmptyView{Icon: "key", Title: r.T("console.rules.none"), Text: r.T("console.rules.none.text")},
	}}
	for _, x := range rules {
		act := ui.Cell{}
		if manages(r) {
			act = ui.Cell{Text: r.T("console.edit"), Href: here + "/rules/" + x.ID.String()}
		}
		agency, area := known.where(r, x)
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{{Body: codeText(x.Condition)}, {Text: known.role(x.Role)}, {Text: agency}, {Text: area}, act}})
	}
	if manages(r) {
		s.Actions = append(s.Actions, ui.ButtonView{Label: r.T("console.rules.new"), Href: here + "/rules/new", Icon: "plus", Variant: "secondary"})
	}
	s.Actions = append(s.Actions, ui.ButtonView{Label: r.T("console.rules.try"), Href: here + "/try", Variant: "tertiary"})
	return s
}

// ruleAsk asks for a rule, a new one or one that is there.
func (c *Console) ruleAsk(sort source) func(*frame.Request) error {
	return func(r *frame.Request) error {
		var x identity.Rule
		if which := r.Param("rule"); which != "" {
			err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
				rules, err := c.deps.Identity.Rules(ctx, tx, sort.name(r.Param("code")))
				for _, have := range rules {
					if have.ID.String() == which {
						x = have
					}
				}
				if err == nil && x.ID == uuid.Nil {
					return identity.ErrNotFound
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		v, err := c.ruleForm(r, sort, x)
		if err != nil {
			return err
		}
		return r.HTML(consolePage(v))
	}
}

func (c *Console) ruleForm(r *frame.Request, sort source, x identity.Rule) (v pageView, err error) {
	roles := []ui.Option{{Label: r.T("console.choose")}}
	agencies := []ui.Option{{Label: r.T("console.grants.everywhere"), Checked: x.Agency == ""}}
	var name string
	var known called
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.called(ctx, tx, r); err != nil {
			return err
		}
		name, err = c.sourceName(ctx, tx, r, sort)
		return err
	})
	if err != nil {
		return v, err
	}
	roles = append(roles, byName(known.roles, x.Role)...)
	agencies = append(agencies, byName(known.agencies, x.Agency)...)
	here := sort.href(r.Param("code"))
	v = view(r, r.T("console.rules.new")).back(here, name)
	if r.Param("rule") != "" {
		v.Title = r.T("console.rules.edit")
		v.Sections = []section{{Title: r.T("console.rules.remove"), Text: r.T("console.rules.remove.text"), Posts: []postView{
			{Action: here + "/rules/" + r.Param("rule") + "/remove", Label: r.T("console.rules.remove")},
		}}}
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: []field{
		input(r, "condition", x.Condition, long, plain, hint(r.T("console.rules.condition.hint."+sort.sort))),
		input(r, "role", "", options(selectField, roles)),
		input(r, "agency", "", options(selectField, agencies), hint(r.T("console.grants.agency.hint"))),
		input(r, "boundary", "", options(selectField, known.areaOptions(r, x.Boundary))),
	}}
	return v, nil
}

// byName are options by their codes, in the order of their names.
func byName(names map[string]string, chosen string) []ui.Option {
	var out []ui.Option
	for code, name := range names {
		out = append(out, ui.Option{Value: code, Label: name, Checked: code == chosen})
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// sourceName is what a provider or directory is called.
func (c *Console) sourceName(ctx context.Context, tx *pg.Tx, r *frame.Request, sort source) (string, error) {
	if sort == directories {
		d, err := c.deps.Identity.Directory(ctx, tx, r.Param("code"))
		return r.Text(d.Name), err
	}
	p, err := c.deps.Identity.Provider(ctx, tx, r.Param("code"))
	return r.Text(p.Name), err
}

// ruleSave makes or changes a rule. What is wrong with its condition is told with the place.
func (c *Console) ruleSave(sort source) func(*frame.Request) error {
	return func(r *frame.Request) error {
		posted, err := r.Form()
		if err != nil {
			return err
		}
		x := identity.Rule{Condition: trimmed(posted, "condition"), Role: posted.Get("role"), Agency: posted.Get("agency"), Boundary: trimmed(posted, "boundary")}
		if which := r.Param("rule"); which != "" {
			if x.ID, err = uuid.Parse(which); err != nil {
				return identity.ErrNotFound
			}
		}
		v, err := c.ruleForm(r, sort, x)
		if err != nil {
			return err
		}
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			_, err := c.deps.Identity.PutRule(ctx, tx, sort.name(r.Param("code")), x)
			return err
		})
		if v.refused(r, err) {
			return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
		}
		if err != nil {
			return err
		}
		return r.Redirect(sort.href(r.Param("code")) + "?done=console.saved")
	}
}

func (c *Console) ruleRemove(sort source) func(*frame.Request) error {
	return func(r *frame.Request) error {
		which, err := r.UUID("rule")
		if err != nil {
			return err
		}
		return c.changeSource(r, sort, "console.removed", func(ctx context.Context, tx *pg.Tx, code string) error {
			return c.deps.Identity.RemoveRule(ctx, tx, sort.name(code), which)
		})
	}
}

// samples are what the box begins with in which rules are tried.
var samples = map[source]string{
	providers: "{\n  \"sub\": \"123\",\n  \"email\": \"ana@example.gov\",\n  \"groups\": [\"clerks\"]\n}",
	directories: "{\n  \"attributes\": {\"department\": [\"Licences\"]},\n  \"groups\": [\"cn=clerks,ou=groups,dc=example,dc=gov\"],\n" +
		"  \"group_names\": [\"clerks\"]\n}",
}

// tryAsk has a box for what would be said of somebody.
func (c *Console) tryAsk(sort source) func(*frame.Request) error {
	return func(r *frame.Request) error {
		v, err := c.tryView(r, sort, samples[sort])
		if err != nil {
			return err
		}
		return r.HTML(consolePage(v))
	}
}

func (c *Console) tryView(r *frame.Request, sort source, facts string) (v pageView, err error) {
	var name string
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		name, err = c.sourceName(ctx, tx, r, sort)
		return err
	})
	v = view(r, r.T("console.rules.try")).back(sort.href(r.Param("code")), name)
	v.Lead = r.T("console.rules.try.lead")
	box := input(r, "facts", facts, long, plain, label(r.T("console.rules.facts."+sort.sort)), hint(r.T("console.rules.facts.hint")))
	box.Rows = 10
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.rules.try.submit")}, Fields: []field{box}}
	return v, err
}

// try shows what the rules make of what was typed, and why. Nothing of it is kept.
func (c *Console) try(sort source) func(*frame.Request) error {
	return func(r *frame.Request) error {
		posted, err := r.Form()
		if err != nil {
			return err
		}
		v, err := c.tryView(r, sort, posted.Get("facts"))
		if err != nil {
			return err
		}
		facts := map[string]any{}
		if err := json.Unmarshal([]byte(posted.Get("facts")), &facts); err != nil {
			v.Form.wrong("facts", r.T("console.rules.facts.wrong"))
			return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
		}
		var outcomes []identity.Outcome
		var known called
		err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
			if outcomes, err = c.deps.Identity.Try(ctx, tx, sort.name(r.Param("code")), variables(sort, facts)); err != nil {
				return err
			}
			known, err = c.called(ctx, tx, r)
			return err
		})
		if err != nil {
			return err
		}
		v.Sections = append(v.Sections, outcomeSection(r, outcomes, known))
		return r.HTML(consolePage(v))
	}
}

// variables are what was typed as rules speak of it; what is left out of a directory's entry is empty.
func variables(sort source, typed map[string]any) map[string]any {
	if sort == providers {
		return map[string]any{"claims": typed}
	}
	attributes, _ := typed["attributes"].(map[string]any)
	if attributes == nil {
		attributes = map[string]any{}
	}
	return map[string]any{"attributes": attributes, "groups": texts(typed["groups"]), "group_names": texts(typed["group_names"])}
}

func texts(list any) []string {
	out := []string{}
	all, _ := list.([]any)
	for _, x := range all {
		if text, ok := x.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

func outcomeSection(r *frame.Request, outcomes []identity.Outcome, known called) section {
	s := section{Title: r.T("console.rules.outcome"), Table: &ui.TableView{
		Caption: r.T("console.rules.outcome"), HideCaption: true, Stack: true, Columns: columns(r, "condition", "role", "agency", "boundary", "outcome"),
		Empty: &ui.EmptyView{Icon: "key", Title: r.T("console.rules.none"), Text: r.T("console.rules.none.text")},
	}}
	given := 0
	for _, o := range outcomes {
		kind := ui.Neutral
		switch o.Why {
		case identity.WhyHolds:
			kind = ui.Success
			given++
		case identity.WhyFails, identity.WhyRole:
			kind = ui.Danger
		}
		agency, area := known.where(r, o.Rule)
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Body: codeText(o.Condition)},
			{Text: known.role(o.Role)},
			{Text: agency},
			{Text: area},
			{Tag: &ui.TagView{Text: r.T("console.outcome." + o.Why), Kind: kind}, Sub: o.Detail},
		}})
	}
	s.Text = r.T("console.rules.given", "n", given)
	return s
}
