package archtest

import (
	"encoding/csv"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// asvsLevels are the levels of the requirements of OWASP ASVS 5.0.0, by section: the first digit is the level of its first
// requirement, and so on. Those of level 3 are no aim of ours.
var asvsLevels = []struct{ section, levels string }{
	{"1.1", "22"},
	{"1.2", "1111122223"},
	{"1.3", "112222222223"},
	{"1.4", "222"},
	{"1.5", "123"},
	{"2.1", "122"},
	{"2.2", "112"},
	{"2.3", "12223"},
	{"2.4", "23"},
	{"3.1", "3"},
	{"3.2", "113"},
	{"3.3", "12223"},
	{"3.4", "11222233"},
	{"3.5", "11122333"},
	{"3.6", "3"},
	{"3.7", "22333"},
	{"4.1", "12233"},
	{"4.2", "23333"},
	{"4.3", "22"},
	{"4.4", "1222"},
	{"5.1", "2"},
	{"5.2", "112333"},
	{"5.3", "113"},
	{"5.4", "222"},
	{"6.1", "122"},
	{"6.2", "111111112222"},
	{"6.3", "11223333"},
	{"6.4", "112233"},
	{"6.5", "22222333"},
	{"6.6", "2223"},
	{"6.7", "33"},
	{"6.8", "2222"},
	{"7.1", "222"},
	{"7.2", "1111"},
	{"7.3", "22"},
	{"7.4", "11222"},
	{"7.5", "223"},
	{"7.6", "22"},
	{"8.1", "1233"},
	{"8.2", "1123"},
	{"8.3", "133"},
	{"8.4", "23"},
	{"9.1", "111"},
	{"9.2", "1222"},
	{"10.1", "22"},
	{"10.2", "223"},
	{"10.3", "22223"},
	{"10.4", "1111122222233333"},
	{"10.5", "22222"},
	{"10.6", "22"},
	{"10.7", "222"},
	{"11.1", "2233"},
	{"11.2", "22233"},
	{"11.3", "11233"},
	{"11.4", "1222"},
	{"11.5", "23"},
	{"11.6", "23"},
	{"11.7", "33"},
	{"12.1", "12233"},
	{"12.2", "11"},
	{"12.3", "22223"},
	{"13.1", "2333"},
	{"13.2", "222223"},
	{"13.3", "2233"},
	{"13.4", "1222233"},
	{"14.1", "22"},
	{"14.2", "12223333"},
	{"14.3", "122"},
	{"15.1", "12233"},
	{"15.2", "12233"},
	{"15.3", "1222222"},
	{"15.4", "3333"},
	{"16.1", "2"},
	{"16.2", "22222"},
	{"16.3", "2222"},
	{"16.4", "222"},
	{"16.5", "2223"},
	{"17.1", "23"},
	{"17.2", "22223333"},
	{"17.3", "22"},
}

var asvsColumns = []string{"id", "level", "applies", "how it is kept", "verified by", "state", "remark"}

// ASVS is how often a state stands in the list of the requirements.
type ASVS struct{ Tested, Documented, NotMet, Inapplicable int }

// Applies is the number of requirements that apply.
func (a ASVS) Applies() int { return a.Tested + a.Documented + a.NotMet }

// CheckASVS counts the rows of docs/asvs.csv below a folder, and returns what is wrong with them: ids that are missing or made up,
// tests and documents that are not there, and words that are.
func CheckASVS(root string) (count ASVS, broken []string, err error) {
	f, err := os.Open(filepath.Join(root, "docs", "asvs.csv"))
	if err != nil {
		return count, nil, err
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err := errors.Join(err, f.Close()); err != nil {
		return count, nil, err
	}
	tests, err := testsBelow(root)
	if err != nil {
		return count, nil, err
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != strings.Join(asvsColumns, ",") {
		return count, []string{"the first line must be " + strings.Join(asvsColumns, ",")}, nil
	}
	rows = rows[1:]
	for _, want := range asvsIDs() {
		if len(rows) == 0 || rows[0][0] != want[0] || rows[0][1] != want[1] {
			return count, append(broken, fmt.Sprintf("%s of level %s is missing, twice or out of order", want[0], want[1])), nil
		}
		for _, what := range count.take(root, rows[0], tests) {
			broken = append(broken, want[0]+": "+what)
		}
		rows = rows[1:]
	}
	for _, row := range rows {
		broken = append(broken, row[0]+": there is no such requirement")
	}
	return count, broken, nil
}

// asvsIDs are the ids of levels 1 and 2 with their levels.
func asvsIDs() (ids [][2]string) {
	for _, s := range asvsLevels {
		for i, level := range s.levels {
			if level != '3' {
				ids = append(ids, [2]string{fmt.Sprintf("%s.%d", s.section, i+1), string(level)})
			}
		}
	}
	return ids
}

// take counts a row and returns what is wrong with it.
func (a *ASVS) take(root string, row []string, tests map[string]bool) (broken []string) {
	applies, how, by, state, remark := row[2], row[3], row[4], row[5], row[6]
	named, documents := 0, 0
	for part := range strings.SplitSeq(by, ";") {
		part = strings.TrimSpace(part)
		if document, ok := strings.CutPrefix(part, "document: "); ok {
			documents++
			if _, err := os.Stat(filepath.Join(root, document)); err != nil {
				broken = append(broken, "there is no "+document)
			}
			continue
		}
		folder, list, _ := strings.Cut(part, " ")
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			named++
			if !tests[folder+" "+name] {
				broken = append(broken, "there is no test "+name+" in "+folder)
			}
		}
	}
	switch {
	case applies == "no" && state == "" && by == "" && remark != "":
		a.Inapplicable++
	case applies == "yes" && state == "tested" && how != "" && named > 0:
		a.Tested++
	case applies == "yes" && state == "documented" && how != "" && documents > 0:
		a.Documented++
	case applies == "yes" && state == "not met" && remark != "":
		a.NotMet++
	default:
		broken = append(broken, fmt.Sprintf("applies %q, verified by %q, state %q and remark %q do not go together", applies, by, state, remark))
	}
	return broken
}

// testsBelow are the tests in a folder and those below it, each as its folder and its name.
func testsBelow(root string) (map[string]bool, error) {
	tests := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || path != root && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") && fn.Name.Name != "TestMain" {
				tests[filepath.ToSlash(folder)+" "+fn.Name.Name] = true
			}
		}
		return nil
	})
	return tests, err
}
