package decision

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

//go:embed house.cedar
var house []byte

//go:embed schema.cedarschema
var vocabulary string

// Policy is one of a tenant's own: Code names it among the tenant's, Text is its Cedar.
type Policy struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// ownPrefix sets the ids of a tenant's policies apart from those of the house.
const ownPrefix = "own:"

// Own returns the code of the tenant's policy that an id of a verdict names; false for one of the house.
func Own(id string) (string, bool) { return strings.CutPrefix(id, ownPrefix) }

// House is the law of a tenant without policies of its own.
var House = mustLaw()

func mustLaw() *Law {
	l := &Law{}
	policies, err := cedar.NewPolicyListFromBytes("house.cedar", house)
	if err != nil {
		panic(err) // the file is part of this program
	}
	for _, p := range policies {
		l.add(cedar.PolicyID(p.Annotations()["id"]), p)
	}
	l.index()
	return l
}

// index sorts the policies by the actions that any of them names, so that those which cannot speak are not asked.
func (l *Law) index() {
	pick := func(from ordered, action string) (out ordered) {
		for _, n := range from {
			if speaksOf(n.policy, action) {
				out = append(out, n)
			}
		}
		return out
	}
	l.by = map[string]side{"": {pick(l.permits, ""), pick(l.forbids, "")}}
	for _, action := range l.named() {
		l.by[action] = side{pick(l.permits, action), pick(l.forbids, action)}
	}
}

// sides returns the policies that may have a say in an action.
func (l *Law) sides(action string) side {
	if s, ok := l.by[action]; ok {
		return s
	}
	return l.by[""]
}

func (l *Law) add(id cedar.PolicyID, p *cedar.Policy) {
	if p.Effect() == cedar.Permit {
		l.permits = append(l.permits, named{id, p})
	} else {
		l.forbids = append(l.forbids, named{id, p})
	}
}

// laws are those made lately, by the text of the tenants' policies, so that a request does not read them anew.
var laws = struct {
	sync.Mutex
	by map[string]*Law
}{by: map[string]*Law{}}

const mostLaws = 200

// With returns the house's law with a tenant's policies. One that is no single policy that forbids, or cannot be read, is an error:
// they were checked when they were saved.
func With(own []Policy) (*Law, error) {
	if len(own) == 0 {
		return House, nil
	}
	var key strings.Builder
	for _, o := range own {
		fmt.Fprintf(&key, "%q %q\n", o.Code, o.Text)
	}
	laws.Lock()
	defer laws.Unlock()
	if l := laws.by[key.String()]; l != nil {
		return l, nil
	}
	l, err := read(own)
	if err != nil {
		return nil, err
	}
	if len(laws.by) >= mostLaws {
		clear(laws.by)
	}
	laws.by[key.String()] = l
	return l, nil
}

func read(own []Policy) (*Law, error) {
	l := &Law{side: side{House.permits, slices.Clone(House.forbids)}}
	for _, o := range own {
		p, problem := parse(o.Text)
		if problem != nil {
			return nil, fmt.Errorf("policy %s: %s", o.Code, problem.Text)
		}
		l.add(cedar.PolicyID(ownPrefix+o.Code), p)
	}
	l.index()
	return l, nil
}

// Touches reports whether one of the tenant's own policies may have a say in an action.
func (l *Law) Touches(action string) bool {
	return slices.ContainsFunc(l.forbids, func(n named) bool {
		_, own := Own(string(n.id))
		return own && speaksOf(n.policy, action)
	})
}

func speaksOf(p *cedar.Policy, action string) bool {
	is := func(uid cedar.EntityUID) bool { return string(uid.ID) == action }
	switch scope := (*ast.Policy)(p.AST()).Action.(type) {
	case ast.ScopeTypeEq:
		return is(scope.Entity)
	case ast.ScopeTypeIn:
		return is(scope.Entity)
	case ast.ScopeTypeInSet:
		return slices.ContainsFunc(scope.Entities, is)
	}
	return true
}

// Problem is what is wrong with a policy: Code is syntax, single, permit, vocabulary; Text the details, in Cedar's own words.
type Problem struct{ Code, Text string }

// Check says what is wrong with the text of a tenant's policy; nil for one that can be saved. Permissions are those of the modules,
// which are what it may speak of as actions.
func Check(text string, permissions []string) *Problem {
	p, problem := parse(text)
	if problem != nil {
		return problem
	}
	if err := conforms(p, permissions); err != nil {
		return &Problem{"vocabulary", strings.Join(strings.Fields(err.Error()), " ")}
	}
	return nil
}

func parse(text string) (*cedar.Policy, *Problem) {
	policies, err := cedar.NewPolicyListFromBytes("", []byte(text))
	switch {
	case err != nil:
		return nil, &Problem{"syntax", err.Error()}
	case len(policies) != 1:
		return nil, &Problem{"single", fmt.Sprint(len(policies))}
	case policies[0].Effect() != cedar.Forbid:
		return nil, &Problem{"permit", ""}
	}
	return policies[0], nil
}

// conforms holds a policy against the vocabulary: a misspelt attribute would make it say nothing.
func conforms(p *cedar.Policy, permissions []string) error {
	var s schema.Schema
	if err := s.UnmarshalCedar([]byte(Vocabulary(permissions))); err != nil {
		return err
	}
	resolved, err := s.Resolve()
	if err != nil {
		return err
	}
	return validate.New(resolved).Policy("policy", (*ast.Policy)(p.AST()))
}

// Vocabulary is the schema that policies are held against: what is known of who asks, of the object and of the moment, and the actions.
func Vocabulary(permissions []string) string {
	actions := append(slices.Clone(permissions), Act, Claim, See, Represent)
	slices.Sort(actions)
	var b strings.Builder
	b.WriteString(vocabulary)
	for _, a := range slices.Compact(actions) {
		fmt.Fprintf(&b, "\naction %q appliesTo { principal: Account, resource: Object, context: Context };", a)
	}
	return b.String() + "\n"
}

// named returns the actions that policies speak of by name.
func (l *Law) named() (actions []string) {
	for _, n := range slices.Concat(l.permits, l.forbids) {
		switch scope := (*ast.Policy)(n.policy.AST()).Action.(type) {
		case ast.ScopeTypeEq:
			actions = append(actions, string(scope.Entity.ID))
		case ast.ScopeTypeInSet:
			for _, uid := range scope.Entities {
				actions = append(actions, string(uid.ID))
			}
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Named returns the actions that the policies of the house speak of by name, for a test that each exists.
func Named() []string { return House.named() }

// Policies returns the ids of the policies of the house, for a test that each can be told in words.
func Policies() (ids []string) {
	for _, n := range slices.Concat(House.permits, House.forbids) {
		ids = append(ids, string(n.id))
	}
	return ids
}

// Text returns the policies of the house, to be read.
func Text() string { return string(house) }
