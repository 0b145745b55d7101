package portal

import (
	"context"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type elsewhereView struct {
	Site             ui.Site
	Name, Path, Link string
}

// elsewhere shows the address of a draft to the camera of a telephone. It opens nothing by itself: whoever follows it signs in first.
func (p *Portal) elsewhere(r *frame.Request) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if a.Status != request.Draft {
		return r.Redirect(a.path())
	}
	return r.HTML(elsewherePage(elsewhereView{Site: r.Site(frame.Portal), Name: r.Text(a.spec.Pack().Name), Path: a.path(), Link: r.Origin() + a.path()}))
}
