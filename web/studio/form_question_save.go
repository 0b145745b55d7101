package studio

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
)

// reading reads the posted properties, and notes what is no number.
type reading struct {
	url.Values
	wrong []string
}

func (p *reading) whole(name string, otherwise int) int {
	if !p.Has(name) {
		return otherwise
	}
	text := trimmed(p.Values, name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		p.wrong = append(p.wrong, name)
	}
	return n
}

func (p *reading) float(name string, otherwise *float64) *float64 {
	if !p.Has(name) {
		return otherwise
	}
	text := strings.ReplaceAll(trimmed(p.Values, name), ",", ".")
	if text == "" {
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || fmt.Sprint(x) == "NaN" || x > 1e15 || x < -1e15 {
		p.wrong = append(p.wrong, name)
		return otherwise
	}
	return &x
}

func (p *reading) text(name, otherwise string) string {
	if !p.Has(name) {
		return otherwise
	}
	return trimmed(p.Values, name)
}

// into takes the posted properties over into a question.
func (p *reading) into(q *servicespec.Question) error {
	q.Label, q.Hint, q.Message, q.RowTitle = textOf(p.Values, "label", q.Label), textOf(p.Values, "hint", q.Hint), textOf(p.Values, "message", q.Message), textOf(p.Values, "row_title", q.RowTitle)
	q.When, q.Valid, q.Value, q.Pattern = p.text("when", q.When), p.text("valid", q.Valid), p.text("value", q.Value), p.text("pattern", q.Pattern)
	switch p.Get("must") {
	case "yes":
		q.Required = ""
	case "no":
		q.Required = "false"
	case "rule":
		q.Required = p.text("required", q.Required)
	}
	q.MaxLength, q.Lines, q.Places, q.MaxFiles = p.whole("max_length", q.MaxLength), p.whole("lines", q.Lines), p.whole("places", q.Places), p.whole("max_files", q.MaxFiles)
	if p.Has("max_size") {
		q.MaxSize = int64(p.whole("max_size", 0)) << 20
	}
	q.Min, q.Max = p.float("min", q.Min), p.float("max", q.Max)
	q.Unit, q.Scheme, q.RefData, q.Of = p.text("unit", q.Unit), p.text("scheme", q.Scheme), p.text("refdata", q.RefData), p.text("of", q.Of)
	q.Level, q.Within, q.Row, q.As, q.Prefill = p.text("level", q.Level), p.text("within", q.Within), p.text("row", q.Row), p.text("as", q.As), p.prefill(q.Prefill)
	if p.Has("levels") {
		q.Levels = words(p.Get("levels"))
	}
	if p.Has("seen_by") {
		q.SeenBy = words(p.Get("seen_by"))
	}
	p.chosen(q)
	if len(p.wrong) > 0 {
		e := studio.ErrBegin
		for _, name := range p.wrong {
			e = e.WithFields(fieldFault(name, "number"))
		}
		return e
	}
	return nil
}

// chosen takes over what is chosen from words.
func (p *reading) chosen(q *servicespec.Question) {
	if p.Has("sensitivity") {
		q.Sensitivity = strings.TrimPrefix(p.Get("sensitivity"), "none")
	}
	if p.Has("layout") {
		q.Layout = strings.TrimPrefix(p.Get("layout"), "auto")
	}
	if q.Kind == servicespec.KindComputed && p.Has("as") {
		q.Hidden = p.Has("hidden")
	}
	if q.Kind == servicespec.KindFile && p.Has("max_size") {
		q.Accept = p.Values["accept"]
	}
	switch p.Get("parts") {
	case "whole":
		q.Parts = nil
	case "given-family", "family-given":
		q.Parts = strings.Split(p.Get("parts"), "-")
	}
}

// questionSave sets the properties of a question; a button of its options adds, moves or removes one as well.
func (s *Studio) questionSave(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := spotOf(posted)
	to := at
	if page := posted.Get("to_page"); page != "" {
		to.Page = page
	}
	what := studio.Step{Code: "question.save", Part: at.part(), Args: d.named(r, at)}
	return s.change(r, d, what, d.here(to.query()+"&done=studio.saved#properties"), func(p *servicespec.Pack) error {
		q := at.question(p)
		if q == nil {
			return studio.ErrGone
		}
		in := &reading{Values: posted}
		if err := in.into(q); err != nil {
			return err
		}
		in.options(q)
		turn(q, posted.Get("kind"))
		return rehome(p, at, to)
	})
}

// rehome brings a question to another page.
func rehome(p *servicespec.Pack, at, to spot) error {
	if at.Page == to.Page {
		return nil
	}
	from, there := at.page(p), to.page(p)
	if from == nil || there == nil {
		return studio.ErrGone
	}
	i := indexQuestion(from.Questions, to.Question)
	if i < 0 {
		return studio.ErrGone
	}
	q := from.Questions[i]
	from.Questions = slices.Delete(from.Questions, i, i+1)
	there.Questions = append(there.Questions, q)
	return nil
}

// turn makes a question one of another kind: what the new kind does not have goes.
func turn(q *servicespec.Question, kind string) {
	if kind == "" || kind == q.Kind || !slices.Contains(servicespec.Kinds(), kind) {
		return
	}
	old := *q
	*q = servicespec.Question{
		Code: old.Code, Kind: kind, Label: old.Label, Hint: old.Hint, Required: old.Required, When: old.When, Message: old.Message,
		Sensitivity: old.Sensitivity, SeenBy: old.SeenBy,
	}
	chooses := func(k string) bool { return k == servicespec.KindChoice || k == servicespec.KindChoices }
	if chooses(kind) && chooses(old.Kind) {
		q.Options, q.RefData, q.Of = old.Options, old.RefData, old.Of
	}
	if slices.Contains(silent, kind) {
		q.Required, q.Message = "", nil
	}
	if kind == servicespec.KindInfo {
		q.Hint, q.Sensitivity, q.SeenBy = nil, "", nil
	}
	furnish(q)
}

// furnish gives a new question what its kind cannot be without.
func furnish(q *servicespec.Question) {
	switch q.Kind {
	case servicespec.KindGroup:
		q.Row = "row"
	case servicespec.KindFile:
		q.Accept, q.MaxSize, q.MaxFiles = slices.Clone(fileTypes), 5<<20, 1
	case servicespec.KindComputed:
		q.As = "text"
	case servicespec.KindLongText:
		q.MaxLength = 1000
	}
}
