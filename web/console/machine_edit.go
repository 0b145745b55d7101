package console

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// machineForm asks for a new system: what the reader themselves may do there, and no more.
func (c *Console) machineForm(r *frame.Request, in identity.NewMachine, until string) (v pageView, err error) {
	agencies := []ui.Option{}
	if r.Principal.MayIn("identity:machines", "") {
		agencies = append(agencies, ui.Option{Label: r.T("console.grants.everywhere"), Checked: in.Agency == ""})
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		found, err := c.deps.Agencies.Agencies(ctx, tx)
		for _, a := range found {
			if r.Principal.MayIn("identity:machines", a.Code) {
				agencies = append(agencies, ui.Option{Value: a.Code, Label: r.Text(a.Name), Checked: a.Code == in.Agency})
			}
		}
		return err
	})
	v = view(r, r.T("console.machines.new")).back("/console/machines", r.T("console.machines"))
	v.Lead = r.T("console.machines.new.lead")
	var kinds, scope []ui.Option
	for _, kind := range []string{identity.MachineKey, identity.MachineClient} {
		kinds = append(kinds, ui.Option{Value: kind, Label: r.T("console.machines.kind." + kind), Hint: r.T("console.machines.kind." + kind + ".hint"), Checked: kind == in.Kind})
	}
	for _, p := range c.deps.Permissions {
		if identity.Grantable(p.Code) && r.Principal.May(p.Code) {
			scope = append(scope, ui.Option{Value: p.Code, Label: r.T("permission." + p.Code), Hint: p.Code, Checked: contains(in.Permissions, p.Code)})
		}
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.machines.new")}, Fields: []field{
		input(r, "name", in.Name, label(r.T("console.machines.name")), hint(r.T("console.machines.name.hint"))),
		input(r, "kind", "", options(radioField, kinds), label(r.T("console.machines.kind"))),
		input(r, "agency", "", options(selectField, agencies), hint(r.T("console.machines.agency.hint"))),
		input(r, "permissions", "", options(checkField, scope), label(r.T("console.machines.scope")), hint(r.T("console.machines.scope.hint"))),
		input(r, "expires", until, width("10"), label(r.T("console.machines.until")), hint(r.T("console.machines.until.hint")), func(f *field) { f.Type = "date" }),
	}}
	return v, err
}

func (c *Console) machineAsk(r *frame.Request) error {
	half := civil.Of(r.Now.In(r.Settings.Location())).AddDays(180)
	v, err := c.machineForm(r, identity.NewMachine{Kind: identity.MachineKey}, half.String())
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) machineAdd(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := identity.NewMachine{Name: trimmed(posted, "name"), Kind: posted.Get("kind"), Agency: posted.Get("agency"), Permissions: posted["permissions"]}
	v, err := c.machineForm(r, in, trimmed(posted, "expires"))
	if err != nil {
		return err
	}
	in.ExpiresAt, _ = c.end(r, v.Form, trimmed(posted, "expires"))
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	var id uuid.UUID
	var secret string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		in.ExpiresAt = in.ExpiresAt.Add(tx.Wall.Sub(tx.Now)) // machines end by the machine's clock
		id, secret, err = c.deps.Identity.AddMachine(ctx, tx, in)
		return err
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return c.showSecret(r, id, in.Name, secret)
}

// end reads the day on which something ends, which is included, on the tenant's clock.
func (c *Console) end(r *frame.Request, f *formView, text string) (end time.Time, ok bool) {
	d, err := civil.Parse(text)
	if err != nil {
		f.wrong("expires", r.T("console.date.wrong"))
		return end, false
	}
	return d.AddDays(1).In(r.Settings.Location()), true
}

// showSecret shows a secret this once: the page is kept by no cache, and the secret stands nowhere else.
func (c *Console) showSecret(r *frame.Request, id uuid.UUID, name, secret string) error {
	v := view(r, r.T("console.machines.made")).back("/console/machines/"+id.String(), name)
	v.Notes = []ui.NoticeView{{Kind: ui.Warning, Title: r.T("console.machines.once"), Text: r.T("console.machines.once.text")}}
	v.Form = nil
	v.Sections = []section{{Title: name, Shown: []field{
		input(r, "id", id.String(), code, readOnly(true), label(r.T("console.machines.id"))),
		input(r, "secret", secret, readOnly(true), label(r.T("console.machines.secret")), func(f *field) { f.Code, f.NoSpellcheck, f.Autocomplete = true, true, "off" }),
	}, Actions: []ui.ButtonView{{Label: r.T("console.machines.kept"), Href: "/console/machines/" + id.String()}}}}
	return r.HTML(consolePage(v))
}

func (c *Console) machineOf(r *frame.Request) (m identity.Machine, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return m, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		m, err = c.deps.Identity.Machine(ctx, tx, id)
		return err
	})
	return m, err
}

func (c *Console) rotateForm(r *frame.Request, m identity.Machine, overlap, until string) pageView {
	v := view(r, r.T("console.machines.rotate")).back("/console/machines/"+m.ID.String(), m.Name)
	v.Lead = r.T("console.machines.rotate.lead")
	var spans []ui.Option
	for _, days := range []string{"0", "1", "7"} {
		spans = append(spans, ui.Option{Value: days, Label: r.T("console.machines.overlap." + days), Checked: days == overlap})
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.machines.rotate")}, Fields: []field{
		input(r, "overlap", "", options(radioField, spans), label(r.T("console.machines.overlap"))),
		input(r, "expires", until, optional, width("10"), label(r.T("console.machines.renew")), hint(r.T("console.machines.until.hint")), func(f *field) { f.Type = "date" }),
	}}
	return v
}

func (c *Console) machineRotateAsk(r *frame.Request) error {
	m, err := c.machineOf(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.rotateForm(r, m, "1", "")))
}

func (c *Console) machineRotate(r *frame.Request) error {
	m, err := c.machineOf(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := c.rotateForm(r, m, posted.Get("overlap"), trimmed(posted, "expires"))
	days, known := map[string]int{"0": 0, "1": 1, "7": 7}[posted.Get("overlap")]
	if !known {
		v.Form.wrong("overlap", r.T("console.machines.overlap.wrong"))
	}
	var end time.Time
	if text := trimmed(posted, "expires"); text != "" {
		end, _ = c.end(r, v.Form, text)
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	var secret string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if !end.IsZero() {
			end = end.Add(tx.Wall.Sub(tx.Now))
		}
		secret, err = c.deps.Identity.RotateMachine(ctx, tx, m.ID, time.Duration(days)*24*time.Hour, end)
		return err
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return c.showSecret(r, m.ID, m.Name, secret)
}

func (c *Console) machineRevokeAsk(r *frame.Request) error {
	m, err := c.machineOf(r)
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.machines.revoke.title", "name", m.Name), r.T("console.machines.revoke.text"), r.T("console.machines.revoke"), "/console/machines/"+m.ID.String())
}

func (c *Console) machineRevoke(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Identity.RevokeMachine(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect("/console/machines/" + id.String() + "?done=console.revoked_machine")
}
