package servicespec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/platform/rule"
)

// names declares what rules can see: the questions, labels, rows, rules and lookups for the form; and besides for a running
// case what is known of it, the branches and what staff find out. The types of tables come once their values are compiled.
func (c *checker) names() {
	vars, rows := map[string]rule.Type{}, map[string]rule.Fields{}
	for i := range c.pack.Form.Pages {
		questions := c.pack.Form.Pages[i].Questions
		for j := range questions {
			c.declare(vars, rows, questions[j].Code, &questions[j])
		}
	}
	for i := range c.pack.Eligibility.Questions {
		c.declare(vars, rows, c.pack.Eligibility.Questions[i].Code, &c.pack.Eligibility.Questions[i])
	}
	for _, r := range c.pack.Rules {
		if r.Each == "" && rule.Identifier(r.Name) {
			vars["rule."+r.Name] = rule.Bool
		}
	}
	for _, l := range c.pack.Lookups {
		if !rule.Identifier(l.Name) {
			continue
		}
		vars["lookup."+l.Name+".found"] = rule.Bool
		for _, f := range l.Fields {
			if t, ok := computedTypes[f.As]; ok && rule.Identifier(f.Name) {
				vars["lookup."+l.Name+"."+f.Name] = t
			}
		}
	}
	env, err := rule.NewEnv(vars, rows)
	if err != nil {
		return // a name is wrong, which the checks of questions say
	}
	c.answers = env
	if types := c.tableTypes(env); len(types) > 0 {
		if c.answers, err = env.With(types, nil); err != nil {
			c.answers = nil
			return
		}
	}
	c.caseNames()
	c.rowNames()
}

// declare adds the variables under which rules see a question's answer.
func (c *checker) declare(vars map[string]rule.Type, rows map[string]rule.Fields, code string, q *Question) {
	if !rule.Identifier(code) {
		return
	}
	for suffix, t := range variablesOf(q) {
		vars[code+suffix] = t
		c.s.owners[code+suffix] = code
	}
	if suffix, ok := labelled(q); ok {
		c.label(vars, code+suffix, q)
		c.s.owners[code+suffix+labelSuffix] = code
	}
	if q.Kind != KindGroup {
		return
	}
	fields := rule.Fields{}
	for i := range q.Fields {
		f := &q.Fields[i]
		if t, ok := variablesOf(f)[""]; ok && t != rule.Rows && rule.Identifier(f.Code) {
			fields[f.Code] = t
			if suffix, ok := labelled(f); ok && suffix == "" {
				fields[f.Code+labelSuffix] = rule.String
			}
		}
	}
	rows[code] = fields
}

// label declares the label of a coded answer, which is worked out when it is wanted.
func (c *checker) label(vars map[string]rule.Type, name string, q *Question) {
	vars[name+labelSuffix] = rule.String
	plain := *q
	if q.Kind == KindAddress {
		plain.Kind = KindBoundary
	}
	c.s.derivations[name+labelSuffix] = &derived{name: name + labelSuffix, names: []string{name}, eval: func(sc *scope) (any, bool) {
		v, ok := sc.vars[name]
		if !ok {
			return nil, false
		}
		return sc.label(&plain, v), true
	}}
}

// caseNames declares what rules of a running case see besides.
func (c *checker) caseNames() {
	vars := maps.Clone(caseVariables)
	c.pack.Workflow.Each(func(_ string, st *State, _, _ string) {
		for _, o := range st.Opinions {
			if name := opinionName(o.Code); rule.Identifier(strings.TrimPrefix(name, "opinion.")) {
				vars[name] = rule.String
			}
		}
		for _, b := range st.Branches {
			if rule.Identifier(strings.ReplaceAll(b.Code, "-", "_")) {
				vars["branch."+strings.ReplaceAll(b.Code, "-", "_")] = rule.String
			}
		}
	})
	for _, a := range c.pack.Workflow.Actions {
		for i := range a.Questions {
			if q := &a.Questions[i]; c.answers.Type(q.Code) == "" && q.Kind != KindGroup {
				c.declare(vars, nil, q.Code, q)
			}
		}
	}
	env, err := c.answers.With(vars, nil)
	if err != nil {
		return
	}
	c.case_ = env
}

// rowNames declares what rules inside a group see: the answers of the row as row.<question>, under the group's own name for a
// row as well, and the rules about a row.
func (c *checker) rowNames() {
	c.rowEnvs = map[string]*rule.Env{}
	for i := range c.pack.Form.Pages {
		questions := c.pack.Form.Pages[i].Questions
		for j := range questions {
			g := &questions[j]
			if g.Kind != KindGroup {
				continue
			}
			vars := map[string]rule.Type{}
			for k := range g.Fields {
				c.declareField(vars, g, &g.Fields[k])
			}
			for _, r := range c.pack.Rules {
				if r.Each == g.Code && rule.Identifier(r.Name) {
					vars["rule."+r.Name] = rule.Bool
				}
			}
			if env, err := c.answers.With(vars, nil); err == nil {
				c.rowEnvs[g.Code] = env
			}
		}
	}
}

func (c *checker) declareField(vars map[string]rule.Type, g, f *Question) {
	if !rule.Identifier(f.Code) || f.Kind == KindGroup {
		return
	}
	prefixes := []string{rowName}
	if rule.Identifier(g.Row) {
		prefixes = append(prefixes, g.Row+".")
	}
	for _, prefix := range prefixes {
		for suffix, t := range variablesOf(f) {
			vars[prefix+f.Code+suffix] = t
			c.s.owners[prefix+f.Code+suffix] = g.Code + "." + f.Code
		}
		if suffix, ok := labelled(f); ok {
			c.label(vars, prefix+f.Code+suffix, f)
			c.s.owners[prefix+f.Code+suffix+labelSuffix] = g.Code + "." + f.Code
		}
	}
}

// tableTypes compiles the values of the tables far enough to know their types.
func (c *checker) tableTypes(env *rule.Env) map[string]rule.Type {
	types := map[string]rule.Type{}
	for _, t := range c.pack.Tables {
		if !rule.Identifier(t.Name) || len(t.Rows) == 0 {
			continue
		}
		if p, err := env.Compile(t.Rows[0].Then, rule.Any); err == nil && p.Type() != rule.Any {
			types["table."+t.Name] = p.Type()
		}
	}
	return types
}

// rules checks and compiles rules, tables and lookups, which everything else may draw on.
func (c *checker) rules() {
	c.namedRules()
	c.tables()
	c.lookups()
	c.circles()
	for name, d := range c.s.derivations {
		for _, n := range d.names {
			c.s.dependents[n] = append(c.s.dependents[n], name)
		}
	}
	// Only now is it known what each hangs on.
	for name, uses := range c.s.derivedUses {
		for i, u := range uses {
			uses[i] = c.s.compiled(u.Subject, u.path, u.prog, c.s.derivations)
		}
		c.s.uses = append(c.s.uses, c.s.derivedUses[name]...)
	}
	slices.SortStableFunc(c.s.uses, func(a, b *use) int { return comparePaths(a.path, b.path) })
}

func (c *checker) namedRules() {
	seen := map[string]bool{}
	for i, r := range c.pack.Rules {
		at := fmt.Sprintf("rules.%d", i)
		c.name(at+".name", r.Name, seen)
		c.text(at+".text", r.Text, true)
		env := c.answers
		if r.Each != "" {
			if env = c.rowEnvs[r.Each]; env == nil && c.answers != nil {
				c.say(at+".each", "group_unknown", "code", r.Each)
				continue
			}
		}
		if strings.TrimSpace(r.When) == "" {
			c.say(at+".when", "rule_missing")
			continue
		}
		p := c.program(env, at+".when", r.When, rule.Bool)
		if p == nil || !rule.Identifier(r.Name) {
			continue
		}
		u := c.s.compiled(Subject{"rule", r.Name, "value"}, at+".when", p, nil)
		c.doubt(at+".when", u)
		c.s.ruleTexts[r.Name] = r.Text
		c.derive("rule."+r.Name, true, []*use{u}, func(sc *scope) (any, bool) {
			v, known, _ := sc.value(c.s.derivedUses["rule."+r.Name][0])
			return v, known
		})
	}
}

// name checks a name that rules use.
func (c *checker) name(path, name string, seen map[string]bool) {
	c.one(path, name, seen)
	switch {
	case name == "":
		c.say(path, "code_missing")
	case !rule.Identifier(name):
		c.say(path, "name_malformed", "name", name)
	}
}

// derive adds a derived value with the expressions it is made of.
func (c *checker) derive(name string, public bool, uses []*use, eval func(sc *scope) (any, bool)) {
	d := &derived{name: name, public: public, eval: eval}
	for _, u := range uses {
		d.names = append(d.names, u.names...)
	}
	c.s.derivations[name] = d
	c.s.derivedUses[name] = uses
}

func (c *checker) lookups() {
	seen := map[string]bool{}
	for i := range c.pack.Lookups {
		l := &c.pack.Lookups[i]
		at := fmt.Sprintf("lookups.%d", i)
		c.name(at+".name", l.Name, seen)
		c.slug(at+".registry", l.Registry)
		if c.known != nil && c.known.Registers != nil && !slices.Contains(c.known.Registers, l.Registry) {
			c.say(at+".registry", "register_unknown", "code", l.Registry)
		}
		c.text(at+".purpose", l.Purpose, true)
		if q := c.findQuestion(l.Consent); q == nil || q.Kind != KindYesNo && q.Kind != KindDeclaration {
			c.say(at+".consent", "consent_missing", "code", l.Consent)
		}
		if len(l.Fields) == 0 {
			c.say(at+".fields", "fields_missing")
		}
		fields := map[string]bool{"found": true}
		for j, f := range l.Fields {
			fAt := fmt.Sprintf("%s.fields.%d", at, j)
			c.name(fAt+".name", f.Name, fields)
			c.oneOf(fAt+".as", f.As, slices.Sorted(maps.Keys(computedTypes))...)
		}
		p := c.program(c.answers, at+".key", l.Key, rule.String)
		if p == nil || !rule.Identifier(l.Name) {
			continue
		}
		c.lookupValues(l, c.s.compiled(Subject{"lookup", l.Name, "key"}, at+".key", p, nil))
	}
}

// lookupValues derives whether a record was found, and its fields.
func (c *checker) lookupValues(l *Lookup, key *use) {
	key.names = append(key.names, l.Consent)
	c.derive("lookup."+l.Name+".found", true, []*use{key}, func(sc *scope) (any, bool) {
		record, made := sc.lookupMade(l)
		return record != nil, made
	})
	for _, f := range l.Fields {
		c.derive("lookup."+l.Name+"."+f.Name, true, nil, func(sc *scope) (any, bool) {
			record, _ := sc.lookupMade(l)
			v, ok := record[f.Name]
			return fieldValue(v, computedTypes[f.As]), ok && v != nil
		})
		c.s.derivations["lookup."+l.Name+"."+f.Name].names = slices.Clone(key.names)
	}
}

// fieldValue reads a field of a record, which JSON has made a float64 of where it is a number.
func fieldValue(v any, t rule.Type) any {
	if x, ok := v.(float64); ok && t != rule.Decimal && x == float64(int64(x)) {
		return int64(x)
	}
	return v
}

func (c *checker) findQuestion(code string) *Question {
	for i := range c.pack.Form.Pages {
		questions := c.pack.Form.Pages[i].Questions
		for j := range questions {
			if questions[j].Code == code {
				return &questions[j]
			}
		}
	}
	return nil
}

// circles finds rules that hang on themselves, and makes the names that each derived value hangs on those of answers alone.
func (c *checker) circles() {
	const (
		open = 1
		done = 2
	)
	state := map[string]int{}
	var visit func(name string) []string
	visit = func(name string) []string {
		d := c.s.derivations[name]
		switch state[name] {
		case open:
			if uses := c.s.derivedUses[name]; len(uses) > 0 {
				c.say(uses[0].path, "rule_circle", "name", name)
			}
			return nil
		case done:
			return d.names
		}
		state[name] = open
		var flat []string
		for _, n := range d.names {
			if c.s.derivations[n] != nil {
				flat = append(flat, visit(n)...)
			} else {
				flat = append(flat, n)
			}
		}
		slices.Sort(flat)
		d.names = slices.Compact(flat)
		state[name] = done
		return d.names
	}
	for _, name := range slices.Sorted(maps.Keys(c.s.derivations)) {
		visit(name)
	}
}
