package sbom_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"digit/cmd/digit/sbom"
	"digit/web/asset"
)

type listed struct {
	BOMFormat, SpecVersion, SerialNumber string
	Components                           []struct {
		Type, Name, Version, PURL string
		Ref                       string `json:"bom-ref"`
	}
}

func write(t *testing.T, info *debug.BuildInfo) (string, listed) {
	t.Helper()
	var b bytes.Buffer
	if err := sbom.Write(&b, info, "1.2.3", asset.Notice()); err != nil {
		t.Fatal(err)
	}
	var l listed
	if err := json.Unmarshal(b.Bytes(), &l); err != nil {
		t.Fatal(err)
	}
	return b.String(), l
}

// TestEverythingIsListed: each module of go.mod that the program imports is in the bill, with the version that is built,
// and so is each file of others that is served.
func TestEverythingIsListed(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}} {{.Main}}{{end}}", "digit/cmd/digit")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	info := &debug.BuildInfo{GoVersion: "go1.26.8"}
	want := map[string]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) == 3 && f[2] == "false" && want[f[0]] == "" {
			want[f[0]] = f[1]
			info.Deps = append(info.Deps, &debug.Module{Path: f[0], Version: f[1], Sum: "h1:x"})
		}
	}
	if len(want) < 20 {
		t.Fatalf("only %d modules", len(want))
	}
	text, l := write(t, info)
	if l.BOMFormat != "CycloneDX" || l.SpecVersion != "1.6" || !strings.HasPrefix(l.SerialNumber, "urn:uuid:") {
		t.Errorf("%s %s %s", l.BOMFormat, l.SpecVersion, l.SerialNumber)
	}
	refs := map[string]bool{}
	for _, c := range l.Components {
		if c.Name == "" || c.Version == "" || c.PURL == "" || refs[c.Ref] {
			t.Errorf("%+v", c)
		}
		refs[c.Ref] = true
		delete(want, c.Name)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	for _, name := range []string{"htmx.org", "@digdir/designsystemet-css", "lucide-static", "fonts-noto-core", "std"} {
		if !slices.ContainsFunc(l.Components, func(c struct {
			Type, Name, Version, PURL string
			Ref                       string `json:"bom-ref"`
		},
		) bool {
			return c.Name == name
		}) {
			t.Errorf("%s is not listed", name)
		}
	}
	if again, _ := write(t, info); again != text {
		t.Error("the same program gives another bill")
	}
}

// TestFilesOfOthersAreNamed: what lies in the vendor folder stands in NOTICE.
func TestFilesOfOthersAreNamed(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.Join("..", "..", "..", "web", "asset", "vendor"))
	if err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if !strings.Contains(asset.Notice(), name) {
			t.Errorf("vendor/%s is not in NOTICE", e.Name())
		}
	}
}

func TestReplacedModules(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{{Path: "a.example/x", Version: "v1.0.0", Replace: &debug.Module{Path: "b.example/x", Version: "v1.0.1"}}}}
	if text, _ := write(t, info); strings.Contains(text, "a.example") || !strings.Contains(text, "pkg:golang/b.example/x@v1.0.1") {
		t.Error(text)
	}
}
