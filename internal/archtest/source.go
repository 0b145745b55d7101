package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// serverSide are the names of net/http with which one answers requests; modules may only ask.
var serverSide = []string{
	"ResponseWriter", "Handler", "HandlerFunc", "ServeMux", "NewServeMux", "Server", "ListenAndServe", "ListenAndServeTLS",
	"Serve", "ServeTLS", "Handle", "HandleFunc", "FileServer", "FileServerFS", "Error", "Redirect", "ServeContent", "ServeFile",
}

// clockReaders may ask the machine for the time: the clock, and the supervisor of a server process, which times its waits.
var clockReaders = []string{Root + "/internal/infra/platform/clock", Root + "/internal/infra/platform/pg/cluster"}

// CheckSource returns the rules that one file of the program breaks, beyond its imports.
func CheckSource(path, filename string, src any) ([]string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, filename, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	names := importNames(file)
	from := placeOf(path) // the simulator plays systems of the outside, which answer HTTP and begin their own work
	var broken []string
	report := func(node ast.Node, why string) {
		at := set.Position(node.Pos())
		broken = append(broken, fmt.Sprintf("%s/%s:%d: %s", path, filepath.Base(at.Filename), at.Line, why))
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.SelectorExpr:
			pkg, ok := n.X.(*ast.Ident)
			if !ok {
				return true
			}
			switch {
			case names[pkg.Name] == "time" && n.Sel.Name == "Now" && !slices.Contains(clockReaders, path) && from.layer != "cmd" && !testOnly(path):
				report(n, "time.Now belongs to platform/clock; a unit of work has tx.Now")
			case names[pkg.Name] == "net/http" && from.module != "" && from.name != "simulator" && !testOnly(path) && slices.Contains(serverSide, n.Sel.Name):
				report(n, "modules do not answer HTTP: http."+n.Sel.Name)
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				if from.module != "" && from.name != "simulator" && isDB(field.Type, names) {
					report(field, "a module does not keep *pg.DB: whoever begins the transaction passes tx")
				}
			}
		}
		return true
	})
	return broken, nil
}

func isDB(t ast.Expr, names map[string]string) bool {
	star, ok := t.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && names[pkg.Name] == Root+"/internal/infra/platform/pg" && sel.Sel.Name == "DB"
}

// importNames maps the names by which a file knows its imports to their paths.
func importNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}
