package archtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digit/internal/archtest"
)

// TestPeers: what docs/peers.md says of us is shown by a test or a page that is there.
func TestPeers(t *testing.T) {
	t.Parallel()
	count, broken, err := archtest.CheckPeers(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Error(b)
	}
	t.Logf("%d yes, %d partly, %d no", count.Yes, count.Partly, count.No)
	if count.Yes+count.Partly+count.No == 0 {
		t.Error("there are no rows")
	}
}

func TestBrokenPeersAreFound(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]string{
		"| 78 | Form builder | **Y** | Y | `x TestThere`, `GET /there` |": "",
		"| 78 | Form builder | **Y** | Y | `x TestNowhere` |":             "row 78: there is no x TestNowhere",
		"| 78 | Form builder | **P** | Y | `GET /nowhere` |":              "row 78: there is no GET /nowhere",
		"| 78 | Form builder | **Y** | Y | looks so |":                    "do not go together",
		"| 78 | Form builder | **?** | Y | `x TestThere` |":               "do not go together",
		"| 78 | Form builder | **N** | Y |  |":                            "do not go together",
	} {
		folder := t.TempDir()
		for path, text := range map[string]string{
			"docs/peers.md": row + "\n", "test/edge/testdata/routes.golden": "GET  /there  public  page\n", "x/x_test.go": "package x\nfunc TestThere() {}\n",
		} {
			at := filepath.Join(folder, path)
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, broken, err := archtest.CheckPeers(folder)
		if got := strings.Join(broken, "\n"); err != nil || (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %v, %s", row, err, got)
		}
	}
}
