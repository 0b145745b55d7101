package locale_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"digit/internal/infra/certificate"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
)

// notKeys are strings of the pages that look like keys of the catalogue and are none.
var notKeys = []string{}

// sources parses every Go file below the folders that is no test. Pages are among them as templ generated them.
func sources(t *testing.T, dirs ...string) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	set, files := token.NewFileSet(), map[string]*ast.File{}
	walk(t, ".go", func(path string, b []byte) {
		f, err := parser.ParseFile(set, path, b, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[path] = f
	}, dirs...)
	return set, files
}

func walk(t *testing.T, ext string, see func(path string, b []byte), dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "testdata" || strings.HasSuffix(d.Name(), "test")) {
				return fs.SkipDir
			}
			if d.IsDir() || filepath.Ext(path) != ext || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			b, err := os.ReadFile(path)
			if err == nil {
				see(filepath.ToSlash(path), b)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// literal returns a string written out, or the beginning of one that is put together ("life." + event); ok is false
// for anything else.
func literal(e ast.Expr) (s string, whole, ok bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			s, err := strconv.Unquote(x.Value)
			return s, true, err == nil
		}
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			s, _, ok = literal(x.X)
			return s, false, ok
		}
	case *ast.ParenExpr:
		return literal(x.X)
	}
	return "", false, false
}

// called returns the name of the function or method that is called.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

type checker struct {
	t    *testing.T
	have map[string]bool
	told map[string]bool
	seen int
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	return &checker{t: t, have: keys(t), told: map[string]bool{}}
}

// want wants a key, or at least one key with that beginning. What is missing is told once.
func (c *checker) want(where, key string, whole bool) {
	c.t.Helper()
	c.seen++
	if c.told[key] {
		return
	}
	if whole && !c.have[key] {
		c.told[key] = true
		c.t.Errorf("%s: the catalogue has no %q", where, key)
	}
	if !whole && !c.begins(key) {
		c.told[key] = true
		c.t.Errorf("%s: the catalogue has no key that begins with %q", where, key)
	}
}

func (c *checker) begins(prefix string) bool {
	for k := range c.have {
		if strings.HasPrefix(k, prefix) {
			return true
		}
	}
	return false
}

var (
	keyShape   = regexp.MustCompile(`^[a-z]+(\.[a-z0-9_-]+)+$`)
	keyStart   = regexp.MustCompile(`^[a-z]+\.`)
	doneInPath = regexp.MustCompile(`[?&]done=([a-z0-9_.-]+)`)
)

// TestUsedKeysExist walks the sources of all pages: a key given to a function T, and every other string of the pages
// that begins like a family of keys of the shared parts, must be in the catalogue.
func TestUsedKeysExist(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	set, files := sources(t, "..")
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.CallExpr:
				if called(x) == "T" {
					for _, arg := range x.Args[:min(2, len(x.Args))] { // T(key) or T(ctx, key)
						if key, whole, ok := literal(arg); ok && keyStart.MatchString(key) {
							c.want(set.Position(arg.Pos()).String(), key, whole)
							break
						}
					}
				}
			case *ast.BasicLit:
				if s, _, ok := literal(x); ok && keyShape.MatchString(s) && shared(s) && !slices.Contains(notKeys, s) {
					c.want(set.Position(x.Pos()).String(), s, true)
				}
			}
			return true
		})
	}
	if c.seen < 100 {
		t.Fatalf("found only %d keys in the sources: has the call changed?", c.seen)
	}
}

// shared reports whether a string begins like the keys that are kept in tables and returned by functions rather than
// given to T.
func shared(s string) bool {
	family, _, _ := strings.Cut(s, ".")
	return slices.Contains([]string{"auth", "site", "ui"}, family)
}

// TestDoneIsSaid wants the notice of every "?done=" in an address, and of every string given to a parameter done.
func TestDoneIsSaid(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	set, files := sources(t, "..")
	at := map[string]int{} // function → which of its parameters is called done
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			i := 0
			for _, field := range f.Type.Params.List {
				for _, name := range field.Names {
					if name.Name == "done" {
						at[f.Name.Name] = i
					}
					i++
				}
			}
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.BasicLit:
				s, _, _ := literal(x)
				for _, m := range doneInPath.FindAllStringSubmatch(s, -1) {
					c.want(set.Position(x.Pos()).String(), "done."+m[1], !strings.HasSuffix(m[1], "."))
				}
			case *ast.CallExpr:
				if i, ok := at[called(x)]; ok && i < len(x.Args) {
					if s, whole, ok := literal(x.Args[i]); ok && keyShape.MatchString(s) {
						c.want(set.Position(x.Pos()).String(), "done."+s, whole)
					}
				}
			}
			return true
		})
	}
	if c.seen < 5 {
		t.Fatalf("found only %d notices", c.seen)
	}
}

// faultKinds are the functions of package fault that make a sentinel of a code.
var faultKinds = []string{"Invalid", "Unauthenticated", "Forbidden", "NotFound", "Conflict", "TooMany", "Unavailable", "Unsupported"}

// fieldMakers are functions that make a fault's field of a code, and which argument the code is.
var fieldMakers = map[string]int{"fault": 0, "refuse": 1}

// TestFaultsAreSaid wants a sentence for every code of a fault and of its fields, and a name for every permission.
func TestFaultsAreSaid(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	set, files := sources(t, "../../internal", "..")
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				sel, ok := x.Fun.(*ast.SelectorExpr)
				if ok && slices.Contains(faultKinds, sel.Sel.Name) && len(x.Args) == 1 {
					if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "fault" {
						c.code(set, x.Args[0])
					}
				}
				if i, ok := fieldMakers[called(x)]; ok && i < len(x.Args) {
					c.code(set, x.Args[i])
				}
			case *ast.CompositeLit:
				c.composite(set, x)
			}
			return true
		})
	}
	c.want("fault.Of", "error.internal", true)
	if c.seen < 100 {
		t.Fatalf("found only %d codes", c.seen)
	}
}

// code wants the sentence of a code written out.
func (c *checker) code(set *token.FileSet, e ast.Expr) {
	if s, whole, ok := literal(e); ok {
		c.want(set.Position(e.Pos()).String(), "error."+s, whole)
	}
}

// composite looks at fault.Error, fault.Field and policy.Permission, told apart by the fields they set.
func (c *checker) composite(set *token.FileSet, x *ast.CompositeLit) {
	fields := map[string]ast.Expr{}
	for _, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if name, ok := kv.Key.(*ast.Ident); ok {
				fields[name.Name] = kv.Value
			}
		}
	}
	code, ok := fields["Code"]
	if !ok || fields["Sentence"] != nil { // a Problem of servicespec brings its sentence
		return
	}
	s, whole, _ := literal(code)
	if whole && permissionShape.MatchString(s) {
		c.want(set.Position(code.Pos()).String(), "permission."+s, true)
	}
	if fields["Path"] != nil || fields["Kind"] != nil && strings.Contains(s, ".") {
		c.code(set, code)
	}
}

var permissionShape = regexp.MustCompile(`^[a-z]+:[a-z_-]+$`)

// TestFamiliesAreWhole wants every member of the families whose keys are put together when they are used.
func TestFamiliesAreWhole(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	families := map[string][]string{
		"page.fail.title.": nil, "page.fail.next.": nil,
		"request.timeline.": {
			exchange.Received, exchange.Refused, exchange.Moved, exchange.DemandMade, exchange.Paid, exchange.Correction, exchange.Certificate, exchange.Reopened, exchange.Appealed, exchange.Letter, "asked_" + exchange.Reopen, "asked_" + exchange.Appeal,
			"submitted", "corrected", "approved", "rejected", "withdrawn",
		},
		"request.status.": {"draft", "sent", "correction", "to_pay", "approved", "rejected", "withdrawn"},
		"verify.outcome.": nil, "verify.text.": nil,
		"channel.": {identity.ChannelSMS, identity.ChannelEmail},
		"session.method.": {
			identity.ChannelSMS, identity.ChannelEmail, identity.MethodFederated, identity.MethodPassword, identity.MethodTOTP, identity.MethodRecovery,
			identity.MethodPasskey,
		},
		"message.notice.": {
			identity.NoticeDevice, identity.NoticePasswordSet, identity.NoticePasswordRemoved, identity.NoticePasskeyAdded, identity.NoticePasskeyRemoved,
			identity.NoticePasskeySuspect, identity.NoticeTOTPAdded, identity.NoticeTOTPRemoved, identity.NoticeRecoveryMade, identity.NoticeRecoveryUsed,
			identity.NoticeContactAdded, identity.NoticeContactRemoved, identity.NoticeFactorsReset,
		},
		"error.identity.password_": {"short", "long", "common", "pattern", "own"},
		"confirm.by.":              {"app", "password", "contact", "recovery"},
		"confirm.contact.":         {identity.ChannelSMS, identity.ChannelEmail},
		"pay.failure.":             {"", "declined", "insufficient_funds"}, // "" is a charge that nobody paid in time
		"words.":                   {"help.title", "help.text", "accessibility.title", "accessibility.text", "privacy.title", "privacy.text"},
	}
	for kind := fault.KindInternal; kind.String() != ""; kind++ {
		families["page.fail.title."] = append(families["page.fail.title."], kind.String())
		families["page.fail.next."] = append(families["page.fail.next."], kind.String())
	}
	for _, o := range []certificate.Outcome{
		certificate.OutcomeValid, certificate.OutcomeRevoked, certificate.OutcomeSuspended, certificate.OutcomeExpired,
		certificate.OutcomeAltered, certificate.OutcomeUnknown,
	} {
		families["verify.outcome."] = append(families["verify.outcome."], string(o))
		families["verify.text."] = append(families["verify.text."], string(o))
	}
	for family, members := range families {
		for _, m := range members {
			c.want("family", family+m, true)
		}
	}
}

var lifeEvents = regexp.MustCompile(`(?m)^life_events: \[(.*)\]$`)

// TestLifeEventsAreNamed wants a name and a line for every moment of life that a service of the library is for.
func TestLifeEventsAreNamed(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	walk(t, ".yaml", func(path string, b []byte) {
		for _, m := range lifeEvents.FindAllStringSubmatch(string(b), -1) {
			for event := range strings.SplitSeq(m[1], ",") {
				c.want(path, "life."+strings.TrimSpace(event), true)
				c.want(path, "life."+strings.TrimSpace(event)+".text", true)
			}
		}
	}, "../../internal/infra/servicespec/library")
	if c.seen == 0 {
		t.Fatal("found no moment of life")
	}
}
