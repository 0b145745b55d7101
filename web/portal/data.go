package portal

import (
	"bytes"
	"context"
	"errors"

	"digit/internal/consumer/profile"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/pg"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// dataView is what people can do with all that is kept about them: take a copy, and have it erased.
type dataView struct {
	Site          ui.Site
	Notice        *ui.NoticeView
	Making, Ready bool
	Size, Until   string // of the copy
	Asked         bool   // to be erased
	Due           string
}

// data shows both, and how far they are.
func (p *Portal) data(r *frame.Request) error {
	v := dataView{Site: r.Site(frame.Portal), Notice: r.Done()}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		e, err := p.deps.Profiles.Export(ctx, tx, r.Person())
		if err != nil && !errors.Is(err, profile.ErrNoExport) {
			return err
		}
		v.Making = e.Status == "making"
		if e.Status == "ready" {
			f, err := p.deps.Documents.File(ctx, tx, e.Document)
			if err != nil {
				return err
			}
			v.Ready, v.Size, v.Until = true, form.Size(f.Size), ui.DateLong(ctx, *e.ExpiresAt)
		}
		erasure, err := p.deps.Profiles.Erasure(ctx, tx, r.Person())
		v.Asked, v.Due = erasure.Status == "asked", ui.DateLong(r.Context(), erasure.DueAt)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(dataPage(v))
}

// askCopy has the copy made.
func (p *Portal) askCopy(r *frame.Request) error {
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return p.deps.Profiles.AskExport(ctx, tx, r.Person(), r.Lang)
	}); err != nil {
		return err
	}
	return r.Redirect("/profile/data?done=data.asked")
}

// copyFile hands the copy out.
func (p *Portal) copyFile(r *frame.Request) error {
	var f document.File
	var body bytes.Buffer
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		e, err := p.deps.Profiles.Export(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		if e.Status != "ready" {
			return profile.ErrNoExport
		}
		if f, err = p.deps.Documents.File(ctx, tx, e.Document); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, false, body.Bytes())
}

type eraseView struct {
	Site   ui.Site
	Kept   ui.TableView
	Open   bool // requests are still worked on
	Any    bool
	Cancel string
}

// eraseAsk says what goes and what stays, and why, before anybody asks to be erased.
func (p *Portal) eraseAsk(r *frame.Request) error {
	v := eraseView{Site: r.Site(frame.Portal), Cancel: "/profile/data", Kept: ui.TableView{
		ID: "kept", Caption: r.T("erase.kept"), Stack: true,
		Columns: []ui.Column{{Label: r.T("request.service")}, {Label: r.T("erase.why")}, {Label: r.T("erase.until")}},
	}}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		list, err := p.deps.Profiles.Kept(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		for _, k := range list {
			spec, err := p.deps.Catalog.Service(ctx, tx, k.Service, 0)
			if err != nil {
				return err
			}
			until := r.T("erase.until_closed")
			if k.Until != nil {
				until = ui.DateLong(r.Context(), *k.Until)
			}
			v.Any, v.Open = true, v.Open || k.Why == profile.KeptOpen
			v.Kept.Rows = append(v.Kept.Rows, ui.Row{Cells: []ui.Cell{
				{Text: r.Text(spec.Pack().Name), Sub: k.Reference, Href: k.Path}, {Text: r.T("erase.why." + k.Why)}, {Text: until},
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.HTML(erasePage(v))
}

// askErasure begins the days of reflection.
func (p *Portal) askErasure(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return p.deps.Profiles.AskErasure(ctx, tx, r.Person()) })
	if errors.Is(err, profile.ErrOpen) { // begun since the page was shown
		return r.Redirect("/profile/data/erase")
	}
	if err != nil {
		return err
	}
	return r.Redirect("/profile/data?done=erase.asked")
}

// undoErasure takes the wish back.
func (p *Portal) undoErasure(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return p.deps.Profiles.UndoErasure(ctx, tx, r.Person()) })
	if err != nil && !errors.Is(err, profile.ErrErasure) { // pressed twice
		return err
	}
	return r.Redirect("/profile/data?done=erase.undone")
}
