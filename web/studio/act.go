package studio

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// move undoes or redoes, and goes back to where the reader was.
func (s *Studio) move(r *frame.Request, move func(context.Context, *pg.Tx, identity.Principal, uuid.UUID, int) (studio.Draft, error)) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	draft, err := r.UUID("draft")
	if err != nil {
		return err
	}
	rev, _ := strconv.Atoi(posted.Get("rev"))
	back := frame.LocalPath(posted.Get("back"))
	if !strings.HasPrefix(back, "/studio/"+draft.String()) {
		back = "/studio/" + draft.String()
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := move(ctx, tx, *r.Principal, draft, rev)
		return err
	})
	if err == nil {
		return r.Redirect(back)
	}
	d, oops := s.open(r, s.parts[0])
	if oops != nil {
		return oops
	}
	return s.refuse(r, d, posted, err)
}

func (s *Studio) discardAsk(r *frame.Request) error {
	d, err := s.open(r, s.parts[0])
	if err != nil {
		return err
	}
	v := view(r, r.T("studio.discard.title", "name", d.title(r)))
	v.Confirm = &ui.ConfirmActView{
		Title: v.Title, Text: r.T("studio.discard.text"), Action: d.href("discard"), Submit: r.T("studio.discard"), Cancel: ui.Link{Label: r.T("studio.cancel"), Href: d.href("")},
	}
	return r.HTML(plainPage(v))
}

func (s *Studio) discard(r *frame.Request) error {
	return s.onDraft(r, s.deps.Studio.Discard, func(uuid.UUID) string { return "/studio/discarded?done=studio.discarded" })
}

func (s *Studio) takeBack(r *frame.Request) error {
	return s.onDraft(r, s.deps.Studio.TakeBack, func(draft uuid.UUID) string { return "/studio/" + draft.String() + "?done=studio.taken_back" })
}

func (s *Studio) onDraft(r *frame.Request, do func(context.Context, *pg.Tx, identity.Principal, uuid.UUID) error, to func(uuid.UUID) string) error {
	draft, err := r.UUID("draft")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, *r.Principal, draft) })
	if err != nil {
		return err
	}
	return r.Redirect(to(draft))
}

// presence answers with who else is here, for the part of the page that asks again and again.
func (s *Studio) presence(r *frame.Request, d *desk) error {
	return r.HTML(presence(deskView{Draft: d.ID.String(), Here: s.whereIs(r, d.part), Spot: url.QueryEscape(r.Query("page")), Present: s.present(r, d)}))
}
