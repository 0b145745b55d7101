package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"digit/internal/archtest"
)

const root = "../.."

type listed struct {
	ImportPath, Dir                             string
	GoFiles, Imports, TestImports, XTestImports []string
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	var packages []archtest.Package
	for _, p := range list(t) {
		packages = append(packages, archtest.Package{Path: p.ImportPath, Imports: p.Imports, Tests: append(p.TestImports, p.XTestImports...)})
		for _, name := range p.GoFiles {
			broken, err := archtest.CheckSource(p.ImportPath, filepath.Join(p.Dir, name), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range broken {
				t.Error(b)
			}
		}
	}
	for _, broken := range archtest.CheckImports(packages) {
		t.Error(broken)
	}
}

func TestModulesKeepToTheirOwnSchema(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"queries", "migrations"} {
		files, err := filepath.Glob(filepath.Join(root, "db", kind, "*", "*.sql"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, broken := range archtest.CheckSQL(filepath.Base(filepath.Dir(file)), file, string(body)) {
				t.Error(broken)
			}
		}
	}
}

func TestBrokenImportsAreFound(t *testing.T) {
	t.Parallel()
	const in = "digit/internal/"
	for name, c := range map[string]struct {
		from, to string
		test     bool
		want     string // part of the sentence; "" for allowed
	}{
		"consumer to provider":           {in + "consumer/request", in + "provider/catalog", false, "meet in the exchange"},
		"consumer to provider in a test": {in + "consumer/request", in + "provider/catalog", true, "meet in the exchange"},
		"provider to consumer":           {in + "provider/desk", in + "consumer/profile", false, "meet in the exchange"},
		"consumer to consumer":           {in + "consumer/request", in + "consumer/wallet", false, "no such edge"},
		"provider edge":                  {in + "provider/workbench", in + "provider/workflow", false, ""},
		"provider edge the other way":    {in + "provider/workflow", in + "provider/workbench", false, "no such edge"},
		"infra to consumer":              {in + "infra/exchange", in + "consumer/request", false, "neither"},
		"platform to business":           {in + "infra/platform/job", in + "infra/audit", false, "no business"},
		"platform to business in a test": {in + "infra/platform/job", in + "infra/audit", true, "no business"},
		"lower floor":                    {in + "infra/payment", in + "infra/audit", false, ""},
		"same floor":                     {in + "infra/payment", in + "infra/notification", false, "lower floor"},
		"higher floor":                   {in + "infra/identity", in + "infra/exchange", false, "lower floor"},
		"edge inside a floor":            {in + "infra/datasync", in + "infra/registry", false, ""},
		"inside a module":                {in + "infra/payment", in + "infra/payment/internal/paymentdb", false, ""},
		"consumer to infra":              {in + "consumer/request", in + "infra/exchange", false, ""},
		"module to pages":                {in + "consumer/request", "digit/web/ui", false, "pages"},
		"page to module":                 {"digit/web/portal", in + "consumer/request", false, ""},
		"page to both":                   {"digit/web/portal", in + "provider/catalog", false, ""},
		"page to pgx":                    {"digit/web/portal", "github.com/jackc/pgx/v5", false, "neither"},
		"page to river":                  {"digit/web/console", "github.com/riverqueue/river", false, "neither"},
		"page to riverui":                {"digit/web/console", "riverqueue.com/riverui", false, ""},
		"module to chi":                  {in + "infra/payment", "github.com/go-chi/chi/v5", false, "wrapped"},
		"module to templ":                {in + "infra/payment", "github.com/a-h/templ", false, "wrapped"},
		"module to river":                {in + "infra/payment", "github.com/riverqueue/river", false, ""},
		"module to river's driver":       {in + "infra/payment", "github.com/riverqueue/river/riverdriver/riverpgxv5", false, "wrapped"},
		"module to a pool":               {in + "infra/payment", "github.com/jackc/pgx/v5/pgxpool", false, "wrapped"},
		"module to pgx":                  {in + "infra/payment/internal/paymentdb", "github.com/jackc/pgx/v5", false, ""},
		"jwx in its wrapper":             {in + "infra/encryption/jose", "github.com/lestrrat-go/jwx/v2/jwt", false, ""},
		"jwx elsewhere":                  {in + "infra/identity", "github.com/lestrrat-go/jwx/v2/jwt", false, "wrapped"},
		"jwx elsewhere in a test":        {in + "infra/identity", "github.com/lestrrat-go/jwx/v2/jwt", true, "wrapped"},
		"CEL elsewhere":                  {in + "infra/servicespec", "cel.dev/cel-go/cel", false, "wrapped"},
		"testify":                        {in + "infra/servicespec", "github.com/stretchr/testify/require", true, "nobody"},
		"test helper in the program":     {in + "infra/payment", in + "infra/platform/pg/pgtest", false, "only tests"},
		"test helper in a test":          {in + "infra/payment", in + "infra/platform/pg/pgtest", true, ""},
		"test helper of another module":  {in + "infra/exchange", in + "infra/payment/paymenttest", false, "only tests"},
		"simulator from a module":        {in + "infra/payment", in + "infra/simulator", false, "simulator"},
		"simulator from its page":        {"digit/web/simulator", in + "infra/simulator", false, ""},
		"simulator to a module":          {in + "infra/simulator", in + "infra/audit", false, "keys alone"},
		"simulator to the keys":          {in + "infra/simulator", in + "infra/encryption/jose", false, ""},
		"module to the migrations":       {in + "infra/payment", "digit/db", false, "generated queries"},
		"unplanned module":               {in + "infra/utils", in + "infra/platform/id", false, "no such module"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := archtest.Package{Path: c.from, Imports: []string{c.to}}
			if c.test {
				p = archtest.Package{Path: c.from, Tests: []string{c.to}}
			}
			got := strings.Join(archtest.CheckImports([]archtest.Package{p}), "\n")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestBrokenSourceIsFound(t *testing.T) {
	t.Parallel()
	src := `package payment
import (
	"net/http"
	clock "time"
	"digit/internal/infra/platform/pg"
)
type Service struct { db *pg.DB; client *http.Client }
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { _ = clock.Now() }
func begin(db *pg.DB) {}
`
	got, err := archtest.CheckSource("digit/internal/infra/payment", "service.go", src)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"digit/internal/infra/payment/service.go:7: a module does not keep *pg.DB: whoever begins the transaction passes tx",
		"digit/internal/infra/payment/service.go:8: modules do not answer HTTP: http.ResponseWriter",
		"digit/internal/infra/payment/service.go:8: time.Now belongs to platform/clock; a unit of work has tx.Now",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := archtest.CheckSource("digit/web/portal", "x.go", strings.Replace(src, "clock.Now()", "0", 1)); err != nil || len(got) != 0 {
		t.Errorf("a page: %v, %v", got, err)
	}
}

func TestBrokenSQLIsFound(t *testing.T) {
	t.Parallel()
	body := `-- from registry.record
SELECT 'from registry.record', document.id, platform.current_tenant() FROM payment.demand document
LEFT JOIN registry.record r ON r.id = document.id WHERE notification.render(document.id) <> '';
INSERT INTO "audit"."entry" (id) SELECT 1`
	got := archtest.CheckSQL("payment", "q.sql", body)
	want := []string{
		"q.sql: module payment reaches into the schema of audit",
		"q.sql: module payment reaches into the schema of notification",
		"q.sql: module payment reaches into the schema of registry",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
