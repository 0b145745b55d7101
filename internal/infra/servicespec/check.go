package servicespec

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

// checker goes through a pack, collects its problems and compiles its rules.
type checker struct {
	pack     *Pack
	known    *Known
	s        *Service
	problems []Problem
	missing  map[string]int // texts that lack a language
	texts    int

	answers *rule.Env            // what the form's rules see
	rowEnvs map[string]*rule.Env // and those inside a group
	case_   *rule.Env            // what rules of a running case see

	judged     map[string]TableFindings // by name of the table
	inputTypes map[string][]string
}

// say records a problem. The line is the path's own or that of the nearest thing around it.
func (c *checker) say(path, code string, pairs ...any) {
	c.problems = append(c.problems, newProblem(path, c.line(path), code, pairs...))
}

func (c *checker) line(path string) int {
	line := 0
	for path != "" && line == 0 {
		line = c.pack.lines[path]
		path = path[:max(strings.LastIndex(path, "."), 0)]
	}
	return line
}

// sort puts the problems into the order of the source, where it is known.
func (c *checker) sort() {
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		if a.Line == 0 || b.Line == 0 {
			return 0
		}
		return a.Line - b.Line
	})
}

// Limits of one pack. They keep a page of the form, the graph of states and the checking of both small.
const (
	maxPages     = 60
	maxQuestions = 60 // of one page, and of one group
	maxAsked     = 600
	maxOptions   = 300
	maxStates    = 80
	maxActions   = 300
	maxLists     = 80 // fees, notices, claims, needs, languages, rules…
	maxTableRows = 200
	maxScenarios = 100
	maxSteps     = 100
)

func (c *checker) tooLarge() bool {
	p := c.pack
	limit := func(path string, n, most int) {
		if n > most {
			c.say(path, "too_many", "n", n, "max", most)
		}
	}
	limit("form.pages", len(p.Form.Pages), maxPages)
	asked := 0
	for i, pg := range p.Form.Pages {
		at := fmt.Sprintf("form.pages.%d.questions", i)
		limit(at, len(pg.Questions), maxQuestions)
		for j := range pg.Questions {
			asked += 1 + len(pg.Questions[j].Fields)
			c.limitQuestion(fmt.Sprintf("%s.%d", at, j), &pg.Questions[j], limit)
		}
	}
	limit("form.pages", asked, maxAsked)
	for i := range p.Eligibility.Questions {
		c.limitQuestion(fmt.Sprintf("eligibility.questions.%d", i), &p.Eligibility.Questions[i], limit)
	}
	limit("workflow.states", len(p.Workflow.States), maxStates)
	limit("workflow.actions", len(p.Workflow.Actions), maxActions)
	for i, a := range p.Workflow.Actions {
		limit(fmt.Sprintf("workflow.actions.%d.questions", i), len(a.Questions), maxQuestions)
		limit(fmt.Sprintf("workflow.actions.%d.checklist", i), len(a.Checklist), maxLists)
	}
	for path, n := range map[string]int{
		"languages": len(p.Languages), "fees": len(p.Fees), "notices": len(p.Notices), "needs": len(p.Needs), "rules": 2 * len(p.Rules) / 5,
		"tables": len(p.Tables), "lookups": len(p.Lookups), "documents": len(p.Documents), "certificates": len(p.Certificates),
		"letters": len(p.Letters), "records": len(p.Records), "eligibility.questions": len(p.Eligibility.Questions),
		"eligibility.rules": len(p.Eligibility.Rules), "workflow.reasons": len(p.Workflow.Reasons), "roles": len(p.Roles), "target.cases": len(p.Target.Cases),
	} {
		limit(path, n, maxLists)
	}
	for i, t := range p.Tables {
		limit(fmt.Sprintf("tables.%d.rows", i), len(t.Rows), maxTableRows)
		limit(fmt.Sprintf("tables.%d.inputs", i), len(t.Inputs), 10)
	}
	for i, x := range p.Certificates {
		limit(fmt.Sprintf("certificates.%d.claims", i), len(x.Claims), maxLists)
	}
	for i, x := range p.Records {
		limit(fmt.Sprintf("records.%d.fields", i), len(x.Fields), maxLists)
	}
	limit("scenarios", len(p.Scenarios), maxScenarios)
	for i, x := range p.Scenarios {
		limit(fmt.Sprintf("scenarios.%d.steps", i), len(x.Steps), maxSteps)
	}
	if p.Feedback != nil {
		limit("feedback.questions", len(p.Feedback.Questions), maxQuestions)
	}
	states := 0
	p.Workflow.Each(func(string, *State, string, string) { states++ })
	limit("workflow.states", states, 3*maxStates)
	return len(c.problems) > 0
}

func (c *checker) limitQuestion(at string, q *Question, limit func(string, int, int)) {
	limit(at+".options", len(q.Options), maxOptions)
	limit(at+".fields", len(q.Fields), maxQuestions)
	for i := range q.Fields {
		limit(fmt.Sprintf("%s.fields.%d.options", at, i), len(q.Fields[i].Options), maxOptions)
		limit(fmt.Sprintf("%s.fields.%d.fields", at, i), len(q.Fields[i].Fields), 0)
	}
}

var (
	slug         = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	optionCode   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)
	languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	numberFormat = regexp.MustCompile(`^([A-Z0-9/.-]|\{yyyy\}|\{yy\}|\{mm\}|\{seq:[1-9]\})+$`)
	mediaType    = regexp.MustCompile(`^[a-z]+/([a-z0-9.+-]+|\*)$`)
	rateShape    = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4})?$`)
	webAddress   = regexp.MustCompile(`^(https?://|/)[^\s"<>]+$`)
)

const maxSlug = 60

// slug checks a code that is part of addresses and file names.
func (c *checker) slug(path, code string) {
	switch {
	case code == "":
		c.say(path, "code_missing")
	case !slug.MatchString(code) || len(code) > maxSlug:
		c.say(path, "code_malformed", "code", code)
	}
}

// one checks that a code occurs once in its list.
func (c *checker) one(path, code string, seen map[string]bool) {
	if seen[code] && code != "" {
		c.say(path, "code_twice", "code", code)
	}
	seen[code] = true
}

func (c *checker) oneOf(path, value string, allowed ...string) bool {
	if slices.Contains(allowed, value) {
		return true
	}
	words := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	c.say(path, "unknown_word", "word", value, "words", strings.Join(words, ", "))
	return false
}

// text checks that a text is there where it must be, and is written in all the languages of the service and no other.
func (c *checker) text(path string, t i18n.Text, required bool) {
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		if !slices.Contains(c.pack.Languages, lang) {
			c.say(path+"."+lang, "language_unknown", "lang", lang)
		}
	}
	if t.IsZero() {
		if required {
			c.say(path, "text_missing")
		}
		return
	}
	c.texts++
	for _, lang := range c.pack.Languages {
		if strings.TrimSpace(t[lang]) == "" {
			c.missing[lang]++
			c.say(path, "translation_missing", "lang", lang)
		}
	}
}

// translations counts the texts that lack a language.
func (c *checker) translations() {
	for i, lang := range c.pack.Languages {
		if n := c.missing[lang]; n > 0 {
			c.say(fmt.Sprintf("languages.%d", i), "translations_missing", "lang", lang, "n", n, "all", c.texts)
		}
	}
}

// fields checks the {fields} of a text against those that will be filled.
func (c *checker) fields(path string, t i18n.Text, filled func(name string) bool, words []string) {
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		for _, name := range mergeFieldsOf(t[lang]) {
			if !filled(name) {
				c.say(path+"."+lang, "merge_field_unknown", "field", "{"+name+"}", "words", "{"+strings.Join(words, "}, {")+"}")
			}
		}
	}
}

// compile makes a use of an expression; nil, after a problem, if it is wrong. Where the name of a rule is all there is, the
// rule is meant.
func (c *checker) compile(env *rule.Env, subject Subject, path, expr string, want rule.Type) *use {
	p := c.program(env, path, expr, want)
	if p == nil {
		return nil
	}
	u := c.s.compiled(subject, path, p, c.s.derivations)
	c.s.uses = append(c.s.uses, u)
	return u
}

func (c *checker) program(env *rule.Env, path, expr string, want rule.Type) *rule.Program {
	if env == nil {
		return nil // the questions themselves are wrong, which has been said
	}
	if name := strings.TrimSpace(expr); env.Type(name) == "" && env.Type("rule."+name) != "" {
		expr = "rule." + name
	}
	p, err := env.Compile(expr, want)
	if err != nil {
		c.sayRule(env, path, err)
		return nil
	}
	return p
}

// sayRule says what is wrong with an expression, by the kind of the fault.
func (c *checker) sayRule(env *rule.Env, path string, err error) {
	var e *rule.Error
	if !errors.As(err, &e) {
		c.say(path, "rule_unreadable", "detail", err.Error())
		return
	}
	var pairs []any
	for _, name := range slices.Sorted(maps.Keys(e.Args)) {
		pairs = append(pairs, name, e.Args[name])
	}
	code := "rule_" + string(e.Kind)
	if e.Kind == rule.UnknownName {
		name := fmt.Sprint(e.Args["name"])
		near := nearest(name, env.Names())
		if env.Type(rowName+name) != "" {
			near = rowName + name
		}
		if near != "" {
			code, pairs = "rule_unknown_name_near", append(pairs, "near", near)
		}
	}
	c.say(path, code, append(pairs, "line", e.Line, "column", e.Column)...)
}

// nearest returns the name that was probably meant; "" where none is near.
func nearest(name string, names []string) string {
	best, least := "", 1+len(name)/3
	for _, n := range names {
		if d := distance(name, n); d <= least && d > 0 && !strings.HasPrefix(n, "@") {
			best, least = n, d-1
		}
	}
	return best
}

// distance counts the letters to add, drop or change from one name to another.
func distance(a, b string) int {
	if len(a) > maxSlug || len(b) > maxSlug || a == b {
		return 0
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// condition compiles a condition of a running case; nil for none. One that can never hold is doubtful.
func (c *checker) condition(env *rule.Env, subject Subject, path, expr string) *use {
	if expr == "" {
		return nil
	}
	u := c.compile(env, subject, path, expr, rule.Bool)
	c.doubt(path, u)
	return u
}

// doubt says where a condition never holds, or always does.
func (c *checker) doubt(path string, u *use) {
	if u == nil {
		return
	}
	canBeTrue, canBeFalse := u.prog.Truth(c.domain)
	switch {
	case !canBeTrue:
		c.say(path, "never_true", "rule", u.prog.String())
	case !canBeFalse && strings.TrimSpace(u.prog.String()) != "true":
		c.say(path, "always_true", "rule", u.prog.String())
	}
}

// domain tells what an answer can be, by what its question says.
func (c *checker) domain(name string) rule.Domain {
	if strings.HasPrefix(name, "rule.") {
		return rule.Domain{Values: []string{"true", "false"}}
	}
	q := c.s.questions[name]
	if q == nil {
		q = c.s.screening[name]
	}
	if q == nil {
		q = c.s.findings[name]
	}
	if group, field, inRow := strings.Cut(name, "."); q == nil && inRow {
		if g := c.s.groups[group]; g != nil {
			q = g.field(field)
		}
	}
	if q == nil {
		return rule.Domain{}
	}
	return domainOf(&q.Question)
}

func domainOf(q *Question) rule.Domain {
	switch q.Kind {
	case KindYesNo:
		return rule.Domain{Values: []string{"true", "false"}}
	case KindDeclaration, KindSignature:
		return rule.Domain{Values: []string{"true"}} // undecided until declared
	case KindChoice:
		if len(q.Options) > 0 {
			codes := make([]string, len(q.Options))
			for i, o := range q.Options {
				codes[i] = o.Code
			}
			return rule.Domain{Values: codes}
		}
	case KindNumber, KindMoney:
		if q.Min != nil || q.Max != nil {
			r := rule.Everything
			if q.Min != nil {
				r.Lo = *q.Min
			}
			if q.Max != nil {
				r.Hi = *q.Max
			}
			return rule.Domain{Range: &r}
		}
	}
	return rule.Domain{}
}

func joined(words []string) string { return strings.Join(words, ", ") }
