package servicespec_test

import (
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"digit/internal/infra/platform/rule"
	"digit/internal/infra/servicespec"
)

var update = flag.Bool("update", false, "write the generated parts of docs/service-pack.md anew")

const referenceFile = "../../../docs/service-pack.md"

// packFiles are the sources of the vocabulary, in the order of the reference.
var packFiles = []string{
	"pack.go", "pack_rule.go", "pack_form.go", "pack_fee.go", "pack_workflow.go", "pack_opinion.go", "pack_output.go", "pack_scenario.go",
}

// TestReference holds the parts of docs/service-pack.md that follow from the code to the code; -update writes them.
func TestReference(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	for name, want := range map[string]string{
		"vocabulary": vocabulary(t), "words": wordTable(), "schemes": schemeTable(), "problems": problemTable(t),
		"merge-fields": "`" + strings.Join(servicespec.NoticeFields, "`, `") + "`",
	} {
		begin, end := "<!-- generated: "+name+" -->\n", "\n<!-- end: "+name+" -->"
		before, rest, ok := strings.Cut(text, begin)
		got, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("the reference lacks %s…%s", begin, end)
		}
		if got != want && !*update {
			t.Errorf("%q of docs/service-pack.md is not what the code says; go test ./internal/infra/servicespec -run TestReference -update", name)
		}
		text = before + begin + want + end + after
	}
	if *update {
		if err := os.WriteFile(referenceFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExamplesOfTheReference reads the examples: each is of words that the language has, and a whole service has no problem.
func TestExamplesOfTheReference(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(source), -1) {
		pack, problems := servicespec.Parse([]byte(m[1]))
		if pack != nil && strings.HasPrefix(m[1], "code:") {
			problems = append(problems, servicespec.Check(pack)...)
			for _, sc := range pack.Scenarios {
				s, err := servicespec.Compile(pack)
				if err != nil {
					t.Fatal(err)
				}
				if played := s.RunScenario(&sc); !played.OK() {
					t.Error(played.Failures)
				}
				whole++
			}
		}
		for _, p := range problems {
			t.Errorf("%v in\n%s", p, m[1])
		}
	}
	if whole == 0 {
		t.Error("no whole service with a scenario is among the examples")
	}
}

// vocabulary writes the types of a pack as tables, and the constants as lists of words.
func vocabulary(t *testing.T) string {
	var out strings.Builder
	for _, file := range packFiles {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			switch {
			case ok && g.Tok == token.TYPE:
				for _, s := range g.Specs {
					writeType(&out, g, s.(*ast.TypeSpec))
				}
			case ok && g.Tok == token.CONST && g.Doc != nil:
				writeWords(&out, g)
			}
		}
	}
	return strings.TrimSpace(out.String())
}

func writeType(out *strings.Builder, g *ast.GenDecl, s *ast.TypeSpec) {
	st, ok := s.Type.(*ast.StructType)
	if !ok || s.Name.Name == "Within" {
		return
	}
	var rows []string
	keys := map[string]string{}
	for _, f := range st.Fields.List {
		if f.Tag == nil || len(f.Names) == 0 {
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		key := reflect.StructTag(tag).Get("yaml")
		keys[f.Names[0].Name] = key
		need := ""
		if !strings.Contains(reflect.StructTag(tag).Get("json"), "omit") {
			need = " *"
		}
		rows = append(rows, fmt.Sprintf("| `%s`%s | %s | %s |", key, need, typeWords(f.Type), prose(f.Comment.Text())))
	}
	doc := prose(g.Doc.Text())
	for _, name := range slices.SortedFunc(mapKeys(keys), func(a, b string) int { return cmp.Compare(len(b), len(a)) }) {
		doc = regexp.MustCompile(`\b`+name+`\b( holds| decides| says| is\b|,| and|\.|$)`).ReplaceAllString(doc, "`"+keys[name]+"`$1")
	}
	fmt.Fprintf(out, "### %s\n\n%s\n\n| key | value | |\n| --- | --- | --- |\n%s\n\n", s.Name.Name, doc, strings.Join(rows, "\n"))
}

func mapKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// writeWords writes a group of constants.
func writeWords(out *strings.Builder, g *ast.GenDecl) {
	fmt.Fprintf(out, "%s\n\n| word | |\n| --- | --- |\n", strings.TrimSpace(g.Doc.Text()))
	for _, s := range g.Specs {
		v := s.(*ast.ValueSpec)
		if lit, ok := v.Values[0].(*ast.BasicLit); ok {
			word, _ := strconv.Unquote(lit.Value)
			fmt.Fprintf(out, "| `%s` | %s |\n", word, prose(v.Comment.Text()))
		}
	}
	out.WriteString("\n")
}

// prose writes a comment as Markdown, where < would begin a tag.
func prose(comment string) string { return strings.ReplaceAll(cell(comment), "<", `\<`) }

func cell(comment string) string {
	return strings.ReplaceAll(strings.TrimSpace(comment), "|", `\|`)
}

// typeWords says in words what a value is.
func typeWords(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.Ident:
		switch x.Name {
		case "string":
			return "text"
		case "int", "int64", "float64":
			return "number"
		case "bool":
			return "true or false"
		case "any":
			return "anything"
		case "Codes":
			return "text, or list of text"
		}
		return "[" + x.Name + "](#" + strings.ToLower(x.Name) + ")"
	case *ast.SelectorExpr:
		return "text by language"
	case *ast.StarExpr:
		return typeWords(x.X)
	case *ast.ArrayType:
		return "list of " + typeWords(x.Elt)
	case *ast.MapType:
		return "by name: " + typeWords(x.Value)
	}
	return "?"
}

func wordTable() string {
	rows := []string{"| word | means |", "| --- | --- |"}
	for _, w := range rule.Words() {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", cell(w.Use), cell(w.Means)))
	}
	return strings.Join(rows, "\n")
}

func schemeTable() string { return "`" + strings.Join(servicespec.Schemes(), "`, `") + "`" }

// problemTable lists what checking can find, with what keeps a service from being published first.
func problemTable(t *testing.T) string {
	f, err := parser.ParseFile(token.NewFileSet(), "sentence.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var errs, warnings []string
	ast.Inspect(f, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, ok := kv.Key.(*ast.BasicLit)
		call, ok2 := kv.Value.(*ast.CallExpr)
		if !ok || !ok2 {
			return true
		}
		code, _ := strconv.Unquote(key.Value)
		row := fmt.Sprintf("| `%s` | %s |", code, cell(servicespec.Sentences()[code]))
		if call.Fun.(*ast.Ident).Name == "doubtful" {
			warnings = append(warnings, row)
		} else {
			errs = append(errs, row)
		}
		return true
	})
	head := "| code | sentence |\n| --- | --- |\n"
	return "Errors, which keep a service from being published:\n\n" + head + strings.Join(errs, "\n") +
		"\n\nWarnings:\n\n" + head + strings.Join(warnings, "\n")
}
