package portal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"digit/internal/consumer/profile"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type preferenceView struct {
	Site            ui.Site
	News, Reminders ui.Field
	From, To        ui.Field
	Stopped         *ui.NoticeView // what was stopped by answering STOP
}

// preferences asks how the reader wants to be told of what, and when not.
func (p *Portal) preferences(r *frame.Request) error {
	var me profile.Profile
	var all, stopped []string
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if all, err = p.deps.Profiles.Ways(ctx, tx); err != nil {
			return err
		}
		if stopped, err = p.deps.Profiles.Stopped(ctx, tx, r.Person()); err != nil {
			return err
		}
		me, err = p.deps.Profiles.Profile(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return err
	}
	ways := func(chosen []string) (out []ui.Option) {
		for _, c := range all {
			out = append(out, ui.Option{Value: c, Label: r.T("preference.by." + c), Checked: slices.Contains(chosen, c)})
		}
		return out
	}
	hours := func(chosen int) (out []ui.Option) {
		for h := range 24 {
			on := me.Quiet.From != me.Quiet.To && h == chosen
			out = append(out, ui.Option{Value: strconv.Itoa(h), Label: fmt.Sprintf("%02d:00", h), Checked: on})
		}
		return out
	}
	var notice *ui.NoticeView
	if len(stopped) > 0 {
		var names []string
		for _, c := range stopped {
			names = append(names, r.T("preference.stopped."+c))
		}
		notice = &ui.NoticeView{Kind: ui.Info, Title: r.T("preference.stopped", "channels", strings.Join(names, ", ")), Text: r.T("preference.stopped.text")}
	}
	return r.HTML(preferencePage(preferenceView{
		Site:      r.Site(frame.Portal),
		Stopped:   notice,
		News:      ui.Field{Name: "news", Label: r.T("preference.news"), Hint: r.T("preference.news.hint"), Options: ways(me.Channels), Optional: true},
		Reminders: ui.Field{Name: "reminders", Label: r.T("preference.reminders"), Hint: r.T("preference.reminders.hint"), Options: ways(me.Reminders), Optional: true},
		From:      ui.Field{Name: "from", Label: r.T("preference.from"), Options: hours(me.Quiet.From), Optional: true},
		To:        ui.Field{Name: "to", Label: r.T("preference.to"), Options: hours(me.Quiet.To), Optional: true},
	}))
}

// changePreferences keeps them. Quiet hours with one end alone are none.
func (p *Portal) changePreferences(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		me, err := p.deps.Profiles.Profile(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		me.Channels, me.Reminders, me.Quiet = posted["news"], posted["reminders"], profile.Quiet{}
		from, wrong := strconv.Atoi(posted.Get("from"))
		to, alsoWrong := strconv.Atoi(posted.Get("to"))
		if wrong == nil && alsoWrong == nil {
			me.Quiet = profile.Quiet{From: from, To: to}
		}
		return p.deps.Profiles.Change(ctx, tx, r.Person(), me)
	})
	if err != nil {
		return err
	}
	return r.Redirect("/profile?done=preference.saved")
}
