package console

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// keyRoutes are the pages of keys. Who changes or destroys one must have proved who they are a moment ago.
func (c *Console) keyRoutes(whole func(method, pattern, permission string, h func(*frame.Request) error) frame.Route) []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	change := func(method, pattern string, h func(*frame.Request) error) frame.Route {
		return fresh(whole(method, pattern, encryption.Manage, h))
	}
	return []frame.Route{
		whole(get, "/keys", encryption.Read, c.keys),
		whole(get, "/keys/history", encryption.Read, c.keyHistory),
		whole(get, "/keys/signing", encryption.Read, c.signingKeys),
		whole(get, "/keys/signing/{kid}", encryption.Read, c.signingKey),
		change(post, "/keys/signing/{kid}/rotate", c.signingRotate),
		whole(get, "/keys/people/{id}", encryption.Read, c.personKey),
		change(post, "/keys/people/{id}/rotate", c.personRotate),
		whole(get, "/keys/rotations/{id}", encryption.Read, c.rotation),
		change(post, "/keys/rotations/{id}/{act}", c.rotationAct),
		whole(get, "/keys/proposals", encryption.Read, c.proposals),
		whole(get, "/keys/proposals/{id}", encryption.Read, c.proposal),
		change(post, "/keys/proposals/{id}/{act}", c.proposalAct),
		change(get, "/keys/destroy", c.destroyAsk),
		change(post, "/keys/destroy", c.destroyPropose),
		change(get, "/keys/{purpose}/rotate", c.rotateAsk),
		change(post, "/keys/{purpose}/rotate", c.rotate),
	}
}

// keyTabs lead between the pages of keys.
func keyTabs(r *frame.Request) (tabs []ui.NavItem) {
	for _, t := range []struct{ key, href string }{
		{"keys.tab.overview", "/console/keys"},
		{"keys.tab.signing", "/console/keys/signing"},
		{"keys.tab.proposals", "/console/keys/proposals"},
		{"keys.tab.history", "/console/keys/history"},
	} {
		tabs = append(tabs, ui.NavItem{Label: r.T(t.key), Href: t.href, Current: r.URL.Path == t.href})
	}
	return tabs
}

// keysFound is what the overview shows.
type keysFound struct {
	keys              []encryption.TenantKey
	open              []encryption.Progress
	living, forgotten int64
	signing           []encryption.SigningKey
	proposals         page.Page[encryption.Proposal]
}

func (c *Console) findKeys(ctx context.Context, tx *pg.Tx) (f keysFound, err error) {
	if f.keys, err = c.deps.Encryption.TenantKeys(ctx, tx); err != nil {
		return f, err
	}
	if f.open, err = c.deps.Encryption.OpenRotations(ctx, tx); err != nil {
		return f, err
	}
	if f.living, f.forgotten, err = c.deps.Encryption.People(ctx, tx); err != nil {
		return f, err
	}
	if f.signing, err = c.deps.Encryption.SigningKeys(ctx, tx, encryption.SigningFilter{State: encryption.KeyActive}); err != nil {
		return f, err
	}
	if !c.deps.Encryption.Sealed() { // the reasons of proposals are sealed too
		f.proposals, err = c.deps.Encryption.Proposals(ctx, tx, encryption.ProposalOpen, page.Request{Size: 100})
	}
	return f, err
}

// keys is the overview: which keys lock what, how old they are, and what is going on with them.
func (c *Console) keys(r *frame.Request) error {
	var f keysFound
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = c.findKeys(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	v := view(r, r.T("site.console.keys"))
	v.Lead, v.Tabs = r.T("keys.lead"), keyTabs(r)
	root := c.deps.Encryption.Custody()
	switch {
	case root.Sealed:
		v.Notes = append(v.Notes, ui.NoticeView{
			Kind: ui.Danger, Title: r.T("keys.root.sealed"), Text: r.T("keys.root.sealed.text", "kept", root.Kept, "code", fault.Of(root.Why).Code),
		})
	case root.Moved():
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Warning, Title: r.T("keys.root.moved"), Text: r.T("keys.root.moved.text")})
	}
	changing := 0
	for _, p := range f.open {
		if p.State != encryption.Resting {
			changing++
		}
	}
	v.Tiles = []ui.TileView{
		{Label: r.T("keys.tile.people"), Value: ui.Number(r.Context(), f.living), Change: r.T("keys.tile.forgotten", "n", f.forgotten)},
		{Label: r.T("keys.tile.signing"), Value: ui.Number(r.Context(), len(f.signing)), Href: "/console/keys/signing?state=active"},
		{Label: r.T("keys.tile.changing"), Value: ui.Number(r.Context(), changing), Href: "/console/keys/history"},
		{Label: r.T("keys.tile.proposals"), Value: ui.Number(r.Context(), len(f.proposals.Rows)), Bad: len(f.proposals.Rows) > 0, Href: "/console/keys/proposals?state=open"},
	}
	v.Sections = []section{c.rootSection(r, root), c.tenantKeys(r, f)}
	if old := oldKeys(r, f.keys); len(old.Table.Rows) > 0 {
		v.Sections = append(v.Sections, old)
	}
	if len(f.open) > 0 {
		v.Sections = append(v.Sections, c.openRotations(r, f.open))
	}
	return r.HTML(consolePage(v))
}

func (c *Console) rootSection(r *frame.Request, root encryption.Custody) section {
	s := section{Title: r.T("keys.root"), Text: r.T("keys.root.text"), Facts: []ui.Fact{{Key: r.T("keys.root.kept"), Value: root.Kept}}}
	if !root.Sealed {
		s.Facts = append(s.Facts, ui.Fact{Key: r.T("keys.root.id"), Value: root.Active})
	}
	return s
}

// advice says whether a key should be changed.
func advice(r *frame.Request, due time.Time, now time.Time, changing bool) ui.Cell {
	switch {
	case changing:
		return ui.Cell{Tag: &ui.TagView{Text: r.T("keys.advice.changing"), Kind: ui.Info}}
	case now.After(due):
		return ui.Cell{Tag: &ui.TagView{Text: r.T("keys.advice.due"), Kind: ui.Warning}, Sub: ui.Date(r.Context(), due)}
	}
	return ui.Cell{Tag: &ui.TagView{Text: r.T("keys.advice.fine"), Kind: ui.Success}, Sub: r.T("keys.advice.until", "date", ui.Date(r.Context(), due))}
}

func (c *Console) tenantKeys(r *frame.Request, f keysFound) section {
	s := section{Title: r.T("keys.tenant"), Text: r.T("keys.tenant.text"), Table: &ui.TableView{
		Caption: r.T("keys.tenant"), HideCaption: true, Stack: true, Columns: columns(r, "keykind", "keyid", "since", "advice", "act"),
		Empty: &ui.EmptyView{Icon: "key", Title: r.T("keys.tenant.none"), Text: r.T("keys.tenant.none.text")},
	}}
	may := r.Principal.MayIn(encryption.Manage, "") && !c.deps.Encryption.Sealed()
	for _, k := range f.keys {
		i := slices.IndexFunc(f.open, func(p encryption.Progress) bool { return p.Purpose == k.Purpose && p.State != encryption.Resting })
		active := k.Active()
		act := ui.Cell{}
		switch {
		case i >= 0:
			act = ui.Cell{Text: r.T("keys.watch"), Href: "/console/keys/rotations/" + f.open[i].ID.String()}
		case may:
			act = ui.Cell{Text: r.T("keys.change"), Href: "/console/keys/" + string(k.Purpose) + "/rotate"}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.T("keys.purpose." + string(k.Purpose)), Sub: r.T("keys.purpose." + string(k.Purpose) + ".text")},
			{Text: orNone(r, active.Key)},
			{Text: ui.Date(r.Context(), active.CreatedAt)},
			advice(r, k.Due, r.Now, i >= 0), act,
		}})
	}
	return s
}

// oldKeys are the tenant's keys that no longer lock anything new. Those that other systems or authentication codes may still
// need are destroyed by decision; the others end with their change.
func oldKeys(r *frame.Request, keys []encryption.TenantKey) section {
	s := section{Title: r.T("keys.old"), Text: r.T("keys.old.text"), Table: &ui.TableView{
		Caption: r.T("keys.old"), HideCaption: true, Stack: true, Columns: columns(r, "keykind", "keyid", "state", "since", "act"),
	}}
	for _, k := range keys {
		for _, old := range k.Keys {
			if old.State != "retired" && old.State != "disabled" {
				continue
			}
			cells := []ui.Cell{
				{Text: r.T("keys.purpose." + string(k.Purpose))},
				{Text: old.Key},
				{Tag: &ui.TagView{Text: r.T("keys.version." + old.State), Kind: ui.Neutral}},
				{Text: ui.Date(r.Context(), old.CreatedAt)},
				{},
			}
			if k.Purpose.Lasting() && r.Principal.MayIn(encryption.Manage, "") {
				cells[4] = ui.Cell{Text: r.T("keys.destroy.propose"), Href: destroyPath(encryption.DestroyTenantKey, string(k.Purpose)+"/"+old.Key)}
			}
			s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: cells})
		}
	}
	return s
}

func rotationTag(r *frame.Request, p encryption.Rotation) *ui.TagView {
	if p.Paused {
		return &ui.TagView{Text: r.T("keys.state.paused"), Kind: ui.Warning}
	}
	kind := map[encryption.RotationState]ui.Kind{
		encryption.Spreading: ui.Info, encryption.Counting: ui.Info, encryption.Renewing: ui.Info, encryption.Blocked: ui.Danger,
		encryption.Resting: ui.Success, encryption.Done: ui.Success, encryption.Cancelled: ui.Neutral,
	}[p.State]
	return &ui.TagView{Text: r.T("keys.state." + string(p.State)), Kind: kind}
}

func (c *Console) openRotations(r *frame.Request, open []encryption.Progress) section {
	s := section{Title: r.T("keys.changing"), Table: &ui.TableView{
		Caption: r.T("keys.changing"), HideCaption: true, Stack: true, Columns: columns(r, "keykind", "state", "remaining#", "begun"),
	}}
	for _, p := range open {
		left := r.T("console.none")
		if len(p.Columns) > 0 {
			left = ui.Number(r.Context(), p.Remaining)
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.T("keys.purpose." + string(p.Purpose)), Href: "/console/keys/rotations/" + p.ID.String()},
			{Tag: rotationTag(r, p.Rotation)},
			{Text: left},
			{Text: ui.DateTime(r.Context(), p.StartedAt)},
		}})
	}
	return s
}

// purposeOf reads which of the tenant's keys the address names.
func purposeOf(r *frame.Request) (encryption.Purpose, bool) {
	p := encryption.Purpose(r.Param("purpose"))
	return p, slices.Contains(encryption.Purposes, p)
}

// rotateView explains, before anything is done, what changing a key means and for whom.
func (c *Console) rotateView(r *frame.Request, p encryption.Purpose) pageView {
	v := view(r, r.T("keys.rotate.title", "key", r.T("keys.purpose."+string(p)))).back("/console/keys", r.T("site.console.keys"))
	v.Lead = r.T("keys.rotate." + string(p))
	v.Facts = []ui.Fact{
		{Key: r.T("keys.rotate.who"), Value: r.T("keys.rotate.who.text")},
		{Key: r.T("keys.rotate.how"), Value: r.T("keys.rotate.how." + string(p))},
		{Key: r.T("keys.rotate.back"), Value: r.T("keys.rotate.back." + string(p))},
	}
	v.Form = &formView{FormPage: ui.FormPage{
		Action: r.URL.Path, Submit: r.T("keys.rotate"), Secondary: &ui.Link{Label: r.T("console.cancel"), Href: "/console/keys"},
	}}
	return v
}

func (c *Console) rotateAsk(r *frame.Request) error {
	p, ok := purposeOf(r)
	if !ok {
		return frame.Lost(r)
	}
	return r.HTML(consolePage(c.rotateView(r, p)))
}

// rotate begins to change one of the tenant's keys.
func (c *Console) rotate(r *frame.Request) error {
	p, ok := purposeOf(r)
	if !ok {
		return frame.Lost(r)
	}
	return c.begin(r, p, uuid.Nil)
}

func (c *Console) begin(r *frame.Request, p encryption.Purpose, person uuid.UUID) error {
	var id uuid.UUID
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		id, err = c.deps.Encryption.Rotate(ctx, tx, p, person)
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect("/console/keys/rotations/" + id.String() + "?done=keys.started")
}

// keyHistory lists the changes of keys, the newest first.
func (c *Console) keyHistory(r *frame.Request) error {
	v := view(r, r.T("keys.tab.history"))
	v.Lead, v.Tabs = r.T("keys.history.lead"), keyTabs(r)
	v.Actions = []ui.ButtonView{{Label: r.T("keys.history.audit"), Href: "/console/audit?object=encryption.rotation", Icon: "scroll-text", Variant: "tertiary"}}
	l := list[encryption.Rotation]{
		name: "key-changes", columns: []string{"keykind", "state", "begun", "ended", "who"}, empty: empty(r, "keys.history", "history", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[encryption.Rotation], error) {
			return c.deps.Encryption.Rotations(ctx, tx, p)
		},
		cells: func(x encryption.Rotation) []ui.Cell {
			ended := r.T("console.none")
			if x.EndedAt != nil {
				ended = ui.DateTime(r.Context(), *x.EndedAt)
			}
			return []ui.Cell{
				{Text: r.T("keys.purpose." + string(x.Purpose)), Sub: x.OldKey + " → " + x.NewKey, Href: "/console/keys/rotations/" + x.ID.String()},
				{Tag: rotationTag(r, x)},
				{Text: ui.DateTime(r.Context(), x.StartedAt)},
				{Text: ended},
				{Text: c.staffName(r, x.StartedBy)},
			}
		},
	}
	return l.serve(r, v)
}

// staffName is the name of somebody who did something with keys.
func (c *Console) staffName(r *frame.Request, account uuid.UUID) string {
	if account == uuid.Nil {
		return r.T("console.actor.system")
	}
	var name string
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		name, err = c.deps.Identity.Name(ctx, tx, account)
		return err
	})
	if err != nil || name == "" { // the page is worth more than the name
		return r.T("console.people.nameless")
	}
	return name
}
