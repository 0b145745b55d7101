package archtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digit/internal/archtest"
)

// TestASVS: docs/asvs.csv has each requirement of levels 1 and 2 of OWASP ASVS 5.0 once, what it names is there, and of those
// that apply at least seven of ten are kept by a test.
func TestASVS(t *testing.T) {
	t.Parallel()
	count, broken, err := archtest.CheckASVS(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Error(b)
	}
	t.Logf("%d apply: %d tested, %d documented, %d not met; %d do not apply", count.Applies(), count.Tested, count.Documented, count.NotMet, count.Inapplicable)
	if count.Applies()+count.Inapplicable != 253 {
		t.Errorf("%d rows", count.Applies()+count.Inapplicable)
	}
	if count.Tested*10 < count.Applies()*7 {
		t.Errorf("only %d of %d are tested", count.Tested, count.Applies())
	}
}

func TestBrokenRowsAreFound(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile(filepath.Join(root, "docs", "asvs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(list), "\n")
	with := func(row string) string { return lines[0] + row + "\n" + strings.Join(lines[2:], "") }
	for name, c := range map[string]struct{ text, want string }{
		"no header":       {strings.Join(lines[1:], ""), "the first line must be"},
		"one missing":     {lines[0] + strings.Join(lines[2:], ""), "1.1.1 of level 2 is missing"},
		"one twice":       {lines[0] + lines[1] + strings.Join(lines[1:], ""), "1.1.2 of level 2 is missing"},
		"made up":         {string(list) + "18.1.1,1,yes,x,x TestX,tested,\n", "18.1.1: there is no such requirement"},
		"another level":   {with("1.1.1,1,yes,x,x TestX,tested,"), "1.1.1 of level 2 is missing"},
		"no such test":    {with("1.1.1,2,yes,x,internal/archtest TestNowhere,tested,"), "1.1.1: there is no test TestNowhere in internal/archtest"},
		"elsewhere":       {with("1.1.1,2,yes,x,internal TestASVS,tested,"), "1.1.1: there is no test TestASVS in internal"},
		"no such page":    {with("1.1.1,2,yes,x,document: docs/none.md,documented,"), "1.1.1: there is no docs/none.md"},
		"tested by none":  {with("1.1.1,2,yes,x,document: docs/asvs.csv,tested,"), "do not go together"},
		"no reason":       {with("1.1.1,2,no,,,,"), "do not go together"},
		"pending":         {with("1.1.1,2,yes,x,,pending,soon"), "do not go together"},
		"not met in what": {with("1.1.1,2,yes,x,,not met,"), "do not go together"},
	} {
		folder := t.TempDir()
		for path, text := range map[string]string{"docs/asvs.csv": c.text, "internal/archtest/x_test.go": "package x\nfunc TestASVS() {}\n"} {
			at := filepath.Join(folder, path)
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, broken, err := archtest.CheckASVS(folder)
		if err != nil || !strings.Contains(strings.Join(broken, "\n"), c.want) {
			t.Errorf("%s: %v, %.300s", name, err, strings.Join(broken, "\n"))
		}
	}
}
