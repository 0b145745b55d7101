package servicespec

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

// Kinds of fees.
const (
	FeeCharge  = "charge"
	FeeRebate  = "rebate"
	FeePenalty = "penalty"
)

// fee is a compiled fee.
type fee struct {
	Fee
	when, amount, by, count, base, times *use
}

// FeeLine is one line of what is to pay, in minor units of the tenant's currency. A rebate is below zero.
type FeeLine struct {
	Code  string    `json:"code"`
	Name  i18n.Text `json:"name"`
	Kind  string    `json:"kind"`
	Minor int64     `json:"minor"`
}

// ErrFee is returned where a fee cannot be worked out from the answers.
var ErrFee = fault.Invalid("servicespec.fee.undecided")

// mostFee bounds one line, far above any fee and far below what sums could overflow.
const mostFee = 100_000_000_000

// Fees returns what is to pay for these answers; lines of nothing are left out, and rebates never take off more than there
// is. Errors: ErrFee where an amount hangs on an unanswered question, is negative or cannot be calculated.
func (s *Service) Fees(a Answers, f Facts) (lines []FeeLine, err error) {
	defer fault.Wrap(&err, "servicespec.Fees(%s)", s.pack.Code)
	return s.feesIn(s.walk(a, &f, false).scope)
}

// FeesAtReceipt is TracedFees for when an application comes in: where the service asks for money at a later step, what cannot be
// worked out yet is nothing to pay yet. Errors: as Fees.
func (s *Service) FeesAtReceipt(a Answers, f Facts) (lines []FeeLine, why []Because, err error) {
	if lines, why, err = s.TracedFees(a, f); errors.Is(err, ErrFee) && s.DemandsLater() {
		return nil, why, nil
	}
	return lines, why, err
}

// TracedFees is Fees with the decisions on the way. Errors: as Fees.
func (s *Service) TracedFees(a Answers, f Facts) (lines []FeeLine, why []Because, err error) {
	defer fault.Wrap(&err, "servicespec.Fees(%s)", s.pack.Code)
	sc := s.walk(a, &f, false).scope
	sc.log = &why
	lines, err = s.feesIn(sc)
	return lines, why, err
}

func (s *Service) feesIn(sc *scope) ([]FeeLine, error) {
	var lines []FeeLine
	var sum int64
	for i := range s.fees {
		fe := &s.fees[i]
		if fe.when != nil {
			v, known, err := sc.value(fe.when)
			if err != nil {
				return nil, ErrFee.With("fee", fe.Code).Because(err)
			}
			if !known || v != true {
				continue
			}
		}
		minor, err := fe.work(sc, lines)
		if err != nil {
			return nil, ErrFee.With("fee", fe.Code).Because(err)
		}
		if fe.Kind == FeeRebate {
			minor = -min(minor, sum)
		}
		if sum += minor; minor != 0 {
			lines = append(lines, FeeLine{fe.Code, fe.Name, fe.Kind, minor})
		}
	}
	return lines, nil
}

// work calculates the amount of a fee, at least 0, given the lines before it.
func (fe *fee) work(sc *scope, before []FeeLine) (int64, error) {
	x, err := fe.exact(sc, before)
	if err != nil {
		return 0, err
	}
	step, how := int64(1), rule.HalfUp
	if fe.Percent != nil {
		how = fe.Percent.Rounding
	}
	if fe.Round != nil {
		step, how = fe.Round.To, fe.Round.How
	}
	steps, ok := rule.Round(x.Quo(x, new(big.Rat).SetInt64(step)), how)
	if !ok || steps > mostFee || steps < -mostFee {
		return 0, fmt.Errorf("the amount is out of range")
	}
	minor := steps * step
	if minor < 0 {
		return 0, fmt.Errorf("the amount is negative: %d", minor)
	}
	minor = max(minor, fe.Least)
	if fe.Most > 0 {
		minor = min(minor, fe.Most)
	}
	if minor > mostFee {
		return 0, fmt.Errorf("the amount is out of range")
	}
	return minor, nil
}

// exact is the amount before it is rounded.
func (fe *fee) exact(sc *scope, before []FeeLine) (*big.Rat, error) {
	switch {
	case fe.Slabs != nil:
		n, err := number(sc, fe.by)
		if err != nil {
			return nil, err
		}
		return fe.Slabs.amount(n), nil
	case fe.Per != nil:
		n, err := number(sc, fe.count)
		if err != nil {
			return nil, err
		}
		return fe.Per.cost(n), nil
	case fe.Percent != nil:
		return fe.share(sc, before)
	}
	return number(sc, fe.amount)
}

// number evaluates a rule that must come to a number. What is undecided is an error: a fee of nothing would be a gift.
func number(sc *scope, u *use) (*big.Rat, error) {
	v, known, err := sc.value(u)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(x), nil
	case float64:
		r, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'e', 11, 64))
		if ok {
			return r, nil
		}
	}
	if !known {
		return nil, fmt.Errorf("%s hangs on something unanswered", u.prog)
	}
	return nil, fmt.Errorf("%s is no number", u.prog)
}

// amount is what slabs come to for a number.
func (s *Slabs) amount(n *big.Rat) *big.Rat {
	sum, from := new(big.Rat), new(big.Rat)
	for i, step := range s.Steps {
		last := i == len(s.Steps)-1 || step.UpTo == nil
		inside := last
		var to *big.Rat
		if !last {
			to = exactly(*step.UpTo)
			inside = n.Cmp(to) <= 0
		}
		if inside || s.Parts {
			part := new(big.Rat).SetInt64(step.Amount)
			end := n
			if !inside {
				end = to
			}
			if units := new(big.Rat).Sub(end, from); units.Sign() > 0 {
				part.Add(part, units.Mul(units, new(big.Rat).SetInt64(step.Each)))
			}
			sum.Add(sum, part)
		}
		if inside {
			return sum
		}
		from = to
	}
	return sum
}

func exactly(x float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(x, 'f', -1, 64))
	return r
}

// cost is what a number of units costs.
func (p *PerUnit) cost(n *big.Rat) *big.Rat {
	above := new(big.Rat).Sub(n, new(big.Rat).SetInt64(p.Free))
	if above.Sign() <= 0 {
		return new(big.Rat)
	}
	units, _ := rule.Round(above, rule.Up)
	return new(big.Rat).Mul(new(big.Rat).SetInt64(units), new(big.Rat).SetInt64(p.Amount))
}

// share is a percentage of other lines or of an amount.
func (fe *fee) share(sc *scope, before []FeeLine) (*big.Rat, error) {
	p := fe.Percent
	base := new(big.Rat)
	if fe.base != nil {
		var err error
		if base, err = number(sc, fe.base); err != nil {
			return nil, err
		}
	} else {
		for _, l := range before {
			if len(p.Of) == 0 && l.Kind == FeeCharge || slices.Contains(p.Of, l.Code) {
				base.Add(base, new(big.Rat).SetInt64(l.Minor))
			}
		}
	}
	rate, _ := new(big.Rat).SetString(p.Rate)
	base.Mul(base, rate.Quo(rate, big.NewRat(100, 1)))
	if fe.times != nil {
		n, err := number(sc, fe.times)
		if err != nil {
			return nil, err
		}
		base.Mul(base, n)
	}
	return base, nil
}

// Reassessed reports whether the fees are worked out anew at a moment: correction, or the code of an action.
func (s *Service) Reassessed(at string) bool {
	return slices.ContainsFunc(s.fees, func(f fee) bool { return slices.Contains(f.Again, at) })
}
