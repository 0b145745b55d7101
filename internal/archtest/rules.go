// Package archtest holds the plan of the house as tests: who may import whom, which library has which wrapper, what a
// tenant's table looks like. A new edge is a line in this file, with a reason that survives review.
package archtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Root is the module path of this repository.
const Root = "digit"

// floors of infra, from the ground up: a module imports lower floors only.
var floors = map[string]int{
	"tenancy": 1, "audit": 1, "encryption": 1, "servicespec": 1,
	"identity": 2, "refdata": 2, "document": 2, "notification": 2, "payment": 2,
	"registry": 3, "certificate": 3, "datasync": 3,
	"exchange": 4,
	// a stand-in for outside systems, which knows nobody's business: see simulatorUsers
	"simulator": 0,
}

// modules of the other two layers.
var modules = map[string][]string{
	"consumer": {"profile", "business", "request", "wallet", "channel"},
	"provider": {
		"agency", "catalog", "studio", "orchestration", "desk", "workflow", "workbench", "field",
		"analytics", "planning", "performance", "console",
	},
}

// edges inside a layer or a floor, beyond which there are none: from → to.
var edges = map[string][]string{
	"infra/datasync":         {"infra/registry"},   // imports become records
	"infra/tenancy":          {"infra/audit"},      // changes of a tenant's settings are recorded
	"infra/encryption":       {"infra/audit"},      // so is every use of a root key
	"infra/simulator":        {"infra/encryption"}, // its identity provider signs tokens, and signing keys are kept nowhere else
	"consumer/channel":       {"consumer/request"}, // a conversation answers the form of a request, by the same rules as a page
	"provider/orchestration": {"provider/catalog", "provider/workflow", "provider/agency"},
	"provider/desk":          {"provider/orchestration"},
	"provider/workbench":     {"provider/workflow", "provider/orchestration", "provider/agency"},
	"provider/field":         {"provider/workflow", "provider/orchestration"},
	"provider/studio":        {"provider/catalog", "provider/workflow"},
	"provider/catalog":       {"provider/agency"},
}

// simulatorUsers are the only importers of infra/simulator.
var simulatorUsers = []string{"digit/web/simulator", "digit/cmd/digit/app"}

// wrappers name the only packages that may import a library (prefix of its path), so that changing the library means
// changing one package.
var wrappers = map[string][]string{
	"github.com/lestrrat-go/jwx":           {"digit/internal/infra/encryption/jose"},
	"cel.dev/":                             {"digit/internal/infra/platform/rule"},
	"github.com/google/cel-go":             {"digit/internal/infra/platform/rule"},
	"github.com/xuri/excelize":             {"digit/internal/infra/platform/sheet"},
	"github.com/santhosh-tekuri/":          {"digit/internal/infra/platform/schema"},
	"github.com/go-text/typesetting":       {"digit/internal/infra/platform/pdf"},
	"github.com/golang-migrate/":           {"digit/internal/infra/platform/migrate"},
	"github.com/jackc/pgx/v5/pgxpool":      {"digit/internal/infra/platform/pg", "digit/internal/infra/platform/migrate", "digit/internal/infra/platform/job"},
	"github.com/riverqueue/river/":         {"digit/internal/infra/platform/job", "digit/internal/infra/platform/migrate"}, // drivers and tools; river itself gives modules the job type
	"riverqueue.com/riverui":               {"digit/web/console", "digit/cmd/digit"},
	"github.com/cedar-policy/":             {"digit/internal/infra/identity/decision"},
	"github.com/tink-crypto/":              {"digit/internal/infra/encryption"},
	"github.com/wneessen/go-mail":          {"digit/internal/infra/notification"},
	"github.com/coreos/go-oidc":            {"digit/internal/infra/identity/oidc"},
	"github.com/go-webauthn/":              {"digit/internal/infra/identity"},
	"github.com/go-ldap/ldap":              {"digit/internal/infra/identity/ldap"},
	"github.com/gabriel-vasile/mimetype":   {"digit/internal/infra/document"},
	"github.com/minio/":                    {"digit/internal/infra/document"},
	"gonum.org/":                           {"digit/internal/provider/planning"},
	"go.opentelemetry.io/otel/exporters/":  {"digit/internal/infra/platform/obs"},
	"github.com/alecthomas/kong":           {"digit/cmd/digit"},
	"github.com/chromedp/":                 {"digit/test"},
	"github.com/danielgtaylor/huma":        {"digit/web/api"},
	"github.com/go-chi/":                   {"digit/web"},
	"github.com/a-h/templ":                 {"digit/web"},
	"github.com/stretchr/testify":          {},
	"github.com/jackc/pgx/v5/stdlib":       {"digit/internal/infra/platform/migrate"},
	"github.com/prometheus/client_golang/": {"digit/internal/infra/platform/obs", "digit/cmd/digit"},
}

// Package is what `go list` says of one.
type Package struct {
	Path    string
	Imports []string // of the program
	Tests   []string // of the tests, besides
}

// place is where a package stands in the house.
type place struct {
	layer  string // platform, infra, consumer, provider, web, cmd, db, other
	module string // "infra/payment"; "" outside modules
	name   string // "payment"
}

func placeOf(path string) place {
	parts := strings.Split(path, "/")
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch {
	case at(0) != Root:
		return place{layer: "outside"}
	case at(1) == "internal" && at(2) == "infra" && at(3) == "platform":
		return place{layer: "platform"}
	case at(1) == "internal" && slices.Contains([]string{"infra", "consumer", "provider"}, at(2)) && at(3) != "":
		return place{layer: at(2), module: at(2) + "/" + at(3), name: at(3)}
	case at(1) == "web", at(1) == "cmd", at(1) == "db":
		return place{layer: at(1)}
	}
	return place{layer: "other"}
}

// CheckImports returns the broken rules, one sentence each, in order.
func CheckImports(packages []Package) []string {
	var broken []string
	for _, p := range packages {
		from := placeOf(p.Path)
		if unknown(from) {
			broken = append(broken, fmt.Sprintf("%s: no such module in the plan (internal/archtest/rules.go)", p.Path))
			continue
		}
		for i, list := range [][]string{p.Imports, p.Tests} {
			test := i == 1
			for _, to := range list {
				if why := forbidden(p.Path, from, to, test); why != "" {
					where := p.Path
					if test {
						where += " (tests)"
					}
					broken = append(broken, fmt.Sprintf("%s imports %s: %s", where, to, why))
				}
			}
		}
	}
	slices.Sort(broken)
	return slices.Compact(broken)
}

func unknown(p place) bool {
	switch p.layer {
	case "infra":
		_, ok := floors[p.name]
		return !ok
	case "consumer", "provider":
		return !slices.Contains(modules[p.layer], p.name)
	}
	return false
}

// forbidden says why one import is not allowed, or "".
func forbidden(path string, from place, to string, test bool) string {
	target := placeOf(to)
	if target.layer == "outside" {
		return foreign(path, from, to, test)
	}
	if !test && testOnly(to) && !testOnly(path) {
		return "only tests may"
	}
	if from.module == target.module && from.layer == target.layer {
		return ""
	}
	outside := test && strings.HasPrefix(path, "digit/test/") // tests of the whole look at the simulated world
	if target.name == "simulator" && target.layer == "infra" && !slices.Contains(simulatorUsers, path) && !outside {
		return "only web/simulator and cmd/digit know the simulator"
	}
	switch target.layer {
	case "platform":
		return ""
	case "web", "cmd":
		if from.layer == "platform" || from.module != "" {
			return "nobody below knows the pages"
		}
		return ""
	case "db":
		if from.layer == "platform" || from.module == "" {
			return ""
		}
		return "modules reach their tables through their generated queries"
	case "other":
		return ""
	}
	return between(from, target)
}

// between judges an import of a module by something else of the house.
func between(from, to place) string {
	switch from.layer {
	case "platform":
		return "the platform knows no business"
	case "web", "cmd", "other", "db":
		return ""
	}
	if slices.Contains(edges[from.module], to.module) {
		return ""
	}
	switch {
	case from.layer == "infra" && to.layer != "infra":
		return "infra knows neither consumer nor provider"
	case from.layer == "infra" && from.name == "simulator":
		return "the simulator knows the platform and the keys alone"
	case from.layer == "infra" && floors[to.name] >= floors[from.name]:
		return "not a lower floor"
	case from.layer == "infra" || to.layer == "infra":
		return ""
	case from.layer != to.layer:
		return "consumer and provider meet in the exchange alone"
	}
	return "no such edge inside the " + from.layer + " layer"
}

// foreign judges an import of a library.
func foreign(path string, from place, to string, test bool) string {
	if from.layer == "web" && !test && (strings.HasPrefix(to, "github.com/jackc/pgx") || strings.HasPrefix(to, "github.com/riverqueue/river")) {
		return "pages know neither the database nor the queue"
	}
	for _, library := range longestFirst() {
		if to != strings.TrimSuffix(library, "/") && !strings.HasPrefix(to, library) {
			continue
		}
		for _, wrapper := range wrappers[library] {
			if path == wrapper || strings.HasPrefix(path, wrapper+"/") {
				return ""
			}
		}
		if test && library != "github.com/stretchr/testify" && library != "github.com/lestrrat-go/jwx" {
			return "" // a test may use a library as an oracle or a tool
		}
		if library == "github.com/riverqueue/river/" && to == "github.com/riverqueue/river" {
			return ""
		}
		return fmt.Sprintf("that library is wrapped: %s", cmp.Or(strings.Join(wrappers[library], ", "), "nobody uses it"))
	}
	return ""
}

func longestFirst() []string {
	var all []string
	for library := range wrappers {
		all = append(all, library)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	return all
}

// testOnly reports whether a package is a test's helper: pgtest, paymenttest, archtest.
func testOnly(path string) bool {
	last := path[strings.LastIndex(path, "/")+1:]
	return strings.HasSuffix(last, "test") && last != "test" || strings.HasPrefix(path, Root+"/test/")
}
