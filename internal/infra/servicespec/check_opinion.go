package servicespec

import (
	"fmt"
	"slices"
	"strings"

	"digit/internal/infra/platform/rule"
)

// opinions checks what a state asks of other agencies; seen are the codes of those before.
func (c *checker) opinions(at string, st *State, seen map[string]bool) {
	if len(st.Opinions) == 0 {
		return
	}
	if st.Kind != StateWork && st.Kind != StateField {
		c.say(at+".opinions", "opinions_unused")
	}
	c.join(at, st.Join, len(st.Opinions))
	for i := range st.Opinions {
		c.opinion(fmt.Sprintf("%s.opinions.%d", at, i), &st.Opinions[i], seen)
	}
	if !slices.ContainsFunc(c.pack.Workflow.Actions, func(a Action) bool { return a.From.Has(st.Code) && a.On == OnOpinions }) {
		c.say(at+".opinions", "opinions_never_join", "code", st.Code)
	}
}

func (c *checker) opinion(at string, o *Opinion, seen map[string]bool) {
	c.slug(at+".code", o.Code)
	c.one(at+".code", o.Code, seen)
	if !rule.Identifier(strings.ReplaceAll(o.Code, "-", "_")) {
		c.say(at+".code", "name_malformed", "name", o.Code)
	}
	switch o.Agency {
	case "":
		c.say(at+".agency", "opinion_agency_missing")
	case c.pack.Agency:
		c.say(at+".agency", "opinion_of_itself")
	default:
		c.slug(at+".agency", o.Agency)
		if c.known != nil && c.known.Agencies != nil && !slices.Contains(c.known.Agencies, o.Agency) {
			c.say(at+".agency", "agency_unknown", "code", o.Agency)
		}
	}
	c.text(at+".name", o.Name, true)
	c.text(at+".question", o.Question, true)
	c.shows(at+".shows", o)
	if o.Due == "" {
		c.say(at+".due", "opinion_due_missing")
	}
	c.within(at+".due", o.Due)
	c.oneOf(at+".late", o.Late, LateRemind, LateConsent)
	if o.When != "" {
		c.s.opinions[o.Code] = c.condition(c.case_, Subject{"opinion", o.Code, "asked"}, at+".when", o.When)
	}
}

// shows checks that an agency sees something, and nothing that is nobody's business.
func (c *checker) shows(at string, o *Opinion) {
	if len(o.Shows) == 0 {
		c.say(at, "opinion_shows_nothing")
	}
	special, seen := c.s.special(), map[string]bool{}
	for i, code := range o.Shows {
		codeAt := fmt.Sprintf("%s.%d", at, i)
		c.one(codeAt, code, seen)
		switch q := c.s.questions[code]; {
		case q == nil || q.Kind == KindInfo || q.Kind == KindDeclaration:
			c.say(codeAt, "scenario_answer", "code", code)
		case special[code]:
			c.say(codeAt, "opinion_shows_special", "code", code)
		}
	}
}
