package servicespec

import (
	"slices"
	"strings"
	"sync"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// Service is a compiled pack. It is immutable and safe for concurrent use.
type Service struct {
	pack      *Pack
	pages     []*page
	pageIndex map[string]int
	questions map[string]*question // of the form, by code; not those of rows
	groups    map[string]*group
	screening map[string]*question // of eligibility
	findings  map[string]*question // of actions

	conditions   []condition
	fees         []fee
	states       map[string]*State
	branchOf     map[string]branchAt // of states of branches
	branches     map[string]*use     // when, by parent.branch
	guards       map[string]*use
	checks       map[string][]*use // of actions, beside their checklist; nil: applies always
	assignments  map[string]*use
	opinions     map[string]*use // when, by opinion
	promises     []*use          // beside Target.Cases
	certificates []certificate
	records      []record
	letters      []letter
	notices      []notice

	derivations map[string]*derived
	derivedUses map[string][]*use
	dependents  map[string][]string // derived names by the name they hang on
	ruleTexts   map[string]i18n.Text
	uses        []*use
	owners      map[string]string // the question of each name that rules see

	textsOnce sync.Once
	textsOf   map[string][]Subject // subjects whose words show an answer, by question
}

// branchAt is where a state of a branch belongs.
type branchAt struct{ parent, branch string }

type condition struct {
	Condition
	when *use
}

// ErrPack is returned by Compile for a pack that has problems; its fields name them.
var ErrPack = fault.Invalid("servicespec.pack.has_problems")

// ErrTelling says that a story cannot be kept: its form cannot be sent, or one of its steps cannot be taken.
var ErrTelling = fault.Conflict("servicespec.telling")

// Compile makes a Service of a pack without problems; warnings do not count. It copies the pack, which may change
// afterwards. Errors: ErrPack with a field for each problem.
func Compile(p *Pack) (*Service, error) {
	s, problems := build(p, nil)
	if problems = Errors(problems); len(problems) > 0 {
		fields := make([]fault.Field, len(problems))
		for i, pr := range problems {
			fields[i] = fault.Field{Path: pr.Path, Code: pr.Code, Args: map[string]any{"sentence": pr.Sentence, "line": pr.Line}}
		}
		return nil, ErrPack.WithFields(fields...)
	}
	return s, nil
}

// Check returns everything that is wrong with a pack, in the order of the pack, and what is doubtful as warnings; nil for a
// pack that can be published without a doubt.
func Check(p *Pack) []Problem { return CheckIn(p, nil) }

// CheckIn is Check for a state, with what is known of it. The scenarios of a pack without errors are played too.
func CheckIn(p *Pack, known *Known) []Problem {
	s, problems := build(p, known)
	if len(Errors(problems)) == 0 {
		problems = append(problems, s.checkScenarios()...)
	}
	return problems
}

// build checks and compiles in one go: a rule is right if it compiles.
func build(p *Pack, known *Known) (*Service, []Problem) {
	c := run(p, known)
	return c.s, c.problems
}

func run(p *Pack, known *Known) *checker {
	c := &checker{pack: clone(p), known: known, missing: map[string]int{}, judged: map[string]TableFindings{}, inputTypes: map[string][]string{}}
	c.pack.lines = p.lines
	if c.tooLarge() {
		return c
	}
	fillDefaults(c.pack)
	c.s = &Service{
		pack: c.pack, pageIndex: map[string]int{}, questions: map[string]*question{}, groups: map[string]*group{}, screening: map[string]*question{},
		findings: map[string]*question{}, states: map[string]*State{}, branchOf: map[string]branchAt{}, branches: map[string]*use{},
		guards: map[string]*use{}, checks: map[string][]*use{}, assignments: map[string]*use{}, opinions: map[string]*use{}, derivations: map[string]*derived{},
		derivedUses: map[string][]*use{}, dependents: map[string][]string{}, ruleTexts: map[string]i18n.Text{}, owners: map[string]string{},
	}
	c.service()
	c.names()
	c.rules()
	c.form()
	c.eligibility()
	c.workflow()
	c.fees()
	c.notices()
	c.outputs()
	c.feedback()
	c.scenarios()
	c.translations()
	c.sort()
	return c
}

// Gaps counts, by language, the texts of a pack that are not translated, and all its texts.
func Gaps(p *Pack) (missing map[string]int, texts int) {
	c := run(p, nil)
	return c.missing, c.texts
}

func clone(p *Pack) *Pack { return Copy(p) }

// Pack returns the pack with its defaults filled in. It is shared: read it, do not change it.
func (s *Service) Pack() *Pack { return s.pack }

// Code returns the service's code.
func (s *Service) Code() string { return s.pack.Code }

// Question returns the question of that code, or the one of a row: members.2.age, or members.age of any row; nil if there is
// none.
func (s *Service) Question(code string) *Question {
	if q := s.question(code); q != nil {
		return &q.Question
	}
	return nil
}

func (s *Service) question(code string) *question {
	if q, ok := s.questions[code]; ok {
		return q
	}
	if group, _, field, ok := SplitPath(code); ok {
		return s.groups[group].field(field)
	}
	group, field, _ := strings.Cut(code, ".")
	return s.groups[group].field(field)
}

// DocumentOf returns the document that a question of kind document asks for; nil if there is none.
func (s *Service) DocumentOf(code string) *Document {
	if q := s.question(code); q != nil {
		return q.doc
	}
	return nil
}

// Questions returns the codes of the questions of the form that are answered by the person, in its order.
func (s *Service) Questions() []string {
	var codes []string
	for _, p := range s.pages {
		for _, q := range p.questions {
			if q.Kind != KindInfo && q.Kind != KindComputed {
				codes = append(codes, q.Code)
			}
		}
	}
	return codes
}

// personalKinds are the kinds that are about a person whatever the pack says: a name, ways to reach somebody, a number of
// theirs, or a file, whose content nobody knows.
var personalKinds = []string{KindName, KindEmail, KindPhone, KindFile, KindID, KindAddress, KindPoint, KindDocument, KindSignature}

// Personal reports whether the answers to a question are about a person and to be protected as such.
func (s *Service) Personal(code string) bool {
	q := s.question(code)
	return q != nil && personal(&q.Question)
}

func personal(q *Question) bool {
	if q.Kind == KindGroup {
		return q.Sensitivity != "" || slices.ContainsFunc(q.Fields, func(f Question) bool { return personal(&f) })
	}
	return q.Sensitivity != "" || slices.Contains(personalKinds, q.Kind)
}

// SeenByAny reports whether a member of staff with these roles may read the answer to a question.
func (q *Question) SeenByAny(roles []string) bool {
	return len(q.SeenBy) == 0 || slices.ContainsFunc(q.SeenBy, func(r string) bool { return slices.Contains(roles, r) })
}

// Place returns the first area among the answers, in the order of the form: it decides whose case this is.
func (s *Service) Place(a Answers) string {
	for _, code := range s.Questions() {
		switch v := a[code].(type) {
		case string:
			if s.questions[code].Kind == KindBoundary && v != "" {
				return v
			}
		case Address:
			if v.Area != "" {
				return v.Area
			}
		}
	}
	return ""
}

// AreaOf returns the area that a question (boundary or address) was answered with; "" for none.
func (s *Service) AreaOf(code string, a Answers) string {
	switch v := a[code].(type) {
	case string:
		if q := s.questions[code]; q != nil && q.Kind == KindBoundary {
			return v
		}
	case Address:
		return v.Area
	}
	return ""
}

// CodeLists returns the code lists that the form offers or that rules look things up in, which Facts must know.
func (s *Service) CodeLists() []string {
	var lists []string
	s.each(func(q *question) {
		if q.RefData != "" {
			lists = append(lists, q.RefData)
		}
	})
	for _, u := range s.uses {
		lists = append(lists, u.prog.Lists()...)
	}
	slices.Sort(lists)
	return slices.Compact(lists)
}

// Levels returns the levels of areas that the form asks for, those of cascades included.
func (s *Service) Levels() []string {
	var levels []string
	s.each(func(q *question) { levels = append(levels, q.Levels...) })
	slices.Sort(levels)
	return slices.Compact(levels)
}

// each calls see for every question there is: of the form and its rows, of eligibility, of actions.
func (s *Service) each(see func(q *question)) {
	for _, p := range s.pages {
		for _, q := range p.questions {
			see(q)
			if q.rows != nil {
				for _, f := range q.rows.fields {
					see(f)
				}
			}
		}
	}
	for _, questions := range []map[string]*question{s.screening, s.findings} {
		for _, q := range questions {
			see(q)
		}
	}
}

// cache keeps compiled services by the hash of their pack, since compiling one takes some milliseconds and every process
// serves the same few.
var cache = struct {
	sync.Mutex
	byHash map[string]*Service
}{byHash: map[string]*Service{}}

// maxCached bounds the memory of compiled services; when it is full it is emptied.
const maxCached = 2000

// Compiled returns the compiled service of a pack whose hash is known, from memory where it has been compiled before.
// Errors: as Compile, and what load answers.
func Compiled(hash string, load func() (*Pack, error)) (*Service, error) {
	cache.Lock()
	s := cache.byHash[hash]
	cache.Unlock()
	if s != nil {
		return s, nil
	}
	p, err := load()
	if err != nil {
		return nil, err
	}
	if s, err = Compile(p); err != nil {
		return nil, err
	}
	cache.Lock()
	defer cache.Unlock()
	if len(cache.byHash) >= maxCached {
		clear(cache.byHash)
	}
	cache.byHash[hash] = s
	return s, nil
}
