package console

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// rotation shows how far the change of a key is, column by column, and what can be done about it.
func (c *Console) rotation(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var p encryption.Progress
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = c.deps.Encryption.Rotation(ctx, tx, id)
		return err
	}); err != nil {
		return err
	}
	v := view(r, r.T("keys.rotation.title")).back("/console/keys", r.T("site.console.keys"))
	v.Caption, v.Tag = r.T("keys.purpose."+string(p.Purpose)), rotationTag(r, p.Rotation)
	v.Lead = r.T("keys.state." + string(p.State) + ".text")
	if p.Paused {
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Warning, Title: r.T("keys.paused.text")})
	}
	v.Facts = c.rotationFacts(r, p)
	v.Sections = append(v.Sections, c.rotationColumns(r, p))
	if r.Principal.MayIn(encryption.Manage, "") {
		v.Sections[0].Posts = rotationPosts(r, p)
	}
	bar := ui.ProgressView{Label: r.T("keys.progress"), Percent: p.Percent(), Text: r.T("keys.columns.none")}
	if len(p.Columns) > 0 {
		bar.Text = r.T("keys.progress.left", "left", ui.Number(r.Context(), p.Remaining), "total", ui.Number(r.Context(), p.Total))
	}
	return r.HTML(rotationPage(v, bar, r.URL.Path, p.State.Working() && !p.Paused))
}

func (c *Console) rotationFacts(r *frame.Request, p encryption.Progress) []ui.Fact {
	facts := []ui.Fact{
		{Key: r.T("keys.fact.keys"), Value: p.OldKey + " → " + p.NewKey},
		{Key: r.T("console.column.begun"), Value: ui.DateTime(r.Context(), p.StartedAt) + " · " + c.staffName(r, p.StartedBy)},
	}
	switch {
	case p.State == encryption.Spreading:
		facts = append(facts, ui.Fact{Key: r.T("keys.fact.ready"), Value: ui.DateTime(r.Context(), p.ReadyAt)})
	case p.PromotedAt != nil:
		facts = append(facts, ui.Fact{Key: r.T("keys.fact.promoted"), Value: ui.DateTime(r.Context(), *p.PromotedAt)})
	}
	if p.State == encryption.Resting && p.DestroyAt != nil {
		facts = append(facts, ui.Fact{Key: r.T("keys.fact.destroy"), Value: ui.Date(r.Context(), *p.DestroyAt)})
	}
	if p.EndedAt != nil {
		facts = append(facts, ui.Fact{Key: r.T("console.column.ended"), Value: ui.DateTime(r.Context(), *p.EndedAt)})
	}
	return facts
}

func (c *Console) rotationColumns(r *frame.Request, p encryption.Progress) section {
	s := section{Title: r.T("keys.columns"), Text: r.T("keys.columns.text"), Table: &ui.TableView{
		Caption: r.T("keys.columns"), HideCaption: true, Stack: true, Columns: columns(r, "place", "total#", "remaining#", "unreadable#"),
		Empty: &ui.EmptyView{Icon: "clock", Title: r.T("keys.columns.none"), Text: r.T("keys.columns.none.text")},
	}}
	for _, col := range p.Columns {
		module, _, _ := strings.Cut(col.Name, ".")
		cells := []ui.Cell{
			{Text: r.T("module." + module), Sub: col.Name}, {Text: ui.Number(r.Context(), col.Total)}, {Text: ui.Number(r.Context(), col.Remaining)}, {Text: ui.Number(r.Context(), col.Unreadable)},
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: cells})
	}
	return s
}

// rotationPosts are what can be done in a state.
func rotationPosts(r *frame.Request, p encryption.Progress) (posts []postView) {
	here := "/console/keys/rotations/" + p.ID.String() + "/"
	add := func(act string) {
		posts = append(posts, postView{Action: here + act, Label: r.T("keys.act." + act)})
	}
	switch {
	case p.Paused, p.State == encryption.Blocked:
		add("resume")
	case p.State.Working():
		add("pause")
	}
	if p.State == encryption.Spreading {
		add("cancel")
	}
	if p.State == encryption.Resting {
		add("reopen")
	}
	return posts
}

// rotationAct pauses a change of a key, goes on with it, takes it back or calls the old key back.
func (c *Console) rotationAct(r *frame.Request) error {
	e := c.deps.Encryption
	act := map[string]func(context.Context, *pg.Tx, uuid.UUID) error{"pause": e.Pause, "resume": e.Resume, "cancel": e.Cancel, "reopen": e.Reopen}[r.Param("act")]
	id, err := r.UUID("id")
	if err != nil || act == nil {
		return frame.Lost(r)
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect("/console/keys/rotations/" + id.String() + "?done=keys." + r.Param("act"))
}

// personKey shows how the key of one person stands.
func (c *Console) personKey(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var k encryption.PersonKey
	var open []encryption.Progress
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if k, err = c.deps.Encryption.PersonKey(ctx, tx, id); err != nil {
			return err
		}
		open, err = c.deps.Encryption.OpenRotations(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	v := view(r, r.T("keys.person.title")).back("/console/people/"+id.String(), r.T("keys.person.back"))
	v.Lead = r.T("keys.person.lead")
	v.Facts = []ui.Fact{{Key: r.T("console.column.since"), Value: ui.DateTime(r.Context(), k.CreatedAt)}}
	if k.RotatedAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("keys.fact.rotated"), Value: ui.DateTime(r.Context(), *k.RotatedAt)})
	}
	if k.ForgottenAt != nil {
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Info, Title: r.T("keys.person.gone"), Text: ui.DateTime(r.Context(), *k.ForgottenAt)})
		return r.HTML(consolePage(v))
	}
	for _, p := range open {
		if p.Person == id && p.State != encryption.Resting {
			v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("keys.watch"), Href: "/console/keys/rotations/" + p.ID.String()})
			return r.HTML(consolePage(v))
		}
	}
	if r.Principal.MayIn(encryption.Manage, "") {
		v.Sections = []section{
			{Title: r.T("keys.change"), Text: r.T("keys.person.change"), Posts: []postView{{Action: r.URL.Path + "/rotate", Label: r.T("keys.rotate")}}},
			{Title: r.T("keys.destroy"), Text: r.T("keys.person.destroy"), Actions: []ui.ButtonView{{
				Label: r.T("keys.destroy.propose"), Href: destroyPath(encryption.DestroyPerson, id.String()), Variant: "warning",
			}}},
		}
	}
	return r.HTML(consolePage(v))
}

// personRotate begins to change a person's key.
func (c *Console) personRotate(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	return c.begin(r, encryption.ForPerson, id)
}
