package servicespec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

var noticeEvents = []string{"submitted", "demand", "paid", "correction", "approved", "rejected", "withdrawn", "reminder", "reopened", "appealed"}

// notices checks the messages.
func (c *checker) notices() {
	for i := range c.pack.Notices {
		n := &c.pack.Notices[i]
		at := fmt.Sprintf("notices.%d", i)
		c.noticeEvent(at+".on", n.On)
		out := notice{Notice: *n, when: c.condition(c.case_, Subject{"notice", n.On, "sent"}, at+".when", n.When)}
		for j, to := range n.To {
			c.recipient(fmt.Sprintf("%s.to.%d", at, j), to)
		}
		if len(n.Channel) == 0 {
			c.say(at+".channel", "channel_missing")
		}
		for j, ch := range n.Channel {
			c.oneOf(fmt.Sprintf("%s.channel.%d", at, j), ch, "sms", "email", "portal")
		}
		c.text(at+".subject", n.Subject, slices.Contains(n.Channel, "email"))
		c.text(at+".text", n.Text, true)
		c.messageFields(at+".subject", n.Subject, true)
		c.messageFields(at+".text", n.Text, true)
		c.s.notices = append(c.s.notices, out)
	}
}

func (c *checker) noticeEvent(at, on string) {
	kind, code, parted := strings.Cut(on, ":")
	switch {
	case parted && kind == "state":
		if c.s.states[code] == nil {
			c.say(at, "state_unknown", "code", code)
		}
	case parted && kind == "action":
		if !slices.ContainsFunc(c.pack.Workflow.Actions, func(a Action) bool { return a.Code == code }) {
			c.say(at, "action_unknown", "code", code)
		}
	case parted && kind == "escalation":
		if !c.escalates(code) {
			c.say(at, "escalation_unknown", "code", code)
		}
	default:
		c.oneOf(at, on, append(slices.Clone(noticeEvents), "state:<code>", "action:<code>", "escalation:<code>")...)
	}
}

func (c *checker) escalates(code string) bool {
	found := false
	c.pack.Workflow.Each(func(_ string, st *State, _, _ string) {
		found = found || slices.ContainsFunc(st.Escalate, func(e Escalation) bool { return e.Code == code })
	})
	return found
}

// recipient checks to whom a notice goes.
func (c *checker) recipient(at, to string) {
	if role, ok := strings.CutPrefix(to, "role:"); ok {
		c.role(at, role)
		return
	}
	c.oneOf(at, to, ToCitizen, "agency", "assignee", "role:<role>")
}

// messageFields checks the merge fields of a notice or letter: those of every case and answers, and in a letter, which the
// agency writes itself, what staff found out. A message goes over lines that others can read, so what is special has no
// place in it.
func (c *checker) messageFields(at string, t i18n.Text, open bool) {
	c.fields(at, t, func(name string) bool {
		if slices.Contains(NoticeFields, name) {
			return true
		}
		q := c.s.questions[name]
		if q == nil && !open {
			q = c.s.findings[name]
		}
		if q != nil && open && q.Sensitivity == "special" {
			c.say(at, "special_in_message", "code", name)
		}
		return q != nil && q.Kind != KindInfo
	}, NoticeFields)
}

// outputs checks and compiles what is issued, sent and recorded.
func (c *checker) outputs() {
	c.certificates()
	seen := map[string]bool{}
	for i := range c.pack.Letters {
		l := &c.pack.Letters[i]
		at := fmt.Sprintf("letters.%d", i)
		c.slug(at+".code", l.Code)
		c.one(at+".code", l.Code, seen)
		c.text(at+".title", l.Title, true)
		c.text(at+".body", l.Body, true)
		c.messageFields(at+".title", l.Title, false)
		c.messageFields(at+".body", l.Body, false)
		if l.Number != "" {
			c.number(at+".number", l.Number)
		}
		c.s.letters = append(c.s.letters, letter{*l, c.condition(c.case_, Subject{"letter", l.Code, "sent"}, at+".when", l.When)})
	}
	for i := range c.pack.Records {
		r := &c.pack.Records[i]
		at := fmt.Sprintf("records.%d", i)
		c.slug(at+".registry", r.Registry)
		if c.known != nil && c.known.Registers != nil && !slices.Contains(c.known.Registers, r.Registry) {
			c.say(at+".registry", "register_unknown", "code", r.Registry)
		}
		c.oneOf(at+".mode", r.Mode, ModeWrite, ModeUpdate)
		out := record{Record: *r, when: c.condition(c.case_, Subject{"record", r.Registry, "written"}, at+".when", r.When)}
		out.key = c.compile(c.case_, Subject{"record", r.Registry, "key"}, at+".key", r.Key, rule.String)
		out.fields = c.claims(at+".fields", "record", r.Registry, r.Fields)
		c.s.records = append(c.s.records, out)
	}
}

func (c *checker) certificates() {
	types := map[string]bool{}
	for i := range c.pack.Certificates {
		cert := &c.pack.Certificates[i]
		at := fmt.Sprintf("certificates.%d", i)
		c.slug(at+".type", cert.Type)
		c.one(at+".type", cert.Type, types)
		c.text(at+".title", cert.Title, true)
		c.text(at+".body", cert.Body, true)
		const mostDays = 36_600
		if cert.ValidDays < 0 || cert.ValidDays > mostDays {
			c.say(at+".valid_days", "out_of_range", "min", 0, "max", mostDays)
		}
		if cert.ValidDays > 0 && cert.ValidUntil != "" {
			c.say(at+".valid_until", "valid_twice")
		}
		if cert.Number != "" {
			c.number(at+".number", cert.Number)
		}
		if len(cert.Claims) == 0 {
			c.say(at+".claims", "claims_missing")
		}
		out := certificate{Certificate: *cert, when: c.condition(c.case_, Subject{"certificate", cert.Type, "issued"}, at+".when", cert.When)}
		if cert.ValidUntil != "" {
			out.until = c.compile(c.case_, Subject{"certificate", cert.Type, "valid"}, at+".valid_until", cert.ValidUntil, rule.Date)
		}
		out.claims = c.claims(at+".claims", "certificate", cert.Type, cert.Claims)
		names := slices.Sorted(maps.Keys(caseVariables))
		for _, cl := range cert.Claims {
			names = append(names, cl.Name)
		}
		filled := func(name string) bool { return slices.Contains(names, name) }
		c.fields(at+".title", cert.Title, filled, names)
		c.fields(at+".body", cert.Body, filled, names)
		c.s.certificates = append(c.s.certificates, out)
	}
}

func (c *checker) claims(at, kind, of string, claims []Claim) []*use {
	seen := map[string]bool{}
	out := make([]*use, len(claims))
	for i, cl := range claims {
		cAt := fmt.Sprintf("%s.%d", at, i)
		c.name(cAt+".name", cl.Name, seen)
		c.text(cAt+".label", cl.Label, true)
		if cl.From == "" {
			c.say(cAt+".from", "source_missing", "name", cl.Name)
			continue
		}
		out[i] = c.compile(c.case_, Subject{kind, of + "." + cl.Name, "value"}, cAt+".from", cl.From, rule.Any)
	}
	return out
}
