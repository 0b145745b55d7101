package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

func topicName(r *frame.Request, topics []counter.Topic, code string) string {
	for _, t := range topics {
		if t.Code == code {
			return r.Text(t.Name)
		}
	}
	return code
}

type topicsView struct {
	Site                        ui.Site
	Notice                      *ui.NoticeView
	Table                       ui.TableView
	Code, Minutes, Places, Name ui.Field
	Names                       []ui.Field // one a language
	Closed                      bool
	Problems                    []ui.Problem
}

// topics lists what people come to the office for, and takes a new one or a change.
func (d *Desk) topics(r *frame.Request) error { return d.topicsPage(r, http.StatusOK, nil, nil) }

func (d *Desk) topicsPage(r *frame.Request, status int, typed url.Values, refused *fault.Error) error {
	v := topicsView{Site: r.Site(frame.Desk), Notice: r.Done(), Table: ui.TableView{
		ID: "topics", Caption: r.T("desk.topics"), HideCaption: true, Stack: true, Empty: &ui.EmptyView{Icon: "list", Title: r.T("desk.topics.none"), Text: r.T("desk.topics.none_text")},
		Columns: []ui.Column{{Label: r.T("desk.topic.code")}, {Label: r.T("desk.topic.name")}, {Label: r.T("desk.topic.minutes"), Num: true}, {Label: r.T("desk.topic.places"), Num: true}, {Label: r.T("desk.state")}},
	}}
	edited := counter.Topic{Minutes: 15, Places: 1, Active: true}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		list, err := d.deps.Desk.Topics(ctx, tx, at)
		for _, t := range list {
			if t.Code == r.Query("edit") {
				edited = t
			}
			tag := ui.TagView{Text: r.T("desk.topic.open"), Kind: ui.Success}
			if !t.Active {
				tag = ui.TagView{Text: r.T("desk.topic.closed"), Kind: ui.Neutral}
			}
			v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: t.Code, Href: "/desk/queue/topics?edit=" + t.Code}, {Text: r.Text(t.Name)}, {Text: ui.Number(r.Context(), t.Minutes)}, {Text: ui.Number(r.Context(), t.Places)}, {Tag: &tag},
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if typed == nil {
		typed = url.Values{"code": {edited.Code}, "minutes": {strconv.Itoa(edited.Minutes)}, "places": {strconv.Itoa(edited.Places)}}
		for lang, name := range edited.Name {
			typed.Set("name."+lang, name)
		}
		if !edited.Active {
			typed.Set("closed", "yes")
		}
	}
	v.fields(r, typed, refused)
	return r.HTMLStatus(status, topicsPage(v))
}

func (v *topicsView) fields(r *frame.Request, typed url.Values, refused *fault.Error) {
	text := func(name, width string) ui.Field {
		return ui.Field{Name: name, Label: r.T("desk.topic." + name), Hint: r.T("desk.topic." + name + "_hint"), Value: typed.Get(name), Width: width, Autocomplete: "off"}
	}
	v.Code, v.Minutes, v.Places = text("code", "2"), text("minutes", "5"), text("places", "5")
	v.Minutes.InputMode, v.Places.InputMode = "numeric", "numeric"
	for _, l := range r.Site(frame.Desk).Languages {
		v.Names = append(v.Names, ui.Field{Name: "name." + l.Lang, Label: r.T("desk.topic.name_in", "language", l.Name), Value: typed.Get("name." + l.Lang), Autocomplete: "off"})
	}
	v.Closed = typed.Get("closed") == "yes"
	if refused == nil {
		return
	}
	v.Problems = r.Problems(refused.Fields)
	for i, f := range refused.Fields {
		for _, field := range []*ui.Field{&v.Code, &v.Minutes, &v.Places} {
			if field.Name == f.Path {
				field.Error = r.FieldSentence(f)
			}
		}
		if f.Path == "name" {
			v.Names[0].Error, v.Problems[i].Field = r.FieldSentence(f), v.Names[0].Name
		}
	}
}

// putTopic takes a topic.
func (d *Desk) putTopic(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	number := func(name string) int {
		n, err := strconv.Atoi(latin(posted.Get(name)))
		if err != nil {
			return -1
		}
		return n
	}
	t := counter.Topic{
		Code: strings.ToUpper(strings.TrimSpace(posted.Get("code"))), Name: i18n.Text{}, Minutes: number("minutes"), Places: number("places"), Active: posted.Get("closed") != "yes",
	}
	for _, l := range r.Site(frame.Desk).Languages {
		if name := strings.TrimSpace(posted.Get("name." + l.Lang)); name != "" {
			t.Name[l.Lang] = name
		}
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if t.Place, err = d.at(ctx, tx, r); err != nil {
			return err
		}
		return d.deps.Desk.PutTopic(ctx, tx, *r.Principal, t)
	})
	if errors.Is(err, counter.ErrTopic) {
		return d.topicsPage(r, http.StatusUnprocessableEntity, posted, fault.Of(err))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/queue/topics?done=desk.topic_saved")
}
