package console

import (
	"context"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/web/asset"
	"digit/web/frame"
	"digit/web/ui"
)

var errOwnTenant = fault.Conflict("console.own_tenant")

// tenants lists the directory.
func (c *Console) tenants(r *frame.Request) error {
	v := view(r, r.T("site.console.tenants"))
	v.Lead = r.T("console.tenants.lead")
	v.Search = search(r, "console.tenants.search")
	v.Chips = chips(r, "kind", "console.tenant.kind.", "production", "sandbox", "demo")
	v.Actions = []ui.ButtonView{{Label: r.T("console.tenants.new"), Href: "/console/tenants/new", Icon: "plus"}}
	l := list[tenancy.Tenant]{
		name: "tenants", columns: []string{"tenant", "kind", "host", "state", "created", "act"},
		empty: empty(r, "tenants", "building-2", nil),
		orders: map[string]func(a, b tenancy.Tenant) int{
			"tenant": words(func(t tenancy.Tenant) string { return t.Slug }), "kind": words(func(t tenancy.Tenant) string { return t.Kind }),
			"created": func(a, b tenancy.Tenant) int { return a.Created.Compare(b.Created) },
		},
		fetch: func(ctx context.Context, _ *pg.Tx, _ page.Request) (page.Page[tenancy.Tenant], error) {
			found, err := c.deps.Tenancy.Tenants(ctx, r.DB())
			found = slices.DeleteFunc(found, func(t tenancy.Tenant) bool {
				return r.Query("kind") != "" && t.Kind != r.Query("kind") || !strings.Contains(t.Slug+" "+t.Host, strings.ToLower(r.Query("q")))
			})
			return all(found, err)
		},
		cells: func(t tenancy.Tenant) []ui.Cell {
			act := ui.Cell{Text: r.T("console.suspend"), Href: "/console/tenants/" + t.Slug + "/suspend"}
			if t.Status != "active" {
				act = ui.Cell{Body: post(postView{Action: "/console/tenants/" + t.Slug + "/restore", Label: r.T("console.restore"), Hidden: t.Slug})}
			} else if t.ID == r.Tenant.ID {
				act = ui.Cell{Text: r.T("console.tenants.this")}
			}
			return []ui.Cell{
				{Text: t.Slug},
				{Text: r.T("console.tenant.kind." + t.Kind)},
				{Text: t.Host},
				{Tag: statusTag(r, t.Status)},
				{Text: ui.Date(r.Context(), t.Created)},
				act,
			}
		},
	}
	return l.serve(r, v)
}

// statusTag shows whether a tenant or an account may be used.
func statusTag(r *frame.Request, status string) *ui.TagView {
	kind := map[string]ui.Kind{"active": ui.Success, "suspended": ui.Danger}[status]
	return &ui.TagView{Text: r.T("console.status." + status), Kind: kind}
}

// tenantAsk asks for a new tenant; most of it is as in this one.
func (c *Console) tenantAsk(r *frame.Request) error {
	s := r.Settings
	s.Name = nil
	return r.HTML(consolePage(c.tenantForm(r, tenancy.NewTenant{Kind: "sandbox", Settings: s}, identity.AddStaff{})))
}

func (c *Console) tenantForm(r *frame.Request, t tenancy.NewTenant, admin identity.AddStaff) pageView {
	v := view(r, r.T("console.tenants.new")).back("/console/tenants", r.T("site.console.tenants"))
	s := t.Settings
	kinds := []ui.Option{}
	for _, k := range []string{"production", "sandbox", "demo"} {
		kinds = append(kinds, ui.Option{Value: k, Label: r.T("console.tenant.kind." + k), Hint: r.T("console.tenant.kind." + k + ".text"), Checked: t.Kind == k})
	}
	fields := []field{
		input(r, "slug", t.Slug, code, hint(r.T("console.tenants.slug.hint"))), input(r, "kind", "", options(radioField, kinds)),
		input(r, "host", t.Host, optional, hint(r.T("console.tenants.host.hint"))),
	}
	fields = append(fields, c.texts(r, "name", s.Name)...)
	fields = append(fields, settingFields(r, s, c.deps.Texts.Languages())...)
	fields = append(fields, field{Kind: headingField, Field: ui.Field{Label: r.T("console.tenants.admin")}},
		input(r, "admin_name", admin.Name, hint(r.T("console.tenants.admin.hint"))), input(r, "admin_email", admin.Email, email))
	v.Form = &formView{FormPage: ui.FormPage{Action: "/console/tenants/new", Submit: r.T("console.tenants.create")}, Fields: fields}
	return v
}

// settingFields are the settings that a new tenant and the settings page share; known are the languages to choose from.
func settingFields(r *frame.Request, s tenancy.Settings, known []i18n.Language) []field {
	var languages, own []ui.Option
	for _, l := range known {
		languages = append(languages, ui.Option{Value: l.Code, Label: l.Name, Checked: contains(s.Languages, l.Code)})
		own = append(own, ui.Option{Value: l.Code, Label: l.Name, Checked: s.DefaultLanguage == l.Code})
	}
	return []field{
		input(r, "languages", "", options(checkField, languages), hint(r.T("console.settings.languages.hint"))),
		input(r, "default_language", "", options(radioField, own), hint(r.T("console.settings.default_language.hint"))),
		input(r, "currency", s.Currency, width("5"), hint(r.T("console.settings.currency.hint"))),
		input(r, "zone", s.Zone, width("20"), hint(r.T("console.settings.zone.hint"))),
		input(r, "phone_region", s.PhoneRegion, width("3"), hint(r.T("console.settings.phone_region.hint"))),
		input(r, "accent", s.Accent, width("10"), code, hint(r.T("console.settings.accent.hint"))),
		input(r, "contact_email", s.ContactEmail, email, optional), input(r, "contact_phone", s.ContactPhone, telephone, optional),
		input(r, "staff_named", "", options(radioField, []ui.Option{
			{Value: "no", Label: r.T("record.staff_named.no"), Checked: !s.StaffNamed}, {Value: "yes", Label: r.T("record.staff_named.yes"), Checked: s.StaffNamed},
		}), label(r.T("record.staff_named")), hint(r.T("record.staff_named.hint"))),
	}
}

// settingsOf reads what settingFields and the names asked for.
func settingsOf(posted url.Values, s tenancy.Settings) tenancy.Settings {
	s.Name = textOf(posted, "name")
	s.Languages, s.DefaultLanguage = posted["languages"], trimmed(posted, "default_language")
	s.Currency, s.Zone, s.PhoneRegion = trimmed(posted, "currency"), trimmed(posted, "zone"), trimmed(posted, "phone_region")
	s.Accent = strings.ToLower(trimmed(posted, "accent"))
	s.ContactEmail, s.ContactPhone = trimmed(posted, "contact_email"), trimmed(posted, "contact_phone")
	s.StaffNamed = posted.Get("staff_named") == "yes"
	return s
}

// accentProblem says why a colour cannot be used for texts and buttons, "" where it can.
func accentProblem(r *frame.Request, accent string) string {
	if _, err := asset.Theme(accent); err == nil {
		return ""
	}
	ratio, err := asset.Contrast(accent, "#ffffff")
	if err != nil {
		return r.T("error.tenancy.accent")
	}
	return r.T("console.settings.accent.low", "ratio", oneDecimal(ratio))
}

func (c *Console) tenantCreate(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := tenancy.NewTenant{Slug: trimmed(posted, "slug"), Kind: posted.Get("kind"), Host: strings.ToLower(trimmed(posted, "host"))}
	in.Settings = settingsOf(posted, tenancy.Settings{Tagline: i18n.Text{}, UndoSeconds: tenancy.UsualUndo})
	admin := identity.AddStaff{Name: trimmed(posted, "admin_name"), Email: trimmed(posted, "admin_email"), Lang: in.Settings.DefaultLanguage}
	v := c.tenantForm(r, in, admin)
	if why := accentProblem(r, in.Settings.Accent); why != "" {
		v.Form.wrong("accent", why)
	}
	if admin.Name == "" {
		v.Form.wrong("admin_name", r.T("console.tenants.admin.no_name"))
	}
	if at, err := mail.ParseAddress(admin.Email); err != nil || at.Address != admin.Email {
		v.Form.wrong("admin_email", r.T("console.tenants.admin.no_email"))
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	id, err := c.deps.Tenancy.Create(r.Context(), r.DB(), in)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	system := pg.Scope{Tenant: id, Actor: pg.Actor{Kind: "system", OnBehalf: r.Person(), RequestID: r.ID}}
	err = r.DB().InTx(r.Context(), system, func(ctx context.Context, tx *pg.Tx) error {
		if err := c.deps.Furnish(ctx, tx); err != nil {
			return err
		}
		first, err := c.deps.Identity.AddStaff(ctx, tx, admin)
		if err != nil {
			return err
		}
		return c.deps.Identity.Grant(ctx, tx, first, "administrator", "", "")
	})
	if err != nil {
		return err
	}
	if err := c.recordTenant(r, "tenancy.tenant.create", id); err != nil {
		return err
	}
	return r.Redirect("/console/tenants?done=console.created")
}

// recordTenant notes in this tenant's own record what was done to another.
func (c *Console) recordTenant(r *frame.Request, action string, tenant uuid.UUID) error {
	return r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "tenancy.tenant", ObjectID: tenant})
	})
}

func (c *Console) tenantSuspendAsk(r *frame.Request) error {
	v := view(r, r.T("console.tenants.suspend", "name", r.Param("slug")))
	v.Confirm = &ui.ConfirmActView{
		Title: v.Title, Text: r.T("console.tenants.suspend.text"), Action: r.URL.Path, Submit: r.T("console.suspend"),
		Cancel: ui.Link{Label: r.T("console.cancel"), Href: "/console/tenants"},
	}
	return r.HTML(consolePage(v))
}

func (c *Console) tenantSuspend(r *frame.Request) error { return c.setTenant(r, "suspended") }
func (c *Console) tenantRestore(r *frame.Request) error { return c.setTenant(r, "active") }

func (c *Console) setTenant(r *frame.Request, status string) error {
	t, err := r.DB().TenantBySlug(r.Context(), r.Param("slug"))
	if err != nil {
		return err
	}
	if t.ID == r.Tenant.ID {
		return errOwnTenant
	}
	action := "tenancy.tenant.restore"
	if status == "suspended" {
		action = "tenancy.tenant.suspend"
	}
	if err := c.recordTenant(r, action, t.ID); err != nil {
		return err
	}
	if err := r.DB().SetTenantStatus(r.Context(), t.ID, status); err != nil {
		return err
	}
	return r.Redirect("/console/tenants?done=console." + status)
}
