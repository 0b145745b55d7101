package field

import (
	"bytes"
	"context"
	"fmt"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	outside "digit/internal/provider/field"
	"digit/internal/provider/orchestration"
	"digit/web/frame"
	"digit/web/ui"

	"github.com/google/uuid"
)

// reportsView is what was found on visits of a case, for the office.
type reportsView struct {
	Site    ui.Site
	Back    string
	Title   string
	Reports []reportView
}

type reportView struct {
	Title string
	Tag   ui.TagView
	Facts []ui.Fact
	Files []ui.FileItem
}

// reports shows what was found on visits of a case.
func (f *Field) reports(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var app orchestration.Application
	var list []outside.Found
	var svc *servicespec.Service
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		app, svc, list, err = f.deps.Field.Reports(ctx, tx, *r.Principal, id)
		return err
	}); err != nil {
		return err
	}
	v := reportsView{Site: r.Site(frame.Workbench), Back: "/workbench/cases/" + id.String(), Title: r.T("field.reports", "reference", app.Reference)}
	for _, found := range list {
		v.Reports = append(v.Reports, reportOf(r, svc, id, found))
	}
	return r.HTML(reportsPage(v))
}

func reportOf(r *frame.Request, svc *servicespec.Service, application uuid.UUID, found outside.Found) reportView {
	in, action := found.Report, svc.Action(found.Action)
	v := reportView{
		Title: r.T("field.report.by", "name", found.Officer, "at", ui.DateTime(r.Context(), found.MadeAt)),
		Tag:   ui.TagView{Text: r.T("field.outcome." + found.Outcome), Kind: outcomeKind[found.Outcome]},
	}
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Key: key, Value: value})
		}
	}
	if action != nil {
		add(r.T("field.visit.result"), r.Text(action.Name))
	}
	for _, a := range svc.Pack().Workflow.Actions {
		for _, item := range a.Checklist {
			p, there := in.Checklist[item.Code]
			delete(in.Checklist, item.Code)
			if !there || p == (outside.Point{}) {
				continue
			}
			value := map[string]string{outside.Yes: r.T("field.yes"), outside.No: r.T("field.no")}[p.Answer]
			if p.Remark != "" {
				value += "\n" + p.Remark
			}
			add(r.Text(item.Label), value)
		}
	}
	add(r.T("field.visit.comment"), in.Comment)
	add(r.T("field.visit.inside"), in.Remark)
	add(r.T("field.visit.present"), in.Present)
	if p := in.Position; p != nil {
		add(r.T("field.report.position"), r.T("field.report.position_text", "place", fmt.Sprintf("%.5f, %.5f", p.Latitude, p.Longitude), "n", int(p.Accuracy+0.5)))
	}
	add(r.T("field.report.received"), ui.DateTime(r.Context(), found.ReceivedAt))
	for _, a := range in.Files {
		if found.Files[a.Upload].ID == uuid.Nil {
			continue
		}
		v.Files = append(v.Files, ui.FileItem{Name: fileName(r, action, a.Code), Href: "/workbench/cases/" + application.String() + "/visits/files/" + a.Upload.String()})
	}
	return v
}

var outcomeKind = map[string]ui.Kind{outside.Done: ui.Success, outside.Refused: ui.Danger, outside.Conflict: ui.Warning, outside.Kept: ui.Neutral}

func fileName(r *frame.Request, action *servicespec.Action, code string) string {
	if action != nil {
		for _, d := range action.Documents {
			if d.Code == code {
				return r.Text(d.Label)
			}
		}
	}
	if code == outside.Signature {
		return r.T("field.file.signature")
	}
	return r.T("field.file.photo")
}

// file shows a file of a visit.
func (f *Field) file(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	upload, err := r.UUID("file")
	if err != nil {
		return err
	}
	var body bytes.Buffer
	var file servicespec.File
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		file, err = f.deps.Field.ReadFile(ctx, tx, *r.Principal, id, upload, &body)
		return err
	}); err != nil {
		return err
	}
	return r.File(file.Name, file.MediaType, true, body.Bytes())
}
