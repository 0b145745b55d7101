package workbench

import (
	"fmt"
	"slices"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/ui"
)

// mostWhy bounds how many decisions of rules the page lists.
const mostWhy = 200

// reasons are the decisions that rules took at receipt and at each move since: what, with which result, by which rule,
// with which answers before it.
func reasons(r *frame.Request, c opened) *ui.TableView {
	log := slices.Clone(c.Application.Because)
	for _, s := range c.History {
		log = append(log, s.Because...)
	}
	if len(log) == 0 {
		return nil
	}
	t := &ui.TableView{
		Caption: r.T("why.title"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("why.what")}, {Label: r.T("why.result")}, {Label: r.T("why.rule")}},
	}
	for _, b := range c.Spec.SeenWhy(log[:min(len(log), mostWhy)], c.Application.Sees) {
		name := r.Text(c.Spec.Named(b.Subject))
		if name == "" {
			name = b.Code
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: name, Sub: r.T("why.how." + b.How)}, {Text: c.result(r, b)}, {Text: ruleOf(r, b), Sub: c.saw(r, b)},
		}})
	}
	return t
}

func (c opened) result(r *frame.Request, b servicespec.Because) string {
	switch v := b.Result.(type) {
	case nil:
		return r.T("why.undecided")
	case bool:
		if v {
			return r.T("answer.yes")
		}
		return r.T("answer.no")
	}
	if minor, ok := b.Result.(float64); ok && c.isAmount(b) {
		return ui.Money(r.Context(), money.Amount{Minor: int64(minor), Currency: r.Settings.Currency})
	}
	if q := c.Spec.Question(b.Code); b.Kind == "question" && q != nil {
		return c.value(r, q, b.Result)
	}
	return fmt.Sprint(b.Result)
}

// isAmount reports whether a decision worked out an amount of money, and not the number by which one is found.
func (c opened) isAmount(b servicespec.Because) bool {
	return b.Kind == "fee" && slices.ContainsFunc(c.Spec.Pack().Fees, func(f servicespec.Fee) bool {
		return f.Code == b.Code && f.Amount != "" && f.Amount == b.Expr
	})
}

// ruleOf is the sentence of the named rule, or those of the rules on the way, or the rule itself where nobody put it into words.
func ruleOf(r *frame.Request, b servicespec.Because) string {
	if b.Rule != "" && !b.Text.IsZero() {
		return r.Text(b.Text)
	}
	var said []string
	for _, f := range b.Rules {
		if !f.Text.IsZero() {
			said = append(said, r.Text(f.Text))
		}
	}
	if len(said) == 0 {
		return b.Expr
	}
	return strings.Join(said, "\n")
}

// saw lists the answers that the rule had before it.
func (c opened) saw(r *frame.Request, b servicespec.Because) string {
	var lines []string
	for _, name := range b.Names() {
		label, value := name, fmt.Sprint(b.Saw[name])
		if q := c.Spec.Asker(name); q != nil {
			label, value = r.Text(q.Label), c.value(r, q, b.Saw[name])
		}
		if day, err := civil.Parse(value); name == "today" && err == nil {
			label, value = r.T("why.today"), i18n.FormatDayLong(r.Lang, day)
		}
		if value == "" || b.Saw[name] == nil {
			value = r.T("ui.not_given")
		}
		lines = append(lines, label+": "+value)
	}
	return strings.Join(lines, " · ")
}

// value writes what a rule saw of an answer. What was kept as JSON has lost its kind of number.
func (c opened) value(r *frame.Request, q *servicespec.Question, v any) string {
	switch x := v.(type) {
	case float64:
		if q.Kind == servicespec.KindMoney || q.Kind == servicespec.KindComputed && q.As == "money" || x == float64(int64(x)) {
			return c.display(r, q, int64(x))
		}
	case []any:
		codes := make([]string, 0, len(x))
		for _, item := range x {
			if s, ok := item.(string); ok {
				codes = append(codes, s)
			}
		}
		if len(codes) < len(x) {
			return r.T("why.rows", "n", len(x))
		}
		return c.display(r, q, codes)
	case map[string]any:
		return "…"
	}
	if s, ok := v.(string); ok && s == "…" {
		return s
	}
	return c.display(r, q, v)
}
