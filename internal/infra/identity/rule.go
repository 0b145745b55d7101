package identity

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/rule"
)

// Rule gives a role to whoever a provider or a directory says something of.
type Rule struct {
	ID        uuid.UUID // uuid.Nil for a new one
	Condition string    // CEL: over claims for a provider; over attributes, groups and group_names for a directory
	Role      string
	Agency    string // code; "" for the whole tenant
	Boundary  string // code; "" for everywhere
}

// Why a rule gives its role, or not.
const (
	WhyHolds     = "holds"     // the condition is true: the role is given
	WhyNot       = "not"       // the condition is false
	WhyUndecided = "undecided" // it asks for something that was not said
	WhyFails     = "fails"     // it cannot be worked out; Detail says why
	WhyRole      = "role"      // there is no such role, or it comes from no rule
)

// Outcome is what one rule makes of one person.
type Outcome struct {
	Rule
	Why    string // WhyHolds, …
	Detail string // of WhyUndecided the name, of WhyFails what went wrong; in the language of rules
}

// What rules may speak of, by the sort of source.
var (
	claimsEnv    = mustEnv(map[string]rule.Type{"claims": rule.Map})
	directoryEnv = mustEnv(map[string]rule.Type{"attributes": rule.Map, "groups": rule.Strings, "group_names": rule.Strings})
)

func mustEnv(vars map[string]rule.Type) *rule.Env {
	env, err := rule.NewEnv(vars, nil)
	if err != nil {
		panic(err)
	}
	return env
}

func envOf(source string) *rule.Env {
	if strings.HasPrefix(source, "directory:") {
		return directoryEnv
	}
	return claimsEnv
}

// rulesMost is how many rules a source may have.
const rulesMost = 200

// Rules lists the rules of a provider or directory, in the order in which they were made. Permission: identity:read in the
// whole tenant. Errors: ErrForbidden.
func (s *Service) Rules(ctx context.Context, tx *pg.Tx, source string) (_ []Rule, err error) {
	defer fault.Wrap(&err, "identity.Rules(%s)", source)
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return nil, err
	}
	return rulesOf(ctx, tx, source)
}

func rulesOf(ctx context.Context, tx *pg.Tx, source string) ([]Rule, error) {
	rows, err := queries.ListRules(ctx, tx, source)
	rules := make([]Rule, 0, len(rows))
	for _, r := range rows {
		rules = append(rules, Rule(r))
	}
	return rules, err
}

// PutRule makes or changes a rule; it counts from each person's next sign-in or the directory's next comparison on.
// Permission: identity:manage in the whole tenant. Errors: ErrForbidden, ErrSource, ErrRule with the fields at fault.
func (s *Service) PutRule(ctx context.Context, tx *pg.Tx, source string, r Rule) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.PutRule(%s)", source)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return uuid.Nil, err
	}
	if err := knownSource(ctx, tx, source); err != nil {
		return uuid.Nil, err
	}
	if err := checkRule(ctx, tx, source, r); err != nil {
		return uuid.Nil, err
	}
	have, err := rulesOf(ctx, tx, source)
	if err != nil {
		return uuid.Nil, err
	}
	if r.ID == uuid.Nil {
		r.ID = id.New()
		if len(have) >= rulesMost {
			return uuid.Nil, ErrRule.WithFields(fault.Field{Path: "condition", Code: "identity.rule_many", Args: map[string]any{"n": rulesMost}})
		}
	}
	err = queries.PutRule(ctx, tx, identitydb.PutRuleParams{
		ID: r.ID, Source: source, Condition: strings.TrimSpace(r.Condition), Role: r.Role, Agency: r.Agency, Boundary: r.Boundary, ChangedAt: tx.Now,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return r.ID, recordRule(ctx, tx, "identity.rule.put", source, r)
}

// knownSource refuses a source that is no provider or directory. Errors: ErrSource.
func knownSource(ctx context.Context, tx *pg.Tx, source string) (err error) {
	sort, code, _ := strings.Cut(source, ":")
	switch sort {
	case "provider":
		_, err = queries.GetProvider(ctx, tx, code)
	case "directory":
		_, err = queries.GetDirectory(ctx, tx, code)
	default:
		return ErrSource
	}
	if pg.NotFound(err) {
		return ErrSource
	}
	return err
}

func checkRule(ctx context.Context, tx *pg.Tx, source string, r Rule) error {
	var wrong []fault.Field
	if err := checkCondition(source, r.Condition); err != nil {
		wrong = append(wrong, fault.Field{Path: "condition", Code: "identity.rule_condition", Args: map[string]any{"problem": err.Error()}})
	}
	role, err := queries.GetRole(ctx, tx, r.Role)
	switch {
	case pg.NotFound(err):
		wrong = append(wrong, fault.Field{Path: "role", Code: ErrNoRole.Code})
	case err != nil:
		return err
	case reachesBeyond(role.Permissions):
		wrong = append(wrong, fault.Field{Path: "role", Code: "identity.rule_role"})
	}
	if len(wrong) > 0 {
		return ErrRule.WithFields(wrong...)
	}
	return nil
}

// checkCondition compiles a condition.
func checkCondition(source, condition string) error {
	_, err := envOf(source).Compile(strings.TrimSpace(condition), rule.Bool)
	return err
}

// RemoveRule removes a rule; what it gave is lost at each person's next sign-in or the directory's next comparison.
// Permission: identity:manage in the whole tenant. Errors: ErrForbidden, ErrNotFound.
func (s *Service) RemoveRule(ctx context.Context, tx *pg.Tx, source string, which uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.RemoveRule(%s, %s)", source, which)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	row, err := queries.DeleteRule(ctx, tx, identitydb.DeleteRuleParams{ID: which, Source: source})
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	return recordRule(ctx, tx, "identity.rule.remove", source, Rule{which, row.Condition, row.Role, row.Agency, row.Boundary})
}

// recordRule leaves the condition out: it may name a person.
func recordRule(ctx context.Context, tx *pg.Tx, action, source string, r Rule) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "identity.grant_rule", ObjectID: r.ID,
		Detail: map[string]any{"source": source, "role": r.Role, "agency": r.Agency, "boundary": r.Boundary},
	})
}

// Try tells what the rules of a source would make of somebody of whom this was said, and why. Nothing is kept. facts are
// the variables of rules: "claims" for a provider; "attributes", "groups" and "group_names" for a directory. Permission:
// identity:read in the whole tenant. Errors: ErrForbidden.
func (s *Service) Try(ctx context.Context, tx *pg.Tx, source string, facts map[string]any) (_ []Outcome, err error) {
	defer fault.Wrap(&err, "identity.Try(%s)", source)
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return nil, err
	}
	set, err := loadRules(ctx, tx, source)
	if err != nil {
		return nil, err
	}
	return set.outcomes(facts), nil
}

// ruleSet are the rules of a source, compiled.
type ruleSet struct {
	rules    []Rule
	programs []*rule.Program // nil where a rule cannot be compiled any longer
	able     map[string]bool // roles that exist and may come from a rule
}

func loadRules(ctx context.Context, tx *pg.Tx, source string) (set ruleSet, err error) {
	if set.rules, err = rulesOf(ctx, tx, source); err != nil || len(set.rules) == 0 {
		return set, err
	}
	for _, r := range set.rules {
		program, err := envOf(source).Compile(r.Condition, rule.Bool)
		if err != nil {
			program = nil
		}
		set.programs = append(set.programs, program)
	}
	roles, err := listRoles(ctx, tx)
	set.able = map[string]bool{}
	for _, r := range roles {
		set.able[r.Code] = !reachesBeyond(r.Permissions)
	}
	return set, err
}

func (set ruleSet) outcomes(facts map[string]any) []Outcome {
	out := make([]Outcome, 0, len(set.rules))
	for i, r := range set.rules {
		o := Outcome{Rule: r}
		o.Why, o.Detail = judge(set.programs[i], facts)
		if o.Why == WhyHolds && !set.able[r.Role] {
			o.Why = WhyRole
		}
		out = append(out, o)
	}
	return out
}

// judge evaluates one condition. What was not said is not true: a rule on a claim that is missing gives nothing.
func judge(p *rule.Program, facts map[string]any) (why, detail string) {
	if p == nil {
		return WhyFails, ""
	}
	v, known, err := p.Value(facts)
	if err != nil {
		cause := err
		for next := errors.Unwrap(cause); next != nil; next = errors.Unwrap(cause) {
			cause = next
		}
		if name, missing := strings.CutPrefix(cause.Error(), "no such key: "); missing {
			return WhyUndecided, name
		}
		return WhyFails, cause.Error()
	}
	switch {
	case !known:
		return WhyUndecided, ""
	case v == true:
		return WhyHolds, ""
	}
	return WhyNot, ""
}

// grants are the roles that follow, each once.
func (set ruleSet) grants(facts map[string]any) []NewGrant {
	var grants []NewGrant
	seen := map[place]bool{}
	for _, o := range set.outcomes(facts) {
		at := place{o.Role, o.Agency, o.Boundary}
		if o.Why == WhyHolds && !seen[at] {
			seen[at] = true
			grants = append(grants, NewGrant{Role: o.Role, Agency: o.Agency, Boundary: o.Boundary})
		}
	}
	return grants
}
