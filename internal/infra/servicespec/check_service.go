package servicespec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// service checks the head of the pack.
func (c *checker) service() {
	p := c.pack
	if len(p.Languages) == 0 {
		c.say("languages", "languages_missing")
	}
	seen := map[string]bool{}
	for i, l := range p.Languages {
		at := fmt.Sprintf("languages.%d", i)
		c.one(at, l, seen)
		if !languageCode.MatchString(l) {
			c.say(at, "language_malformed", "lang", l)
		}
	}
	c.slug("code", p.Code)
	c.slug("agency", p.Agency)
	if c.known != nil && c.known.Agencies != nil && !slices.Contains(c.known.Agencies, p.Agency) {
		c.say("agency", "agency_unknown", "code", p.Agency)
	}
	if p.Version < 1 {
		c.say("version", "version_missing")
	}
	c.text("name", p.Name, true)
	c.text("summary", p.Summary, true)
	c.text("description", p.Description, false)
	for _, l := range slices.Sorted(maps.Keys(p.Keywords)) {
		if !slices.Contains(p.Languages, l) {
			c.say("keywords."+l, "language_unknown", "lang", l)
		}
	}
	for i, n := range p.Needs {
		c.text(fmt.Sprintf("needs.%d", i), n, true)
	}
	for i, place := range p.Places {
		if c.known != nil && c.known.Areas != nil && !c.known.Areas(place) {
			c.say(fmt.Sprintf("places.%d", i), "area_unknown", "code", place)
		}
	}
	for i, src := range p.Sources {
		at := fmt.Sprintf("sources.%d", i)
		c.text(at+".title", src.Title, true)
		if src.URL != "" && !webAddress.MatchString(src.URL) {
			c.say(at+".url", "address_malformed", "address", src.URL)
		}
	}
	c.roles()
	c.number("number", p.Number)
	c.target()
}

// number checks the format of numbers.
func (c *checker) number(path, format string) {
	if !numberFormat.MatchString(format) || strings.Count(format, "{seq:") != 1 {
		c.say(path, "number_malformed", "example", "RC-{yyyy}-{seq:6}")
	}
}

func (c *checker) roles() {
	seen := map[string]bool{}
	for i, r := range c.pack.Roles {
		at := fmt.Sprintf("roles.%d", i)
		c.slug(at+".code", r.Code)
		c.one(at+".code", r.Code, seen)
		c.text(at+".name", r.Name, true)
	}
}

// role checks a role that the workflow speaks of.
func (c *checker) role(path, role string) {
	switch {
	case !slug.MatchString(role):
		c.say(path, "role_malformed", "role", role)
	case c.known == nil || c.known.Roles == nil || slices.Contains(c.known.Roles, role):
	case slices.ContainsFunc(c.pack.Roles, func(r Role) bool { return r.Code == role }):
		c.say(path, "role_to_make", "role", role)
	default:
		c.say(path, "role_nobody_has", "role", role)
	}
}

const (
	mostDays  = 1000
	mostHours = 8000
)

func (c *checker) target() {
	t := c.pack.Target
	c.promise("target", t.WorkingDays, t.WorkingHours)
	if t.WarnPercent < 1 || t.WarnPercent > 100 {
		c.say("target.warn_percent", "out_of_range", "min", 1, "max", 100)
	}
	for i, tc := range t.Cases {
		at := fmt.Sprintf("target.cases.%d", i)
		c.promise(at, tc.WorkingDays, tc.WorkingHours)
		if tc.WorkingDays == 0 && tc.WorkingHours == 0 {
			c.say(at, "promise_missing")
		}
	}
}

func (c *checker) promise(at string, days, hours int) {
	if days < 0 || days > mostDays {
		c.say(at+".working_days", "out_of_range", "min", 0, "max", mostDays)
	}
	if hours < 0 || hours > mostHours {
		c.say(at+".working_hours", "out_of_range", "min", 0, "max", mostHours)
	}
	if days > 0 && hours > 0 {
		c.say(at+".working_hours", "promise_twice")
	}
}

// eligibility checks who may have the service.
func (c *checker) eligibility() {
	e := c.pack.Eligibility
	c.text("eligibility.text", e.Text, false)
	asked := map[string]bool{}
	for i := range e.Questions {
		at := fmt.Sprintf("eligibility.questions.%d", i)
		q := &e.Questions[i]
		if slices.Contains([]string{KindGroup, KindFile, KindDocument, KindSignature, KindDeclaration, KindComputed}, q.Kind) {
			c.say(at+".kind", "kind_not_here", "kind", q.Kind)
			continue
		}
		if q.Sensitivity != "" || personal(q) {
			c.say(at, "screening_personal", "code", q.Code)
		}
		if twin := c.s.questions[q.Code]; twin != nil && twin.Kind != q.Kind {
			c.say(at+".kind", "screening_differs", "code", q.Code)
			continue
		}
		c.s.screening[q.Code] = c.question(place{at: at, env: c.answers, asked: asked, codes: map[string]bool{}}, q)
		asked[q.Code] = true
	}
	if len(e.Questions) > 0 && len(e.Rules) == 0 {
		c.say("eligibility.rules", "eligibility_rules_missing")
	}
	for i, r := range e.Rules {
		at := fmt.Sprintf("eligibility.rules.%d", i)
		c.text(at+".yes", r.Yes, false)
		c.text(at+".no", r.No, true)
		c.text(at+".instead", r.Instead, false)
		if r.Link != "" && !webAddress.MatchString(r.Link) {
			c.say(at+".link", "address_malformed", "address", r.Link)
		}
		if r.When == "" {
			c.say(at+".when", "rule_missing")
			continue
		}
		u := c.condition(c.answers, Subject{"eligibility", fmt.Sprint(i), "eligible"}, at+".when", r.When)
		if u != nil {
			c.s.conditions = append(c.s.conditions, condition{r, u})
		}
	}
}

// feedback checks what is asked at the end.
func (c *checker) feedback() {
	if c.pack.Feedback == nil {
		return
	}
	c.text("feedback.text", c.pack.Feedback.Text, false)
	if len(c.pack.Feedback.Questions) == 0 {
		c.say("feedback.questions", "questions_missing")
	}
	asked, codes := map[string]bool{}, map[string]bool{}
	for i := range c.pack.Feedback.Questions {
		q := &c.pack.Feedback.Questions[i]
		at := fmt.Sprintf("feedback.questions.%d", i)
		if slices.Contains([]string{KindGroup, KindFile, KindDocument, KindSignature, KindComputed}, q.Kind) || personal(q) {
			c.say(at+".kind", "kind_not_here", "kind", q.Kind)
			continue
		}
		c.question(place{at: at, env: c.case_, asked: asked, codes: codes, free: true}, q)
		asked[q.Code] = true
	}
}
