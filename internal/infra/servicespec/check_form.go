package servicespec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"digit/internal/infra/platform/rule"
)

var mediaType = regexp.MustCompile(`^[a-z]+/([a-z0-9.+-]+|\*)$`)

// prefills are the places an answer can be filled from before the person sees the question.
var prefills = []string{
	"", "profile.name", "profile.phone", "profile.email", "profile.birth_date", "profile.boundary", "profile.address", "profile.national_id",
}

// form checks the questions and compiles their rules into s.
func (c *checker) form(s *Service) {
	if len(c.pack.Form.Pages) == 0 {
		c.say("form.pages", "pages_missing", "The form has no page.")
	}
	pageCodes, codes, asked := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, pg := range c.pack.Form.Pages {
		at := fmt.Sprintf("form.pages.%d", i)
		c.slug(at+".code", pg.Code)
		c.one(at+".code", pg.Code, pageCodes)
		c.text(at+".title", pg.Title, true)
		c.text(at+".hint", pg.Hint, false)
		if len(pg.Questions) == 0 {
			c.say(at+".questions", "questions_missing", "The page asks nothing.")
		}
		compiled := page{Page: pg, when: c.condition(at+".when", pg.When, asked)}
		for j, q := range pg.Questions {
			qAt := fmt.Sprintf("%s.questions.%d", at, j)
			c.one(qAt+".code", q.Code, codes)
			cq := c.question(qAt, q, asked)
			compiled.questions = append(compiled.questions, cq)
			s.questions[q.Code] = cq
			if q.Kind != KindInfo {
				asked[q.Code] = true
			}
		}
		s.pageIndex[pg.Code] = len(s.pages)
		s.pages = append(s.pages, compiled)
	}
}

// condition compiles a rule that may look at what was asked before; nil for none.
func (c *checker) condition(path, expr string, asked map[string]bool) *rule.Program {
	if expr == "" {
		return nil
	}
	p := c.rule(c.answers, path, expr, rule.Bool)
	if p == nil {
		return nil
	}
	for _, name := range p.Names() {
		if name != "today" && !asked[name] {
			c.say(path, "rule_looks_ahead", "The rule uses %q, which is asked only later.", name)
		}
	}
	return p
}

func (c *checker) question(at string, q Question, asked map[string]bool) *question {
	out := &question{Question: q}
	if !rule.Identifier(q.Code+labelSuffix) || !rule.Identifier(q.Code) {
		c.say(at+".code", "code_malformed", "%q cannot name a question: use lower-case letters, digits and underscores, a letter first, and no word of the rule language.", q.Code)
	}
	if _, taken := extras[q.Code]; taken || strings.HasSuffix(q.Code, labelSuffix) {
		c.say(at+".code", "code_reserved", "%q has a meaning of its own in certificates; name the question otherwise.", q.Code)
	}
	if _, known := ruleTypes[q.Kind]; !known && q.Kind != KindInfo {
		c.say(at+".kind", "unknown_word", "%q is no kind of question; use one of: %s, info.", q.Kind, strings.Join(slices.Sorted(maps.Keys(ruleTypes)), ", "))
	}
	c.text(at+".label", q.Label, true)
	c.text(at+".hint", q.Hint, false)
	c.oneOf(at+".sensitivity", q.Sensitivity, "", "personal", "special")
	c.oneOf(at+".prefill", q.Prefill, prefills...)
	c.options(at, q)
	c.sizes(at, q)
	out.when = c.condition(at+".when", q.When, asked)
	switch q.Required {
	case "true":
	case "false":
		out.optional = true
	default:
		out.required = c.condition(at+".required", q.Required, asked)
	}
	if q.Valid != "" {
		self := maps.Clone(asked)
		self[q.Code] = true
		out.valid = c.condition(at+".valid", q.Valid, self)
		c.text(at+".message", q.Message, true)
	} else {
		c.text(at+".message", q.Message, false)
	}
	return out
}

func (c *checker) options(at string, q Question) {
	chooses := q.Kind == KindChoice || q.Kind == KindChoices
	switch {
	case !chooses && (len(q.Options) > 0 || q.RefData != ""):
		c.say(at+".options", "options_unused", "Only choice and choices have options or a code list.")
	case chooses && len(q.Options) == 0 && q.RefData == "":
		c.say(at+".options", "options_missing", "There is nothing to choose from.")
	case len(q.Options) > 0 && q.RefData != "":
		c.say(at+".refdata", "options_twice", "Give options or a code list, not both.")
	}
	seen := map[string]bool{}
	for i, o := range q.Options {
		oAt := fmt.Sprintf("%s.options.%d", at, i)
		c.one(oAt+".code", o.Code, seen)
		if !optionCode.MatchString(o.Code) {
			c.say(oAt+".code", "code_malformed", "%q cannot be the code of an option: use lower-case letters, digits, - and _.", o.Code)
		}
		c.text(oAt+".label", o.Label, true)
	}
	if q.Kind == KindBoundary && q.Level == "" {
		c.say(at+".level", "level_missing", "Say which level of areas to choose from, such as concelho.")
	}
}

func (c *checker) sizes(at string, q Question) {
	if q.MaxLength < 0 || q.MaxLength > 20_000 {
		c.say(at+".max_length", "out_of_range", "The length must be between 1 and 20000 characters.")
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		c.say(at+".min", "out_of_range", "The minimum is above the maximum.")
	}
	if (q.Min != nil || q.Max != nil) && !slices.Contains([]string{KindNumber, KindMoney, KindChoices}, q.Kind) {
		c.say(at+".min", "range_unused", "Only number, money and choices have a minimum and a maximum; use a valid rule.")
	}
	if q.Rows < 0 || q.Rows > 50 {
		c.say(at+".rows", "out_of_range", "The rows must be between 1 and 50.")
	}
	if q.Kind != KindFile {
		return
	}
	if q.MaxFiles < 1 || q.MaxFiles > 20 {
		c.say(at+".max_files", "out_of_range", "Ask for 1 to 20 files.")
	}
	if q.MaxSize < 1 || q.MaxSize > 100<<20 {
		c.say(at+".max_size", "out_of_range", "A file may have up to 104857600 bytes (100 MB).")
	}
	for i, m := range q.Accept {
		if !mediaType.MatchString(m) {
			c.say(fmt.Sprintf("%s.accept.%d", at, i), "code_malformed", "%q is no media type; write image/jpeg, image/* or application/pdf, say.", m)
		}
	}
}

// feesOf checks and compiles the fees. Every question may be used.
func (c *checker) feesOf(s *Service) {
	seen := map[string]bool{}
	for i, f := range c.pack.Fees {
		at := fmt.Sprintf("fees.%d", i)
		c.slug(at+".code", f.Code)
		c.one(at+".code", f.Code, seen)
		c.text(at+".name", f.Name, true)
		out := fee{Fee: f}
		if f.When != "" {
			out.when = c.rule(c.answers, at+".when", f.When, rule.Bool)
		}
		out.amount = c.rule(c.answers, at+".amount", f.Amount, rule.Money)
		s.fees = append(s.fees, out)
	}
}
