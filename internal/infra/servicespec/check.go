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
	pack      *Pack
	problems  []Problem
	answers   *rule.Env // questions
	documents *rule.Env // questions and extras
}

// say records a problem. The line is the path's own or that of the nearest thing around it.
func (c *checker) say(path, code, format string, args ...any) {
	line, at := 0, path
	for at != "" && line == 0 {
		line = c.pack.lines[at]
		i := strings.LastIndex(at, ".")
		at = at[:max(i, 0)]
	}
	c.problems = append(c.problems, Problem{Path: path, Line: line, Code: code, Sentence: fmt.Sprintf(format, args...)})
}

// Limits of one pack. They keep a page of the form, the graph of states and the checking of both small.
const (
	maxPages     = 40
	maxQuestions = 60 // of one page
	maxOptions   = 300
	maxStates    = 80
	maxActions   = 300
	maxLists     = 50 // fees, notices, claims, needs, languages
)

func (c *checker) tooLarge() bool {
	p := c.pack
	limit := func(path string, n, most int) {
		if n > most {
			c.say(path, "too_many", "There are %d; at most %d are possible.", n, most)
		}
	}
	limit("form.pages", len(p.Form.Pages), maxPages)
	for i, pg := range p.Form.Pages {
		limit(fmt.Sprintf("form.pages.%d.questions", i), len(pg.Questions), maxQuestions)
		for j, q := range pg.Questions {
			limit(fmt.Sprintf("form.pages.%d.questions.%d.options", i, j), len(q.Options), maxOptions)
		}
	}
	limit("workflow.states", len(p.Workflow.States), maxStates)
	limit("workflow.actions", len(p.Workflow.Actions), maxActions)
	limit("languages", len(p.Languages), maxLists)
	limit("fees", len(p.Fees), maxLists)
	limit("notices", len(p.Notices), maxLists)
	limit("needs", len(p.Needs), maxLists)
	if p.Certificate != nil {
		limit("certificate.claims", len(p.Certificate.Claims), maxLists)
	}
	if p.Registry != nil {
		limit("registry.fields", len(p.Registry.Fields), maxLists)
	}
	return len(c.problems) > 0
}

var (
	slug         = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	optionCode   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)
	languageCode = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	numberFormat = regexp.MustCompile(`^([A-Z0-9/.-]|\{yyyy\}|\{yy\}|\{mm\}|\{seq:[1-9]\})+$`)
)

const maxSlug = 60

// slug checks a code that is part of addresses and file names.
func (c *checker) slug(path, code string) {
	switch {
	case code == "":
		c.say(path, "code_missing", "A code is missing.")
	case !slug.MatchString(code) || len(code) > maxSlug:
		c.say(path, "code_malformed", "%q cannot be a code: use lower-case letters, digits and single hyphens, a letter first, at most %d.", code, maxSlug)
	}
}

// one checks that a code occurs once in its list.
func (c *checker) one(path, code string, seen map[string]bool) {
	if seen[code] && code != "" {
		c.say(path, "code_twice", "%q is there already; codes must differ.", code)
	}
	seen[code] = true
}

func (c *checker) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		var words []string
		for _, a := range allowed {
			if a != "" {
				words = append(words, a)
			}
		}
		c.say(path, "unknown_word", "%q is not possible here; use one of: %s.", value, strings.Join(words, ", "))
	}
}

// text checks that a text is there where it must be, and is written in all the languages of the service and no other.
func (c *checker) text(path string, t i18n.Text, required bool) {
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		if !slices.Contains(c.pack.Languages, lang) {
			c.say(path+"."+lang, "language_unknown", "The service is not offered in %q; add it to the languages or remove the text.", lang)
		}
	}
	if t.IsZero() {
		if required {
			c.say(path, "text_missing", "A text is missing.")
		}
		return
	}
	for _, lang := range c.pack.Languages {
		if strings.TrimSpace(t[lang]) == "" {
			c.say(path, "translation_missing", "The text is missing in %q.", lang)
		}
	}
}

// mergeFields checks the {fields} of a text against those that will be filled.
func (c *checker) mergeFields(path string, t i18n.Text, allowed []string) {
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		for _, m := range mergeField.FindAllString(t[lang], -1) {
			if name := strings.Trim(m, "{}"); !slices.Contains(allowed, name) {
				c.say(path+"."+lang, "merge_field_unknown", "%s will not be filled; use one of {%s}.", m, strings.Join(allowed, "}, {"))
			}
		}
	}
}

// rule compiles an expression; nil, after a problem, if it does not compile.
func (c *checker) rule(env *rule.Env, path, expr string, want rule.Type) *rule.Program {
	if env == nil {
		return nil // the questions themselves are wrong, which has been said
	}
	p, err := env.Compile(expr, want)
	if err == nil {
		return p
	}
	var re *rule.Error
	if errors.As(err, &re) {
		c.say(path, "rule_wrong", "The rule is wrong: %s.", re.Error())
	} else {
		c.say(path, "rule_wrong", "The rule is wrong: %v.", err)
	}
	return nil
}

// service checks the head of the pack.
func (c *checker) service() {
	p := c.pack
	if len(p.Languages) == 0 {
		c.say("languages", "languages_missing", "Name at least one language.")
	}
	seen := map[string]bool{}
	for i, l := range p.Languages {
		at := fmt.Sprintf("languages.%d", i)
		c.one(at, l, seen)
		if !languageCode.MatchString(l) {
			c.say(at, "code_malformed", "%q is no language code; write pt, en or ar, say.", l)
		}
	}
	c.slug("code", p.Code)
	c.slug("agency", p.Agency)
	if p.Version < 1 {
		c.say("version", "version_missing", "The version must be 1 or more.")
	}
	c.text("name", p.Name, true)
	c.text("summary", p.Summary, true)
	c.text("description", p.Description, false)
	c.text("eligibility", p.Eligibility, false)
	for _, l := range slices.Sorted(maps.Keys(p.Keywords)) {
		if !slices.Contains(p.Languages, l) {
			c.say("keywords."+l, "language_unknown", "The service is not offered in %q.", l)
		}
	}
	for i, n := range p.Needs {
		c.text(fmt.Sprintf("needs.%d", i), n, true)
	}
	if !numberFormat.MatchString(p.Number) || strings.Count(p.Number, "{seq:") != 1 {
		c.say("number", "number_malformed", `The reference number must look like "RC-{yyyy}-{seq:6}": capitals, digits, one {seq:…}.`)
	}
	if p.Target.WorkingDays < 0 || p.Target.WorkingDays > 1000 {
		c.say("target.working_days", "out_of_range", "The promise must be between 0 and 1000 working days.")
	}
	if p.Target.WarnPercent < 1 || p.Target.WarnPercent > 100 {
		c.say("target.warn_percent", "out_of_range", "The warning must come between 1 and 100 percent of the time.")
	}
}

// environments declares the variables of rules: the questions, and for certificates and registers the extras.
func (c *checker) environments() {
	vars := map[string]rule.Type{}
	var labels []string
	for _, pg := range c.pack.Form.Pages {
		for _, q := range pg.Questions {
			if t, ok := ruleTypes[q.Kind]; ok && rule.Identifier(q.Code) {
				vars[q.Code] = t
				if labelled(q.Kind) {
					labels = append(labels, q.Code+labelSuffix)
				}
			}
		}
	}
	c.answers, _ = rule.NewEnv(vars)
	for _, name := range labels {
		vars[name] = rule.String
	}
	for name, t := range extras {
		vars[name] = t
	}
	c.documents, _ = rule.NewEnv(vars)
}

// ruleTypes are the types that rules see for the kinds of questions; files are seen by their names.
var ruleTypes = map[string]rule.Type{
	KindText: rule.String, KindLongText: rule.String, KindName: rule.String, KindEmail: rule.String, KindPhone: rule.String,
	KindNumber: rule.Int, KindMoney: rule.Money, KindDate: rule.Date, KindYesNo: rule.Bool, KindChoice: rule.String,
	KindChoices: rule.Strings, KindBoundary: rule.String, KindFile: rule.Strings, KindDeclaration: rule.Bool,
}
