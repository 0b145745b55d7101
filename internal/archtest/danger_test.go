package archtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"digit/internal/archtest"
)

// TestNothingDangerous: SQL and patterns are written in the program, no code is made or loaded while running, no command
// but our own is run, no certificate goes unlooked at, pages hold no markup that is not escaped, and our scripts make
// neither code nor markup of text, keep nothing and talk to nobody else.
func TestNothingDangerous(t *testing.T) {
	t.Parallel()
	packages := 0
	for _, p := range list(t) {
		if strings.HasPrefix(p.ImportPath, archtest.Root+"/test/") || strings.HasSuffix(p.ImportPath, "test") || strings.Contains(p.ImportPath, "/archtest") {
			continue
		}
		var files []string
		for _, name := range p.GoFiles {
			files = append(files, filepath.Join(p.Dir, name))
		}
		found, err := archtest.CheckDanger(p.ImportPath, files)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Error(f)
		}
		packages++
	}
	pages, err := filepath.Glob(filepath.Join(root, "web", "*", "*.templ"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		body, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archtest.CheckTempl(page, string(body)) {
			t.Error(f)
		}
	}
	scripts, err := filepath.Glob(filepath.Join(root, "web", "asset", "js", "*.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		body, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archtest.CheckScript(script, string(body)) {
			t.Error(f)
		}
	}
	if packages < 60 || len(pages) < 10 || len(scripts) == 0 {
		t.Errorf("only %d packages, %d pages and %d scripts were read", packages, len(pages), len(scripts))
	}
}

func TestDangerIsFound(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.go")
	source := `package x
import (
	"crypto/tls"
	"math/rand"
	"net/http"
	"os/exec"
	"regexp"
	"text/template"
	_ "unsafe"
)
const sql = "SELECT 1"
var good = regexp.MustCompile("^a$")
func f(ctx context.Context, tx T, name string) {
	tx.Query(ctx, sql)
	tx.Query(ctx, sql + " WHERE a = $1", name)
	tx.Query(ctx, "SELECT " + name)
	tx.Exec(r.Context(), fmt.Sprintf("DROP %s", name))
	regexp.MustCompile(name)
	http.Get(name)
	_ = tls.Config{InsecureSkipVerify: true}
	r.Query("page")
}
`
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := archtest.CheckDanger("digit/internal/infra/x", []string{file})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"digit/internal/infra/x/x.go:4: uses math/rand", "digit/internal/infra/x/x.go:6: uses os/exec", "digit/internal/infra/x/x.go:8: uses text/template",
		"digit/internal/infra/x/x.go:9: uses unsafe", "digit/internal/infra/x/x.go:16: SQL that is not written here", "digit/internal/infra/x/x.go:17: SQL that is not written here",
		"digit/internal/infra/x/x.go:18: a pattern that is not written here", "digit/internal/infra/x/x.go:19: http.Get has no limits",
		"digit/internal/infra/x/x.go:20: does not look whose certificate it is",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for body, dangerous := range map[string]bool{
		`el.textContent = name`: false, `el.innerHTML = name`: true, `eval(x)`: true, `window.postMessage(x)`: true, `localStorage.x = 1`: true,
		`fetch("https://evil.example")`: true, `setTimeout(f, 10)`: false, `setTimeout("f()", 10)`: true, `a.__proto__.b = 1`: true,
	} {
		if found := archtest.CheckScript("x.js", body); dangerous != (len(found) > 0) {
			t.Errorf("%s: %v", body, found)
		}
	}
	for body, dangerous := range map[string]bool{
		`<p>{ name }</p>`: false, `@templ.Raw(name)`: true, `<p onclick="x()">`: true, `<p style="color:red">`: true, `<script>alert(1)</script>`: true,
		`<script defer src={ x }></script>`: false, `<a href="javascript:x">`: true, `<style>p{}</style>`: true, `<p class="on" data-on="x">`: false,
	} {
		if found := archtest.CheckTempl("x.templ", body); dangerous != (len(found) > 0) {
			t.Errorf("%s: %v", body, found)
		}
	}
}
