package servicespec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

// place is where a question stands while it is checked: what was asked before, and what rules see there.
type place struct {
	at    string
	env   *rule.Env
	asked map[string]bool // answers that are known: codes, and inside a group row.<code>
	codes map[string]bool // codes taken
	group *Question       // the group it is in
	shown []*rule.Program // conditions under which anybody comes here
	free  bool            // rules may look at everything
}

func (p place) name(q *Question) string {
	if p.group != nil {
		return p.group.Code + "." + q.Code
	}
	return q.Code
}

// form checks the questions and compiles their rules.
func (c *checker) form() {
	if len(c.pack.Form.Pages) == 0 {
		c.say("form.pages", "pages_missing")
	}
	pageCodes, codes, asked := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range c.pack.Form.Pages {
		pg := &c.pack.Form.Pages[i]
		at := fmt.Sprintf("form.pages.%d", i)
		c.slug(at+".code", pg.Code)
		c.one(at+".code", pg.Code, pageCodes)
		c.text(at+".title", pg.Title, true)
		c.text(at+".hint", pg.Hint, false)
		if len(pg.Questions) == 0 {
			c.say(at+".questions", "page_asks_nothing")
		}
		compiled := &page{Page: *pg, when: c.asks(place{asked: asked, env: c.answers}, Subject{"page", pg.Code, "shown"}, at+".when", pg.When)}
		c.saidBefore(at+".title", pg.Title, asked, nil)
		c.saidBefore(at+".hint", pg.Hint, asked, nil)
		var shown []*rule.Program
		if compiled.when != nil {
			shown = append(shown, compiled.when.prog)
		}
		for j := range pg.Questions {
			q := &pg.Questions[j]
			qAt := fmt.Sprintf("%s.questions.%d", at, j)
			cq := c.question(place{at: qAt, env: c.answers, asked: asked, codes: codes, shown: shown}, q)
			compiled.questions = append(compiled.questions, cq)
			c.s.questions[q.Code] = cq
			if q.Kind != KindInfo {
				asked[q.Code] = true
			}
		}
		c.s.pageIndex[pg.Code] = len(c.s.pages)
		c.s.pages = append(c.s.pages, compiled)
	}
	c.documents()
	c.askedTwice()
}

// asks compiles a condition of the form, which may look at what was asked before; nil for none.
func (c *checker) asks(p place, subject Subject, path, expr string) *use {
	if strings.TrimSpace(expr) == "" {
		return nil
	}
	u := c.compile(p.env, subject, path, expr, rule.Bool)
	c.looksBack(p, path, u)
	c.doubt(path, u)
	return u
}

// looksBack checks that a rule of the form hangs on earlier answers alone, so that what is asked never hangs on itself.
func (c *checker) looksBack(p place, path string, u *use) {
	if u == nil || p.free {
		return
	}
	for _, name := range u.names {
		if name == "today" || name == worldName {
			continue
		}
		owner := c.s.owners[name]
		if owner == "" {
			owner = name
		}
		if strings.HasPrefix(name, rowName) || p.group != nil && strings.HasPrefix(name, p.group.Row+".") {
			_, field, _ := strings.Cut(owner, ".")
			owner = rowName + field
		} else if group, _, inRow := strings.Cut(owner, "."); inRow {
			owner = group
		}
		if !p.asked[owner] && c.s.screening[owner] == nil && !c.screens(owner) {
			c.say(path, "rule_looks_ahead", "name", strings.TrimPrefix(owner, rowName))
		}
	}
}

// screens reports whether a question of eligibility has that code.
func (c *checker) screens(code string) bool {
	return slices.ContainsFunc(c.pack.Eligibility.Questions, func(q Question) bool { return q.Code == code })
}

// question checks one question and compiles its rules.
func (c *checker) question(p place, q *Question) *question {
	out := &question{Question: *q, suffixes: map[string]bool{}}
	for suffix := range variablesOf(q) {
		out.suffixes[suffix] = true
	}
	c.questionCode(p, q)
	if !slices.Contains(kinds(), q.Kind) {
		c.say(p.at+".kind", "kind_unknown", "kind", q.Kind, "kinds", strings.Join(kinds(), ", "))
		return out
	}
	c.text(p.at+".label", q.Label, q.Kind != KindDocument && !q.Hidden)
	c.text(p.at+".hint", q.Hint, false)
	c.saidBefore(p.at+".label", q.Label, p.asked, p.group)
	c.saidBefore(p.at+".hint", q.Hint, p.asked, p.group)
	c.oneOf(p.at+".sensitivity", q.Sensitivity, "", "personal", "special")
	for i, role := range q.SeenBy {
		c.role(fmt.Sprintf("%s.seen_by.%d", p.at, i), role)
	}
	c.prefill(p.at+".prefill", q)
	c.options(p, q, out)
	c.sizes(p.at, q)
	c.details(p, q, out)
	code := p.name(q)
	out.when = c.asks(p, Subject{"question", code, "shown"}, p.at+".when", q.When)
	if out.when != nil && len(p.shown) > 0 && !rule.Together(c.domain, append(slices.Clone(p.shown), out.when.prog)...) {
		c.say(p.at+".when", "never_asked", "rule", q.When)
	}
	switch q.Required {
	case "true":
	case "false":
		out.optional = true
	default:
		out.required = c.asks(p, Subject{"question", code, "required"}, p.at+".required", q.Required)
	}
	c.validity(p, q, out)
	return out
}

// validity compiles the rule that judges the answer, and the pattern.
func (c *checker) validity(p place, q *Question, out *question) {
	judged := q.Valid != "" || q.Pattern != ""
	c.text(p.at+".message", q.Message, judged)
	if q.Message.IsZero() || judged {
		c.saidBefore(p.at+".message", q.Message, p.asked, p.group)
	} else {
		c.say(p.at+".message", "message_unused")
	}
	if q.Pattern != "" {
		re, err := regexp.Compile("^(?:" + q.Pattern + ")$")
		switch {
		case q.Kind != KindText && q.Kind != KindID:
			c.say(p.at+".pattern", "not_for_kind", "key", "pattern", "kind", q.Kind)
		case err != nil || len(q.Pattern) > 500:
			c.say(p.at+".pattern", "pattern_wrong", "pattern", q.Pattern)
		default:
			out.pattern = re
		}
	}
	if q.Valid == "" {
		return
	}
	self := p
	self.asked = maps.Clone(p.asked)
	if p.group != nil {
		self.asked[rowName+q.Code] = true
	} else {
		self.asked[q.Code] = true
	}
	out.valid = c.asks(self, Subject{"question", p.name(q), "valid"}, p.at+".valid", q.Valid)
}

func (c *checker) questionCode(p place, q *Question) {
	c.one(p.at+".code", q.Code, p.codes)
	if !rule.Identifier(q.Code+labelSuffix) || !rule.Identifier(q.Code) {
		c.say(p.at+".code", "name_malformed", "name", q.Code)
	}
	if _, taken := caseVariables[q.Code]; taken || strings.HasSuffix(q.Code, labelSuffix) || slices.Contains(NoticeFields, q.Code) && !p.free && p.group == nil && q.Code != "name" && q.Code != "amount" && q.Code != "comment" ||
		q.Code == fileMark || p.group != nil && q.Code == "rows" {
		c.say(p.at+".code", "code_reserved", "code", q.Code)
	}
}

// kinds are the kinds of questions, in the order of the reference.
func kinds() []string {
	return []string{
		KindText, KindLongText, KindName, KindEmail, KindPhone, KindID, KindNumber, KindMoney, KindDate, KindMonth, KindTime, KindYesNo,
		KindChoice, KindChoices, KindBoundary, KindAddress, KindPoint, KindFile, KindDocument, KindSignature, KindDeclaration, KindGroup,
		KindComputed, KindInfo,
	}
}

// Kinds returns the kinds of questions, in the order of the reference.
func Kinds() []string { return kinds() }

// saidBefore checks that the merge fields of a text are answers given before.
func (c *checker) saidBefore(path string, t i18n.Text, asked map[string]bool, group *Question) {
	var words []string
	for code := range asked {
		if !strings.Contains(code, ".") {
			words = append(words, code)
		}
	}
	slices.Sort(words)
	c.fields(path, t, func(name string) bool {
		of, field, inRow := strings.Cut(name, ".")
		if !inRow {
			return asked[name]
		}
		return group != nil && (of == "row" || of == group.Row && of != "") && asked[rowName+field]
	}, words)
}

// profileFields are what a person's profile can fill in.
var profileFields = []string{"name", "given_name", "family_name", "phone", "email", "birth_date", "boundary", "address", "national_id"}

// businessFields are what is known of a business that applies.
var businessFields = []string{"name", "number", "form", "boundary", "address", "phone", "email"}

// ProfileFields returns what a person's profile can fill in: name, phone, address…
func ProfileFields() []string { return slices.Clone(profileFields) }

// prefill checks where an answer is filled from.
func (c *checker) prefill(path string, q *Question) {
	if q.Prefill == "" {
		return
	}
	source, rest, _ := strings.Cut(q.Prefill, ".")
	of, field, _ := strings.Cut(rest, ".")
	ok := false
	switch source {
	case "profile":
		ok = slices.Contains(profileFields, rest)
	case "business":
		ok = slices.Contains(businessFields, rest)
	case "subject":
		ok = rest == "name" || rest == "birth_date"
	case "wallet":
		ok = slug.MatchString(of) && rule.Identifier(field)
		if ok && c.known != nil && c.known.Credentials != nil && !slices.Contains(c.known.Credentials, of) {
			c.say(path, "credential_unknown", "type", of)
		}
	case "lookup":
		ok = slices.ContainsFunc(c.pack.Lookups, func(l Lookup) bool {
			return l.Name == of && slices.ContainsFunc(l.Fields, func(f LookupField) bool { return f.Name == field })
		})
	}
	if !ok {
		c.say(path, "prefill_unknown", "source", q.Prefill, "words", "profile."+strings.Join(profileFields, ", profile.")+", business."+strings.Join(businessFields, ", business.")+", subject.name, subject.birth_date, wallet.<type>.<claim>, lookup.<name>.<field>")
	}
}

// naturalSources are what the state knows for questions of a kind.
var naturalSources = map[string]string{KindEmail: "profile.email", KindPhone: "profile.phone"}

// askedTwice finds what the state has already, and what is asked more than once.
func (c *checker) askedTwice() {
	filled := map[string]string{}
	for i := range c.pack.Form.Pages {
		for j := range c.pack.Form.Pages[i].Questions {
			q := &c.pack.Form.Pages[i].Questions[j]
			at := fmt.Sprintf("form.pages.%d.questions.%d", i, j)
			if q.Prefill == "" {
				continue
			}
			if other, twice := filled[q.Prefill]; twice && q.When == "" && c.findQuestion(other).When == "" {
				c.say(at, "asked_twice", "code", q.Code, "other", other, "source", q.Prefill)
			}
			filled[q.Prefill] = q.Code
		}
	}
	for i := range c.pack.Form.Pages {
		for j := range c.pack.Form.Pages[i].Questions {
			q := &c.pack.Form.Pages[i].Questions[j]
			if source := naturalSources[q.Kind]; source != "" && q.Prefill == "" && filled[source] == "" {
				c.say(fmt.Sprintf("form.pages.%d.questions.%d", i, j), "known_already", "code", q.Code, "source", source)
			}
		}
	}
}

// documents checks the papers that are needed, and that each is asked for somewhere.
func (c *checker) documents() {
	seen := map[string]bool{}
	for i := range c.pack.Documents {
		d := &c.pack.Documents[i]
		at := fmt.Sprintf("documents.%d", i)
		c.name(at+".code", d.Code, seen)
		c.text(at+".name", d.Name, true)
		c.text(at+".hint", d.Hint, false)
		c.oneOf(at+".sensitivity", d.Sensitivity, "", "personal", "special")
		c.proofs(at, d)
		q := c.s.questions[d.Code]
		if q == nil || q.Kind != KindDocument {
			c.say(at, "document_not_asked", "code", d.Code)
			continue
		}
		q.doc = d
		if d.When != "" {
			q.needed = c.asks(place{asked: c.before(d.Code), env: c.answers}, Subject{"document", d.Code, "needed"}, at+".when", d.When)
		}
	}
	for code, q := range c.s.questions {
		if q.Kind == KindDocument && q.doc == nil {
			c.say(c.pathOf(code)+".code", "document_unknown", "code", code)
			q.doc = &Document{Code: code}
		}
	}
}

// before returns what is asked before a question.
func (c *checker) before(code string) map[string]bool {
	asked := map[string]bool{}
	for i := range c.pack.Form.Pages {
		for _, q := range c.pack.Form.Pages[i].Questions {
			if q.Code == code {
				return asked
			}
			asked[q.Code] = true
		}
	}
	return asked
}

func (c *checker) pathOf(code string) string {
	for i := range c.pack.Form.Pages {
		for j := range c.pack.Form.Pages[i].Questions {
			if c.pack.Form.Pages[i].Questions[j].Code == code {
				return fmt.Sprintf("form.pages.%d.questions.%d", i, j)
			}
		}
	}
	return "form"
}

func (c *checker) proofs(at string, d *Document) {
	codes := map[string]bool{"credential": true, "keep": true}
	for j := range d.Proofs {
		pr := &d.Proofs[j]
		pAt := fmt.Sprintf("%s.proofs.%d", at, j)
		c.name(pAt+".code", pr.Code, codes)
		c.text(pAt+".name", pr.Name, true)
		switch {
		case pr.Credential != "" && pr.Lookup != "":
			c.say(pAt, "proof_of_two_kinds")
		case pr.Credential != "":
			if !slug.MatchString(pr.Credential) || c.known != nil && c.known.Credentials != nil && !slices.Contains(c.known.Credentials, pr.Credential) {
				c.say(pAt+".credential", "credential_unknown", "type", pr.Credential)
			}
		case pr.Lookup != "":
			if !slices.ContainsFunc(c.pack.Lookups, func(l Lookup) bool { return l.Name == pr.Lookup }) {
				c.say(pAt+".lookup", "lookup_unknown", "name", pr.Lookup)
			}
		default:
			c.fileLimits(pAt, pr.Accept, pr.MaxSize, pr.MaxFiles)
		}
	}
}
