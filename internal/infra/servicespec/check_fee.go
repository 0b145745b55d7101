package servicespec

import (
	"fmt"
	"slices"
	"strings"

	"digit/internal/infra/platform/rule"
)

// fees checks and compiles the fees. Every question may be used, and what staff find out.
func (c *checker) fees() {
	seen := map[string]bool{}
	for i := range c.pack.Fees {
		f := &c.pack.Fees[i]
		at := fmt.Sprintf("fees.%d", i)
		c.slug(at+".code", f.Code)
		c.text(at+".name", f.Name, true)
		c.oneOf(at+".kind", f.Kind, FeeCharge, FeeRebate, FeePenalty)
		out := fee{Fee: *f, when: c.condition(c.case_, Subject{"fee", f.Code, "charged"}, at+".when", f.When)}
		if n := f.ways(); n != 1 {
			c.say(at, "fee_amount_once", "n", n)
			c.one(at+".code", f.Code, seen)
			continue
		}
		c.amount(at, f, &out, seen)
		c.one(at+".code", f.Code, seen)
		c.feeLimits(at, f)
		c.s.fees = append(c.s.fees, out)
	}
	for i, tc := range c.pack.Target.Cases {
		at := fmt.Sprintf("target.cases.%d.when", i)
		if strings.TrimSpace(tc.When) == "" {
			c.say(at, "rule_missing")
		}
		c.s.promises = append(c.s.promises, c.condition(c.case_, Subject{"target", fmt.Sprint(i), "promised"}, at, tc.When))
	}
}

// ways counts in how many ways a fee says its amount.
func (f *Fee) ways() int {
	n := 0
	for _, said := range []bool{f.Amount != "", f.Slabs != nil, f.Per != nil, f.Percent != nil} {
		if said {
			n++
		}
	}
	return n
}

func (c *checker) amount(at string, f *Fee, out *fee, before map[string]bool) {
	subject := Subject{"fee", f.Code, "amount"}
	switch {
	case f.Slabs != nil:
		out.by = c.compile(c.case_, subject, at+".slabs.by", f.Slabs.By, rule.Decimal)
		c.slabs(at+".slabs", f.Slabs)
		c.notNegative(at+".slabs.by", out.by)
	case f.Per != nil:
		out.count = c.compile(c.case_, subject, at+".per.count", f.Per.Count, rule.Decimal)
		c.minor(at+".per.amount", f.Per.Amount)
		if f.Per.Free < 0 {
			c.say(at+".per.free", "out_of_range", "min", 0, "max", mostFee)
		}
	case f.Percent != nil:
		c.percent(at+".percent", f, out, before)
	default:
		out.amount = c.compile(c.case_, subject, at+".amount", f.Amount, rule.Money)
		c.notNegative(at+".amount", out.amount)
	}
}

// notNegative says where an amount is, or may be, below zero.
func (c *checker) notNegative(at string, u *use) {
	if u == nil {
		return
	}
	switch r := u.prog.Range(c.domain); {
	case r.Hi < 0:
		c.say(at, "fee_negative", "rule", u.prog.String())
	case r.Lo < 0:
		c.say(at, "fee_may_be_negative", "rule", u.prog.String())
	}
}

func (c *checker) minor(at string, n int64) {
	if n < 0 || n > mostFee {
		c.say(at, "out_of_range", "min", 0, "max", mostFee)
	}
}

func (c *checker) slabs(at string, s *Slabs) {
	if len(s.Steps) == 0 {
		c.say(at+".steps", "slabs_missing")
	}
	for i, step := range s.Steps {
		sAt := fmt.Sprintf("%s.steps.%d", at, i)
		c.minor(sAt+".amount", step.Amount)
		c.minor(sAt+".each", step.Each)
		last := i == len(s.Steps)-1
		switch {
		case !last && step.UpTo == nil:
			c.say(sAt+".up_to", "slab_open")
		case i > 0 && step.UpTo != nil && s.Steps[i-1].UpTo != nil && *step.UpTo <= *s.Steps[i-1].UpTo:
			c.say(sAt+".up_to", "slab_order")
		case last && step.UpTo != nil:
			c.say(sAt+".up_to", "slab_closed")
		}
	}
}

func (c *checker) percent(at string, f *Fee, out *fee, before map[string]bool) {
	p := f.Percent
	if !rateShape.MatchString(p.Rate) {
		c.say(at+".rate", "rate_malformed", "rate", p.Rate)
		p.Rate = "0"
		out.Fee.Percent = p
	}
	c.oneOf(at+".rounding", p.Rounding, rule.Roundings()...)
	for i, code := range p.Of {
		if !before[code] {
			c.say(fmt.Sprintf("%s.of.%d", at, i), "fee_unknown", "code", code)
		}
	}
	subject := Subject{"fee", f.Code, "amount"}
	if p.Amount != "" {
		if len(p.Of) > 0 {
			c.say(at+".amount", "percent_of_two")
		}
		out.base = c.compile(c.case_, subject, at+".amount", p.Amount, rule.Money)
		c.notNegative(at+".amount", out.base)
	}
	if p.Times != "" {
		out.times = c.compile(c.case_, subject, at+".times", p.Times, rule.Int)
		c.notNegative(at+".times", out.times)
	}
}

func (c *checker) feeLimits(at string, f *Fee) {
	if f.Round != nil {
		if f.Round.To < 1 || f.Round.To > mostFee {
			c.say(at+".round.to", "out_of_range", "min", 1, "max", mostFee)
			f.Round.To = 1
		}
		c.oneOf(at+".round.how", f.Round.How, rule.Roundings()...)
	}
	c.minor(at+".least", f.Least)
	c.minor(at+".most", f.Most)
	if f.Most > 0 && f.Least > f.Most {
		c.say(at+".least", "range_empty")
	}
	for i, moment := range f.Again {
		if moment == "correction" || slices.ContainsFunc(c.pack.Workflow.Actions, func(a Action) bool { return a.Code == moment }) {
			continue
		}
		c.say(fmt.Sprintf("%s.again.%d", at, i), "action_unknown", "code", moment)
	}
}
