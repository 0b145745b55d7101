package portal

import (
	"strconv"
	"strings"

	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/ui"
)

// feeText says what a service costs, a line each fee, and below it the steps of one that goes by a number. What only the answers
// decide, it says so.
func feeText(r *frame.Request, svc *servicespec.Service) string {
	var lines []string
	fees, counted := svc.Pack().Fees, false
	for _, f := range fees {
		words, steps := feeWords(r, svc, f)
		if f.When != "" && words != r.T("service.fee.answers") {
			key := "service.fee.sometimes"
			if len(fees) == 1 {
				key = "service.fee.mostly"
			}
			words = r.T(key, "amount", words)
		}
		_, err := strconv.ParseInt(f.Amount, 10, 64)
		counted = counted || err != nil || f.When != ""
		lines = append(append(lines, r.Text(f.Name)+": "+words), steps...)
	}
	if counted {
		lines = append(lines, r.T("service.fee.total"))
	}
	return strings.Join(lines, "\n")
}

// feeWords says what a fee is where it is charged.
func feeWords(r *frame.Request, svc *servicespec.Service, f servicespec.Fee) (words string, steps []string) {
	if minor, err := strconv.ParseInt(f.Amount, 10, 64); err == nil {
		return feeMoney(r, f, minor), nil
	}
	switch {
	case f.Slabs != nil && !f.Slabs.Parts && svc.Question(f.Slabs.By) != nil:
		by := svc.Question(f.Slabs.By)
		return r.T("service.fee.by", "what", r.Text(by.Label)), slabLines(r, f, by.Unit)
	case f.Per != nil:
		return r.T("service.fee.each", "amount", feeMoney(r, f, f.Per.Amount)), nil
	}
	return r.T("service.fee.answers"), nil
}

// slabLines are the steps of a fee, a line each.
func slabLines(r *frame.Request, f servicespec.Fee, unit string) (lines []string) {
	last := ""
	for _, s := range f.Slabs.Steps {
		args := []any{"amount", feeMoney(r, f, s.Amount), "each", feeMoney(r, f, s.Each), "from", last}
		if s.UpTo != nil {
			last = strings.TrimSpace(ui.Number(r.Context(), int64(*s.UpTo)) + "\u00a0" + unit)
			args = append(args, "to", last)
		}
		switch {
		case s.UpTo == nil && last == "":
			lines = append(lines, "· "+feeMoney(r, f, s.Amount))
		case s.UpTo == nil && s.Each > 0:
			lines = append(lines, "· "+r.T("service.fee.above_each", args...))
		case s.UpTo == nil:
			lines = append(lines, "· "+r.T("service.fee.above", args...))
		default:
			lines = append(lines, "· "+r.T("service.fee.up_to", args...))
		}
	}
	return lines
}

func feeMoney(r *frame.Request, f servicespec.Fee, minor int64) string {
	if f.Kind == servicespec.FeeRebate {
		minor = -minor
	}
	return ui.Money(r.Context(), money.Amount{Minor: minor, Currency: r.Settings.Currency})
}
