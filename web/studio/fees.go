package studio

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/studio/condition"
	"digit/web/ui"
)

func feeKey(list []servicespec.Fee, i int) string { return list[i].Code }

func feeList(p *servicespec.Pack) *[]servicespec.Fee { return &p.Fees }

func (s *Studio) feesPart() part {
	sh := shelve("fee", "fees", feeList, feeKey, func(_ *servicespec.Pack, code string, called i18n.Text) servicespec.Fee {
		return servicespec.Fee{Code: code, Name: called, Amount: "0"}
	}, func(x *servicespec.Fee, code string) { x.Code = code })
	sh.names = servicespec.NamesFee
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		f := find(d.Pack.Fees, feeKey, k)
		if f == nil {
			return k, ""
		}
		return s.say(r, d, f.Name, k), s.feeSub(r, d, f)
	}
	sh.fields = s.feeFields
	sh.take = s.takeFee
	return part{
		code: "fees", icon: "receipt", group: "design", areas: []string{"fees"}, spot: shelfSpot(sh), posts: s.shelfPosts(sh),
		show: func(r *frame.Request, d *desk) error { return s.showShelf(r, d, sh, feeCalculator(s.calculator(r, d))) },
	}
}

// feeSub says in a line what a fee is.
func (s *Studio) feeSub(r *frame.Request, d *desk, f *servicespec.Fee) string {
	text := r.T("studio.way." + wayOf(f))
	if n, err := strconv.ParseInt(f.Amount, 10, 64); err == nil && wayOf(f) == wayFixed {
		text = i18n.FormatMoney(r.Lang, money.Amount{Minor: n, Currency: r.Settings.Currency})
	}
	if f.Kind == servicespec.FeeRebate || f.Kind == servicespec.FeePenalty {
		text = r.T("studio.fee."+f.Kind) + ": " + text
	}
	if when := s.sentence(r, d, r.T("studio.fee.when"), f.When, "fees.0.when"); when != "" {
		text += ", " + when
	}
	return text
}

// The ways in which an amount is found.
const (
	wayFixed   = "fixed"
	wayRule    = "rule"
	waySlabs   = "slabs"
	wayPer     = "per"
	wayPercent = "percent"
)

func wayOf(f *servicespec.Fee) string {
	switch {
	case f.Slabs != nil:
		return waySlabs
	case f.Per != nil:
		return wayPer
	case f.Percent != nil:
		return wayPercent
	}
	if _, err := strconv.ParseInt(f.Amount, 10, 64); err == nil || f.Amount == "" {
		return wayFixed
	}
	return wayRule
}

// amount writes minor units as people type them.
func amount(r *frame.Request, minor int64) string {
	if minor == 0 {
		return ""
	}
	return (money.Amount{Minor: minor, Currency: r.Settings.Currency}).Decimal()
}

func (s *Studio) moneyField(r *frame.Request, d *desk, name string, minor int64, change ...func(*field)) field {
	f := input(r, name, d.value(name, amount(r, minor)), change...)
	f.InputMode, f.Width, f.Suffix = "decimal", "10", r.Settings.Currency
	return f
}

func (s *Studio) feeFields(r *frame.Request, d *desk, key, path string) []field {
	f := find(d.Pack.Fees, feeKey, key)
	kind := f.Kind
	if kind == "" {
		kind = servicespec.FeeCharge
	}
	way := d.value("fee_way", wayOf(f))
	out := s.text(r, d, "fee_name", f.Name, path+".name")
	out = append(out,
		input(r, "fee_kind", "", options(radioField, choose(r, "studio.fee.", d.value("fee_kind", kind), servicespec.FeeCharge, servicespec.FeePenalty, servicespec.FeeRebate))),
		s.rule(r, d, "fee_when", f.When, path+".when", ruleSubject{Path: []string{"fees", key, "when"}}),
		input(r, "fee_way", "", hint(r.T("studio.fee.way.hint")), options(selectField, choose(r, "studio.way.", way, wayFixed, waySlabs, wayPer, wayPercent, wayRule))),
	)
	amountRule := func(name, value, at string, change ...func(*field)) field {
		return s.rule(r, d, name, value, path+"."+at, ruleSubject{Path: []string{"fees", key, at}, Want: "amount"}, change...)
	}
	switch way {
	case wayFixed:
		n, _ := strconv.ParseInt(f.Amount, 10, 64)
		out = append(out, s.moneyField(r, d, "fee_amount", n))
	case wayRule:
		out = append(out, amountRule("fee_rule", f.Amount, "amount", hint(r.T("studio.fee.rule.hint"))))
	case waySlabs:
		out = append(out, s.slabFields(r, d, f, amountRule)...)
	case wayPer:
		per := servicespec.PerUnit{}
		if f.Per != nil {
			per = *f.Per
		}
		out = append(out, amountRule("fee_count", per.Count, "per.count", hint(r.T("studio.fee.count.hint"))), s.moneyField(r, d, "fee_each", per.Amount),
			input(r, "fee_free", d.value("fee_free", numberText(per.Free)), optional, digits, hint(r.T("studio.fee.free.hint"))))
	case wayPercent:
		out = append(out, s.percentFields(r, d, f, amountRule)...)
	}
	return append(out, s.limitFields(r, d, f))
}

func numberText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

type ruleMaker func(name, value, at string, change ...func(*field)) field

func (s *Studio) slabFields(r *frame.Request, d *desk, f *servicespec.Fee, rule ruleMaker) []field {
	slabs := servicespec.Slabs{}
	if f.Slabs != nil {
		slabs = *f.Slabs
	}
	var rows [][]string
	for _, st := range slabs.Steps {
		upTo := ""
		if st.UpTo != nil {
			upTo = strconv.FormatFloat(*st.UpTo, 'f', -1, 64)
		}
		rows = append(rows, []string{upTo, amount(r, st.Amount), amount(r, st.Each)})
	}
	return []field{
		rule("fee_by", slabs.By, "slabs.by", hint(r.T("studio.fee.by.hint"))),
		d.grid(gridView{Name: "steps", Label: r.T("studio.field.steps"), Hint: r.T("studio.fee.steps.hint"), Values: rows, Columns: []gridColumn{
			{Name: "up_to", Label: r.T("studio.col.up_to"), InputMode: "decimal", Code: true},
			{Name: "amount", Label: r.T("studio.col.amount"), InputMode: "decimal", Code: true},
			{Name: "each", Label: r.T("studio.col.each"), InputMode: "decimal", Code: true},
		}}),
		box(r, "fee_parts", d.checked("fee_parts", slabs.Parts), hint(r.T("studio.fee.parts.hint"))),
	}
}

func (s *Studio) percentFields(r *frame.Request, d *desk, f *servicespec.Fee, rule ruleMaker) []field {
	pc := servicespec.Percent{}
	if f.Percent != nil {
		pc = *f.Percent
	}
	var before []ui.Option
	for _, x := range d.Pack.Fees {
		if x.Code == f.Code {
			break
		}
		before = append(before, ui.Option{Value: x.Code, Label: s.say(r, d, x.Name, x.Code), Checked: d.ticked("fee_of", x.Code, slices.Contains(pc.Of, x.Code))})
	}
	rounding := pc.Rounding
	if rounding == "" {
		rounding = "half_up"
	}
	rate := input(r, "fee_rate", d.value("fee_rate", pc.Rate))
	rate.InputMode, rate.Width, rate.Suffix = "decimal", "5", "%"
	out := []field{rate}
	if len(before) > 0 {
		out = append(out, input(r, "fee_of", "", optional, hint(r.T("studio.fee.of.hint")), options(boxesField, before)))
	}
	return append(out, rule("fee_base", pc.Amount, "percent.amount", hint(r.T("studio.fee.base.hint"))),
		rule("fee_times", pc.Times, "percent.times", hint(r.T("studio.fee.times.hint"))),
		input(r, "fee_rounding", "", options(selectField, choose(r, "studio.round.", d.value("fee_rounding", rounding), "half_up", "half_even", "up", "down"))))
}

// limitFields are rounding, limits and when the fee is worked out anew.
func (s *Studio) limitFields(r *frame.Request, d *desk, f *servicespec.Fee) field {
	round := servicespec.Rounding{How: "half_up"}
	if f.Round != nil {
		round = *f.Round
		if round.How == "" {
			round.How = "half_up"
		}
	}
	again := []ui.Option{{Value: "correction", Label: r.T("studio.fee.again.correction"), Checked: d.ticked("fee_again", "correction", slices.Contains(f.Again, "correction"))}}
	for _, a := range d.Pack.Workflow.Actions {
		again = append(again, ui.Option{Value: a.Code, Label: s.say(r, d, a.Name, a.Code), Checked: d.ticked("fee_again", a.Code, slices.Contains(f.Again, a.Code))})
	}
	return foldOf(r.T("studio.fee.limits"), f.Round != nil || f.Least != 0 || f.Most != 0 || len(f.Again) > 0,
		s.moneyField(r, d, "fee_round", round.To, optional),
		input(r, "fee_how", "", options(selectField, choose(r, "studio.round.", d.value("fee_how", round.How), "half_up", "half_even", "up", "down"))),
		s.moneyField(r, d, "fee_least", f.Least, optional), s.moneyField(r, d, "fee_most", f.Most, optional),
		input(r, "fee_again", "", optional, options(boxesField, again)))
}

// feeTaker reads the form of a fee and collects what is wrong with it.
type feeTaker struct {
	r      *frame.Request
	posted url.Values
	wrong  []fault.Field
}

func (t *feeTaker) refuse(path, code string) {
	t.wrong = append(t.wrong, fault.Field{Path: path, Code: code})
}

func (t *feeTaker) money(name, path string) int64 {
	text := strings.NewReplacer(" ", "", "\u00a0", "", ",", ".").Replace(strings.TrimSpace(name))
	if text == "" {
		return 0
	}
	a, err := money.Parse(text, t.r.Settings.Currency)
	if err != nil {
		t.refuse(path, "studio.money")
	}
	return a.Minor
}

func (t *feeTaker) amountOf(name string) int64 { return t.money(t.posted.Get(name), name) }

func (t *feeTaker) whole(name string) int64 {
	text := trimmed(t.posted, name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.refuse(name, "studio.number")
	}
	return n
}

func (s *Studio) takeFee(r *frame.Request, posted url.Values, p *servicespec.Pack, key string) error {
	f := find(p.Fees, feeKey, key)
	t := &feeTaker{r: r, posted: posted}
	f.Name, f.When = textOf(posted, "fee_name", f.Name), trimmed(posted, "fee_when")
	if f.Kind = posted.Get("fee_kind"); f.Kind == servicespec.FeeCharge {
		f.Kind = ""
	}
	t.way(f)
	f.Round = nil
	if to := t.amountOf("fee_round"); to > 0 {
		f.Round = &servicespec.Rounding{To: to, How: usual(posted.Get("fee_how"), "half_up")}
	}
	f.Least, f.Most, f.Again = t.amountOf("fee_least"), t.amountOf("fee_most"), posted["fee_again"]
	if len(t.wrong) > 0 {
		return refused(t.wrong...)
	}
	return nil
}

// usual leaves away what is meant without saying so.
func usual(v, as string) string {
	if v == as {
		return ""
	}
	return v
}

// way reads how the amount is found. Where another way was chosen and its fields are not there yet, it begins empty.
func (t *feeTaker) way(f *servicespec.Fee) {
	was := *f
	f.Amount, f.Slabs, f.Per, f.Percent = "", nil, nil, nil
	switch t.posted.Get("fee_way") {
	case waySlabs:
		f.Slabs = &servicespec.Slabs{By: trimmed(t.posted, "fee_by"), Parts: t.posted.Has("fee_parts"), Steps: t.steps()}
		if !t.posted.Has("fee_by") {
			f.Slabs = &servicespec.Slabs{Steps: []servicespec.Slab{{}}}
		}
	case wayPer:
		f.Per = &servicespec.PerUnit{Count: trimmed(t.posted, "fee_count"), Amount: t.amountOf("fee_each"), Free: t.whole("fee_free")}
	case wayPercent:
		f.Percent = &servicespec.Percent{
			Rate: strings.ReplaceAll(trimmed(t.posted, "fee_rate"), ",", "."), Of: t.posted["fee_of"], Amount: trimmed(t.posted, "fee_base"), Times: trimmed(t.posted, "fee_times"),
			Rounding: usual(t.posted.Get("fee_rounding"), "half_up"),
		}
	case wayRule:
		if f.Amount = trimmed(t.posted, "fee_rule"); !t.posted.Has("fee_rule") {
			f.Amount = was.Amount + " * 1"
		}
	default:
		f.Amount = strconv.FormatInt(t.amountOf("fee_amount"), 10)
	}
}

func (t *feeTaker) steps() []servicespec.Slab {
	var out []servicespec.Slab
	for _, row := range gridRows(t.posted, "steps") {
		st := servicespec.Slab{Amount: t.money(row["amount"], "steps"), Each: t.money(row["each"], "steps")}
		if text := strings.ReplaceAll(row["up_to"], ",", "."); text != "" {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.refuse("steps", "studio.number")
			}
			st.UpTo = &v
		}
		out = append(out, st)
	}
	return out
}

// calculation is the calculator of fees: example answers, and what they cost.
type calculation struct {
	Action string
	Keep   [][2]string
	Fields []ui.Field
	Rows   []ui.Fact // a fee and its amount
	Total  string
	Reason []string // by fee, why
	Note   string
	Asked  bool
}

func (s *Studio) calculator(r *frame.Request, d *desk) calculation {
	e := condition.Examples{Pack: d.Pack, Saying: s.saying(r, d, "fees.0.when"), Posted: r.URL.Query(), Prefix: "try."}
	facts := servicespec.Facts{Today: s.today(r), Currency: r.Settings.Currency}
	needs := servicespec.TryFees(d.Pack, nil, facts).Needs
	asked := e.Asked(needs)
	c := calculation{Action: d.here(""), Fields: e.Fields(asked), Asked: r.Query("calculate") != "" || len(asked) == 0}
	if fee := r.Query("fee"); fee != "" {
		c.Keep = append(c.Keep, [2]string{"fee", fee})
	}
	if len(d.Pack.Fees) == 0 {
		return c
	}
	tried := servicespec.TryFees(d.Pack, e.Answers(asked), facts)
	switch {
	case len(tried.Problems) > 0:
		c.Note = s.problem(r, tried.Problems[0])
	case tried.Failed != "" && c.Asked:
		name := tried.Failed
		if f := find(d.Pack.Fees, feeKey, name); f != nil {
			name = s.say(r, d, f.Name, name)
		}
		c.Note = r.T("studio.fee.failed", "name", name)
	}
	s.lines(r, d, &c, tried)
	return c
}

func (s *Studio) lines(r *frame.Request, d *desk, c *calculation, tried servicespec.TriedFees) {
	var sum int64
	for _, l := range tried.Lines {
		sum += l.Minor
		c.Rows = append(c.Rows, ui.Fact{Key: l.Name.In(r.Lang, d.lang()), Value: i18n.FormatMoney(r.Lang, money.Amount{Minor: l.Minor, Currency: r.Settings.Currency})})
	}
	c.Total = i18n.FormatMoney(r.Lang, money.Amount{Minor: sum, Currency: r.Settings.Currency})
	said := s.saying(r, d, "fees.0.when")
	for _, b := range tried.Why {
		f := find(d.Pack.Fees, feeKey, b.Code)
		if f == nil || b.Kind != "fee" || b.How != "charged" {
			continue
		}
		key := "studio.fee.not_charged"
		if b.Result == true {
			key = "studio.fee.charged"
		}
		c.Reason = append(c.Reason, r.T(key, "name", s.say(r, d, f.Name, f.Code), "why", said.Plain(servicespec.ReadClause(f.When))))
	}
}
