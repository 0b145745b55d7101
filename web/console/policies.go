package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// policies lists the tenant's own policies, and below them those of the house, to be read.
func (c *Console) policies(r *frame.Request) error {
	v := view(r, r.T("console.policies"))
	v.Lead, v.Tabs = r.T("console.policies.lead"), c.accessTabs(r)
	v.Search = search(r, "console.policies.search")
	var first *ui.ButtonView
	if r.Principal.MayIn("identity:manage", "") {
		first = &ui.ButtonView{Label: r.T("console.policies.new"), Href: "/console/policies/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	v.Sections = []section{
		{Title: r.T("console.policies.house"), Text: r.T("console.policies.house.text"), Pre: decision.Text(), PreLabel: r.T("console.policies.house.show")},
		{Title: r.T("console.policies.words"), Text: r.T("console.policies.words.text"), Pre: decision.Vocabulary(c.actions()), PreLabel: r.T("console.policies.words.show")},
	}
	l := list[identity.OwnPolicy]{
		name: "policies", columns: []string{"code", "reason", "changed", "state"}, empty: empty(r, "policies", "shield-check", first),
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[identity.OwnPolicy], error) {
			found, err := c.deps.Identity.OwnPolicies(ctx, tx)
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(found, func(p identity.OwnPolicy) bool {
				return !strings.Contains(strings.ToLower(p.Code+" "+r.Text(p.Reason)+" "+p.Text), q)
			}), err)
		},
		cells: func(p identity.OwnPolicy) []ui.Cell {
			tag := &ui.TagView{Text: r.T("console.policies.off"), Kind: ui.Neutral}
			if p.Enabled {
				tag = &ui.TagView{Text: r.T("console.policies.on"), Kind: ui.Success}
			}
			return []ui.Cell{{Text: p.Code, Href: "/console/policies/" + p.Code}, {Text: r.Text(p.Reason)}, {Text: ui.Date(r.Context(), p.ChangedAt)}, {Tag: tag}}
		},
	}
	return l.serve(r, v)
}

// policyOf is the policy of the path; none for a new one. Errors: identity.ErrNotFound.
func (c *Console) policyOf(r *frame.Request) (p identity.OwnPolicy, err error) {
	code := r.Param("code")
	if code == "" {
		return identity.OwnPolicy{Enabled: true, Text: "forbid (principal, action == Action::\"payment:refund\", resource)\nwhen { resource.agency == \"\" };\n"}, nil
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		found, err := c.deps.Identity.OwnPolicies(ctx, tx)
		i := slices.IndexFunc(found, func(x identity.OwnPolicy) bool { return x.Code == code })
		if err == nil && i < 0 {
			return identity.ErrNotFound
		}
		if err == nil {
			p = found[i]
		}
		return err
	})
	return p, err
}

func (c *Console) policyAsk(r *frame.Request) error {
	p, err := c.policyOf(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.policyForm(r, p)))
}

func (c *Console) policyForm(r *frame.Request, p identity.OwnPolicy) pageView {
	known := r.Param("code")
	v := view(r, r.T("console.policies.new")).back("/console/policies", r.T("console.policies"))
	if v.Lead = r.T("console.policies.new.lead"); known != "" {
		v.Title, v.Lead = known, r.Text(p.Reason)
	}
	if !r.Principal.MayIn("identity:manage", "") {
		v.Sections = []section{{Title: r.T("console.field.text"), Pre: p.Text, PreLabel: r.T("console.policies.show")}}
		return v
	}
	fields := []field{input(r, "code", p.Code, code, readOnly(known != ""), hint(r.T("console.code.hint")))}
	fields = append(fields, c.texts(r, "reason", p.Reason, hint(r.T("console.policies.reason.hint")))...)
	fields = append(fields,
		input(r, "text", p.Text, long, hint(r.T("console.policies.text.hint")), func(f *field) {
			f.Rows, f.Code, f.NoSpellcheck, f.Attrs = 8, true, true, map[string]any{"dir": "ltr"}
		}),
		input(r, "enabled", "", optional, options(checkField, []ui.Option{{Value: "yes", Label: r.T("console.policies.enabled"), Hint: r.T("console.policies.enabled.hint"), Checked: p.Enabled}})),
	)
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	if known != "" {
		v.Sections = []section{{Title: r.T("console.policies.remove"), Text: r.T("console.policies.remove.text"), Actions: []ui.ButtonView{
			{Label: r.T("console.policies.remove"), Href: r.URL.Path + "/remove", Variant: "warning"},
		}}}
	}
	return v
}

func (c *Console) policySave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	p := identity.OwnPolicy{Code: trimmed(posted, "code"), Reason: textOf(posted, "reason"), Text: posted.Get("text"), Enabled: posted.Get("enabled") == "yes"}
	if known := r.Param("code"); known != "" {
		if _, err := c.policyOf(r); err != nil {
			return err
		}
		p.Code = known
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Identity.PutPolicy(ctx, tx, p) })
	v := c.policyForm(r, p)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/policies?done=console.saved")
}

func (c *Console) policyRemoveAsk(r *frame.Request) error {
	if _, err := c.policyOf(r); err != nil {
		return err
	}
	return confirm(r, r.T("console.policies.remove.title"), r.T("console.policies.remove.text"), r.T("console.policies.remove"), "/console/policies/"+r.Param("code"))
}

func (c *Console) policyRemove(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Identity.RemovePolicy(ctx, tx, r.Param("code"))
	})
	if err != nil {
		return err
	}
	return r.Redirect("/console/policies?done=console.removed")
}
