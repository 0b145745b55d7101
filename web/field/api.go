package field

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	outside "digit/internal/provider/field"
	"digit/web/frame"
	"digit/web/ui"
)

// enrol makes the device known and says whose it is.
func (f *Field) enrol(r *frame.Request) error {
	var in struct {
		ID uuid.UUID `json:"id"`
	}
	if err := r.Decode(&in); err != nil {
		return err
	}
	var d outside.Device
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = f.deps.Field.Enrol(ctx, tx, *r.Principal, in.ID, deviceName(r.UserAgent()))
		return err
	}); err != nil {
		return err
	}
	return r.JSON(200, map[string]any{"device": d.ID, "account": d.Account, "name": r.Principal.Name})
}

// deviceName is what a browser says of itself, in a few words.
func deviceName(agent string) string {
	d := identity.DeviceOf(agent)
	return strings.Trim(d.Browser+", "+d.System, ", ")
}

// status tells a device, whoever is signed in, whether it is to delete what it holds.
func (f *Field) status(r *frame.Request) error {
	device, err := r.UUID("device")
	if err != nil {
		return err
	}
	var status string
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		status, err = f.deps.Field.Status(ctx, tx, device)
		return err
	}); err != nil {
		return err
	}
	return r.JSON(200, map[string]any{"status": status})
}

// gone is told by a device that has deleted what it held.
func (f *Field) gone(r *frame.Request) error {
	device, err := r.UUID("device")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return f.deps.Field.Gone(ctx, tx, device) }); err != nil {
		return err
	}
	return r.JSON(200, map[string]any{"status": "gone"})
}

// visitJSON is a visit as the device keeps it: Page is what it shows of it, made here, so that it needs nothing more.
type visitJSON struct {
	Key       string       `json:"key"`
	Case      uuid.UUID    `json:"case"`
	Branch    string       `json:"branch"`
	Rev       int64        `json:"rev"`
	Reference string       `json:"reference"`
	Service   string       `json:"service"`
	State     string       `json:"state"`
	Area      string       `json:"area"`
	Due       string       `json:"due"`
	Page      string       `json:"page,omitempty"`
	Actions   []actionJSON `json:"actions,omitempty"`
}

// actionJSON is what an action asks for, so that the device can tell what is missing.
type actionJSON struct {
	Code       string   `json:"code"`
	Name       string   `json:"name"`
	Comment    bool     `json:"comment"` // must be there
	Reasons    bool     `json:"reasons"`
	Correction bool     `json:"correction"`
	Checklist  []string `json:"checklist"`
}

func (f *Field) bundle(r *frame.Request) error {
	device, err := uuid.Parse(r.Query("device"))
	if err != nil {
		return outside.ErrDevice
	}
	unsent, err := strconv.Atoi(r.Query("unsent"))
	if err != nil {
		unsent = 0
	}
	var b outside.Bundle
	var w words
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if b, err = f.deps.Field.TakeAlong(ctx, tx, *r.Principal, device, unsent); err != nil {
			return err
		}
		var services []*servicespec.Service
		for _, t := range b.Mine {
			services = append(services, t.Spec)
		}
		w, err = f.load(ctx, tx, services...)
		return err
	}); err != nil {
		return err
	}
	mine, free := make([]visitJSON, 0, len(b.Mine)), make([]visitJSON, 0, len(b.Free))
	for _, t := range b.Mine {
		v := visitOf(r, w, t.Visit)
		v.Actions = actionsOf(r, t)
		var page strings.Builder
		if err := visitPage(visitView(r, w, t)).Render(r.Context(), &page); err != nil {
			return err
		}
		v.Page = page.String()
		mine = append(mine, v)
	}
	for _, t := range b.Free {
		free = append(free, visitOf(r, w, t))
	}
	return r.JSON(200, map[string]any{"at": r.Now.UTC().Format(time.RFC3339), "mine": mine, "free": free})
}

func visitOf(r *frame.Request, w words, v outside.Visit) visitJSON {
	out := visitJSON{
		Key: v.Case.String() + v.Branch, Case: v.Case, Branch: v.Branch, Rev: v.Rev, Reference: v.Reference, Service: r.Text(v.ServiceName), State: r.Text(v.StateName),
		Area: w.area(r, v.Boundary),
	}
	if v.Due != nil {
		out.Due = ui.DateLong(r.Context(), *v.Due)
	}
	return out
}

func actionsOf(r *frame.Request, t outside.Taken) (list []actionJSON) {
	for _, a := range t.Actions {
		out := actionJSON{
			Code: a.Code, Name: r.Text(a.Name), Comment: a.Comment == "required", Reasons: len(a.Reasons) > 0,
			Correction: a.Has(servicespec.EffectCorrection), Checklist: []string{},
		}
		for _, item := range t.Spec.ChecklistOf(a.Code, t.Application.Ground(t.Facts).Answers, t.Facts) {
			out.Checklist = append(out.Checklist, item.Code)
		}
		list = append(list, out)
	}
	return list
}

func (f *Field) claim(r *frame.Request) error {
	application, err := r.UUID("case")
	if err != nil {
		return err
	}
	var in struct {
		Device uuid.UUID `json:"device"`
		Branch string    `json:"branch"`
		Rev    int64     `json:"rev"`
	}
	if err := r.Decode(&in); err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return f.deps.Field.Claim(ctx, tx, *r.Principal, in.Device, application, in.Branch, in.Rev)
	}); err != nil {
		return err
	}
	return r.JSON(200, map[string]any{"case": application})
}

func (f *Field) begin(r *frame.Request) error {
	var in struct {
		ID     uuid.UUID `json:"id"`
		Device uuid.UUID `json:"device"`
		Case   uuid.UUID `json:"case"`
		Code   string    `json:"code"`
		Type   string    `json:"type"`
		Size   int64     `json:"size"`
		SHA256 string    `json:"sha256"`
	}
	if err := r.Decode(&in); err != nil {
		return err
	}
	sum, err := hex.DecodeString(in.SHA256)
	if err != nil {
		return outside.ErrUpload.With("max", outside.MaxUpload>>20)
	}
	var u outside.Upload
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		u, err = f.deps.Field.Begin(ctx, tx, *r.Principal, outside.BeginUpload{
			ID: in.ID, Device: in.Device, Application: in.Case, Code: in.Code, MediaType: in.Type, Size: in.Size, SHA256: sum,
		})
		return err
	}); err != nil {
		return err
	}
	return f.arrived(r, u)
}

func (f *Field) piece(r *frame.Request) error {
	upload, err := r.UUID("upload")
	if err != nil {
		return err
	}
	device, err := uuid.Parse(r.Query("device"))
	if err != nil {
		return outside.ErrDevice
	}
	at, err := strconv.ParseInt(r.Query("at"), 10, 64)
	if err != nil {
		return outside.ErrUpload.With("max", outside.MaxUpload>>20)
	}
	content, err := r.Body()
	if err != nil {
		return err
	}
	var u outside.Upload
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		u, err = f.deps.Field.Append(ctx, tx, *r.Principal, device, upload, at, content)
		return err
	}); err != nil {
		return err
	}
	return f.arrived(r, u)
}

// arrived answers how much of a file there is; one that is whole is looked into first.
func (f *Field) arrived(r *frame.Request, u outside.Upload) (err error) {
	if u.Whole() && u.Document == uuid.Nil {
		if u, err = f.inspect(r, u); err != nil {
			return err
		}
	}
	return r.JSON(200, map[string]any{"received": u.Received, "whole": u.Document != uuid.Nil})
}

// inspect looks into a file outside of any transaction and keeps it. What cannot be taken is deleted.
func (f *Field) inspect(r *frame.Request, u outside.Upload) (outside.Upload, error) {
	var content []byte
	var damaged bool
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		content, damaged, err = f.deps.Field.Content(ctx, tx, *r.Principal, u.ID)
		return err
	}); err != nil {
		return u, err
	}
	if damaged {
		return u, document.ErrBroken
	}
	ending := map[string]string{"image/png": ".png", "application/pdf": ".pdf"}[u.MediaType]
	if ending == "" {
		ending = ".jpg"
	}
	file, err := f.deps.Documents.Inspect(r.Context(), u.Code+ending, u.MediaType, bytes.NewReader(content))
	if err == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			u, err = f.deps.Field.Finish(ctx, tx, *r.Principal, u.ID, file)
			return err
		})
	}
	if e := fault.Of(err); e != nil && e.Kind == fault.KindInvalid {
		if gone := r.Write(func(ctx context.Context, tx *pg.Tx) error { return f.deps.Field.Discard(ctx, tx, *r.Principal, u.ID) }); gone != nil {
			return u, errors.Join(err, gone)
		}
	}
	return u, err
}

// operation takes a report: what cannot be done is put on record, and told with what became of it.
func (f *Field) operation(r *frame.Request) error {
	var in struct {
		ID     uuid.UUID      `json:"id"`
		Device uuid.UUID      `json:"device"`
		Case   uuid.UUID      `json:"case"`
		Branch string         `json:"branch"`
		Action string         `json:"action"`
		Rev    int64          `json:"rev"`
		At     time.Time      `json:"at"`
		Report outside.Report `json:"report"`
	}
	if err := r.Decode(&in); err != nil {
		return err
	}
	op := outside.Operation{
		ID: in.ID, Device: in.Device, Application: in.Case, Branch: in.Branch, Action: in.Action, Rev: in.Rev, MadeAt: in.At, Report: in.Report,
	}
	var o outside.Outcome
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := f.sure(ctx, tx, r, op.Application, op.Action); err != nil {
			return err
		}
		o, err = f.deps.Field.Apply(ctx, tx, *r.Principal, op)
		return err
	})
	if why := err; outside.Refusable(why) {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			o, err = f.deps.Field.Refuse(ctx, tx, *r.Principal, op, why)
			return err
		})
	}
	if err != nil {
		return err
	}
	return r.JSON(200, outcomeOf(r, o))
}

// sure asks for a fresh proof of who acts where the act decides a case for which much was paid, as at a desk.
func (f *Field) sure(ctx context.Context, tx *pg.Tx, r *frame.Request, application uuid.UUID, action string) error {
	over := r.Settings.ApprovalStepUpOver
	if over == nil {
		return nil
	}
	paid, err := f.deps.Workbench.Stakes(ctx, tx, *r.Principal, application, action)
	if err != nil || paid.Currency == "" || paid.Minor < *over {
		return err
	}
	return r.RequireFresh(frame.FreshFor)
}

func (f *Field) choose(r *frame.Request) error {
	operation, err := r.UUID("operation")
	if err != nil {
		return err
	}
	var in struct {
		Device uuid.UUID `json:"device"`
		Mine   bool      `json:"mine"`
		Rev    int64     `json:"rev"`
	}
	if err := r.Decode(&in); err != nil {
		return err
	}
	var o outside.Outcome
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		o, err = f.deps.Field.Choose(ctx, tx, *r.Principal, in.Device, operation, in.Mine, in.Rev)
		return err
	}); err != nil {
		return err
	}
	return r.JSON(200, outcomeOf(r, o))
}

// outcomeJSON is what became of a report, in the reader's words.
type outcomeJSON struct {
	ID     uuid.UUID     `json:"id"`
	Status string        `json:"status"`
	Why    []string      `json:"why,omitempty"`
	Now    *standingJSON `json:"now,omitempty"`
}

type standingJSON struct {
	Rev   int64  `json:"rev"`
	State string `json:"state"`
	Who   string `json:"who"`
	What  string `json:"what"` // "claim", "release" or ""
	Did   string `json:"did"`
	At    string `json:"at"`
	Still bool   `json:"still"`
}

func outcomeOf(r *frame.Request, o outside.Outcome) outcomeJSON {
	out := outcomeJSON{ID: o.Operation, Status: o.Status}
	if o.Why != nil && o.Status == outside.Refused {
		for _, field := range o.Why.Fields {
			out.Why = append(out.Why, r.FieldSentence(field))
		}
		if out.Why == nil {
			out.Why = []string{r.Sentence(o.Why)}
		}
	}
	if n := o.Now; n != nil {
		out.Now = &standingJSON{Rev: n.Rev, State: r.Text(n.State), Who: n.Who, Did: r.Text(n.Action), Still: n.Still}
		if out.Now.Did == "" {
			out.Now.What = n.What
		}
		if n.At != nil {
			out.Now.At = ui.DateTime(r.Context(), *n.At)
		}
	}
	return out
}
