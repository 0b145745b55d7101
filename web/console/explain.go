package console

import (
	"context"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// What may be asked about on the page "May they?".
const (
	aboutState  = "state"
	aboutAgency = "agency"
	aboutCase   = "case"
)

// explain answers whether an account may do something to one object, and why. What is asked stands in the address.
func (c *Console) explain(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var account identity.AccountView
	var agencies []agency.Agency
	var e *identity.Explanation
	roles, wrong := map[string]string{}, map[string]string{}
	var known names
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if account, err = c.deps.Identity.Account(ctx, tx, id); err != nil {
			return err
		}
		if agencies, err = c.deps.Agencies.Agencies(ctx, tx); err != nil {
			return err
		}
		if err = c.roleNames(ctx, tx, r, roles); err != nil || r.Query("action") == "" {
			return err
		}
		on, field, err := c.object(ctx, tx, r)
		if err != nil {
			return err
		}
		if field != "" {
			wrong[field] = r.T("console.explain.wrong." + field)
			return nil
		}
		told, err := c.deps.Identity.Explain(ctx, tx, id, r.Query("action"), on)
		e = &told
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.explain", "name", nameOf(r, account.Name))).back("/console/people/"+id.String(), nameOf(r, account.Name))
	v.Lead = r.T("console.explain.lead")
	if e != nil {
		c.answer(r, &v, *e, roles, known)
	}
	v.Sections = append([]section{{Title: r.T("console.explain.ask"), Form: c.explainForm(r, agencies, wrong)}}, v.Sections...)
	return r.HTML(consolePage(v))
}

// object is what the reader asks about; field names what of the address is no such thing. What the reader may not look into is like
// what there is not.
func (c *Console) object(ctx context.Context, tx *pg.Tx, r *frame.Request) (on identity.Object, field string, err error) {
	if !slices.Contains(c.actions(), r.Query("action")) {
		return on, "action", nil
	}
	switch r.Query("about") {
	case aboutState:
		return identity.Object{Kind: "state"}, "", nil
	case aboutAgency:
		if !r.Principal.MayIn("identity:read", r.Query("agency")) || r.Query("agency") == "" {
			return on, "agency", nil
		}
		return identity.Object{Kind: "agency", Agency: r.Query("agency")}, "", nil
	case aboutCase:
		on, err = c.deps.Workflow.Subject(ctx, tx, strings.ToUpper(r.Query("reference")))
		if notFound(err) || err == nil && !r.Principal.MayIn("identity:read", on.Agency) {
			return on, "reference", nil
		}
		return on, "", err
	}
	return on, "about", nil
}

func notFound(err error) bool {
	e := fault.Of(err)
	return e != nil && e.Kind == fault.KindNotFound
}

// actions are what may be asked: the steps of a case, and every permission.
func (c *Console) actions() []string {
	actions := []string{decision.Act, decision.Claim, decision.See}
	for _, p := range c.deps.Permissions {
		actions = append(actions, p.Code)
	}
	return actions
}

func (c *Console) explainForm(r *frame.Request, agencies []agency.Agency, wrong map[string]string) *formView {
	acts := []ui.Option{{Label: r.T("console.choose")}}
	for _, a := range c.actions() {
		acts = append(acts, ui.Option{Value: a, Label: r.T("permission." + a), Checked: a == r.Query("action")})
	}
	about := r.Query("about")
	var kinds []ui.Option
	for _, kind := range []string{aboutCase, aboutAgency, aboutState} {
		kinds = append(kinds, ui.Option{Value: kind, Label: r.T("console.explain.about." + kind), Checked: kind == about || about == "" && kind == aboutCase})
	}
	list := []ui.Option{{Label: r.T("console.choose")}}
	for _, a := range agencies {
		list = append(list, ui.Option{Value: a.Code, Label: r.Text(a.Name), Checked: a.Code == r.Query("agency")})
	}
	f := &formView{FormPage: ui.FormPage{Action: r.URL.Path, Method: "get", Submit: r.T("console.explain.submit")}, Fields: []field{
		input(r, "action", "", options(selectField, acts), label(r.T("console.explain.action"))),
		input(r, "about", "", options(radioField, kinds), label(r.T("console.explain.about"))),
		input(r, "reference", r.Query("reference"), optional, code, label(r.T("console.explain.reference")), hint(r.T("console.explain.reference.hint"))),
		input(r, "agency", "", optional, options(selectField, list)),
	}}
	for name, text := range wrong {
		f.wrong(name, text)
	}
	return f
}

// answer tells the decision: the answer, what is known of the object, and what the policies say of each role.
func (c *Console) answer(r *frame.Request, v *pageView, e identity.Explanation, roles map[string]string, known names) {
	act := r.T("permission." + e.Action)
	note := ui.NoticeView{Kind: ui.Danger, Title: r.T("console.explain.no", "act", act)}
	switch {
	case e.Allowed:
		note = ui.NoticeView{Kind: ui.Success, Title: r.T("console.explain.yes", "act", act)}
	case e.Suspended:
		note.Text = r.T("console.explain.suspended")
	}
	v.Notes = append(v.Notes, note)
	v.Sections = append(v.Sections, section{Title: r.T("console.explain.why"), Text: r.T("console.explain.why.text"), Table: c.verdicts(r, e, roles, known)})
	if facts := objectFacts(r, e.Object, roles, known); len(facts) > 0 {
		v.Sections = append(v.Sections, section{Title: r.T("console.explain.facts"), Facts: facts})
	}
}

func (c *Console) verdicts(r *frame.Request, e identity.Explanation, roles map[string]string, known names) *ui.TableView {
	t := &ui.TableView{Caption: r.T("console.explain.why"), HideCaption: true, Stack: true, Columns: columns(r, "role", "agency", "boundary", "time", "says", "state")}
	for _, v := range e.Verdicts {
		role, where, area, when := r.T("console.explain.no_role"), "", "", ""
		if g := v.Grant; g != nil {
			role, where, area = orText(roles[g.Role], g.Role), orText(known.agency(g.Agency), r.T("console.grants.everywhere")), orNone(r, known.area(g.Boundary))
			when = day(r, g.From) + " – " + day(r, lastDay(g.Until))
		} else if len(v.Permits)+len(v.Forbids) == 0 {
			continue // asked without a role, and nothing to say
		}
		var says []string
		for _, id := range append(slices.Clone(v.Permits), v.Forbids...) {
			says = append(says, c.policyText(r, e, id))
		}
		if len(v.Permits) == 0 {
			says = append([]string{r.T("console.explain.nothing")}, says...)
		}
		tag := &ui.TagView{Text: r.T("console.explain.stops"), Kind: ui.Danger}
		if v.Passes() {
			tag = &ui.TagView{Text: r.T("console.explain.passes"), Kind: ui.Success}
		} else if len(v.Permits) == 0 {
			tag = &ui.TagView{Text: r.T("console.explain.lacks"), Kind: ui.Neutral}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: role}, {Text: where}, {Text: area}, {Text: when}, {Text: strings.Join(says, " ")}, {Tag: tag}}})
	}
	return t
}

// policyText is a policy in words: the house's from the catalogue, the tenant's own as its author explained it.
func (c *Console) policyText(r *frame.Request, e identity.Explanation, id string) string {
	if code, own := decision.Own(id); own {
		return r.T("console.explain.own", "code", code, "reason", r.Text(e.Reasons[code]))
	}
	return r.T("decision.policy." + id)
}

// objectFacts are what the decision knew of the object.
func objectFacts(r *frame.Request, on identity.Object, roles map[string]string, known names) (facts []ui.Fact) {
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Key: r.T("console.explain.fact." + key), Value: value})
		}
	}
	if on.Kind != aboutCase {
		return nil
	}
	add("agency", known.agency(on.Agency))
	add("service", known.service(on.Service))
	add("state", on.State)
	add("role", orText(roles[on.Role], on.Role))
	areas := slices.DeleteFunc(slices.Clone(on.Areas), func(s string) bool { return s == "" })
	for i, area := range areas {
		areas[i] = known.area(area)
	}
	slices.Sort(areas)
	add("areas", strings.Join(slices.Compact(areas), ", "))
	if len(on.EnteredBy) > 0 {
		add("entered", r.T("console.explain.people", "n", len(on.EnteredBy)))
	}
	return facts
}
