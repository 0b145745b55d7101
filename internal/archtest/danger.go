package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// dangerous are packages of the standard library that the program does without, and who may use them all the same.
var dangerous = map[string][]string{
	"unsafe":         nil, // memory stays what the language says it is
	"C":              nil,
	"plugin":         nil,                          // no code is loaded while running
	"encoding/gob":   nil,                          // types come from us, never from what is read
	"encoding/xml":   {Root + "/web/studio/xliff"}, // what translators' tools read and write
	"text/template":  nil,                          // pages are templ, messages are the catalogue: no template is made while running
	"html/template":  nil,
	"net/http/pprof": nil, // no looking into the process over the network
	"expvar":         nil,
	"math/rand":      nil,                                    // what can be foreseen is used for nothing but
	"math/rand/v2":   {Root + "/internal/infra/platform/pg"}, // how long to wait before trying again
	"os/exec": {
		Root + "/internal/infra/platform/pg/cluster", // runs PostgreSQL
		Root + "/internal/infra/document/inspect",    // runs this program, for one file
	},
}

// sqlMethods take SQL after a context; what they take must be written in the program.
var sqlMethods = []string{"Exec", "Query", "QueryRow", "Prepare"}

// writtenHere are the few places where SQL is no constant to the eye, by package and variable, with where it comes from.
var writtenHere = map[string]string{
	Root + "/internal/infra/identity end":       "one of two constants above",
	Root + "/internal/infra/platform/pg listen": "names of channels, which modules write as constants",
	Root + "/internal/infra/platform/pg query":  "one of two constants of its callers",
	Root + "/internal/infra/platform/migrate":   "migrations of the program itself, and names of its own schemas",
}

// patternsOfOthers are the packages that compile patterns which are no constants, with where they come from. Patterns take time
// linear in what they are matched with (RE2), whoever wrote them.
var patternsOfOthers = map[string]string{
	Root + "/internal/infra/servicespec": "schemes of numbers written there, and what the authors of services let answers look like, of at most 500 characters",
}

// netShortcuts of net/http have no time limit and go wherever they are sent.
var netShortcuts = []string{"Get", "Post", "PostForm", "Head", "DefaultClient"}

// CheckDanger returns the dangerous things in the files of one package.
func CheckDanger(path string, files []string) ([]string, error) {
	set := token.NewFileSet()
	var parsed []*ast.File
	constants := map[string]bool{}
	for _, name := range files {
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
		collectConstants(f, constants)
	}
	d := danger{path: path, set: set, constants: constants}
	for _, f := range parsed {
		d.names = importNames(f)
		for _, spec := range f.Imports {
			library := strings.Trim(spec.Path.Value, `"`)
			if users, listed := dangerous[library]; listed && !slices.Contains(users, path) {
				d.report(spec, "uses "+library)
			}
		}
		ast.Inspect(f, d.look)
	}
	return d.found, nil
}

func collectConstants(f *ast.File, constants map[string]bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if decl, ok := n.(*ast.GenDecl); ok && decl.Tok == token.CONST {
			for _, spec := range decl.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					constants[name.Name] = true
				}
			}
		}
		return true
	})
}

type danger struct {
	path      string
	set       *token.FileSet
	names     map[string]string
	constants map[string]bool
	found     []string
}

func (d *danger) report(n ast.Node, what string) {
	at := d.set.Position(n.Pos())
	d.found = append(d.found, fmt.Sprintf("%s/%s:%d: %s", d.path, filepath.Base(at.Filename), at.Line, what))
}

func (d *danger) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		d.call(n)
	case *ast.SelectorExpr:
		if pkg, ok := n.X.(*ast.Ident); ok && d.names[pkg.Name] == "net/http" && slices.Contains(netShortcuts, n.Sel.Name) {
			d.report(n, "http."+n.Sel.Name+" has no limits")
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "InsecureSkipVerify" {
			d.report(n, "does not look whose certificate it is")
		}
	}
	return true
}

func (d *danger) call(n *ast.CallExpr) {
	sel, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	if pkg, ok := sel.X.(*ast.Ident); ok && d.names[pkg.Name] == "regexp" && strings.Contains(sel.Sel.Name, "ompile") && len(n.Args) == 1 && !d.constant(n.Args[0]) {
		if _, known := patternsOfOthers[d.path]; !known {
			d.report(n, "a pattern that is not written here")
		}
	}
	if !slices.Contains(sqlMethods, sel.Sel.Name) || len(n.Args) < 2 || !isContext(n.Args[0]) || d.constant(n.Args[1]) {
		return
	}
	name, _ := n.Args[1].(*ast.Ident)
	if _, known := writtenHere[d.path]; known {
		return
	}
	if name != nil {
		if _, known := writtenHere[d.path+" "+name.Name]; known {
			return
		}
	}
	d.report(n, "SQL that is not written here")
}

// isContext reports whether an argument is called as contexts are, which tells a query from a page's parameter.
func isContext(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "ctx"
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		return ok && (sel.Sel.Name == "Context" || sel.Sel.Name == "Background" || sel.Sel.Name == "WithoutCancel")
	}
	return false
}

// constant reports whether an expression is made of literals and constants alone.
func (d *danger) constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return d.constants[e.Name]
	case *ast.BinaryExpr:
		return d.constant(e.X) && d.constant(e.Y)
	case *ast.ParenExpr:
		return d.constant(e.X)
	case *ast.SelectorExpr: // a constant of another package, begun with a capital letter
		pkg, ok := e.X.(*ast.Ident)
		return ok && d.names[pkg.Name] != "" && strings.HasPrefix(d.names[pkg.Name], Root+"/") && strings.HasSuffix(e.Sel.Name, "SQL")
	}
	return false
}

// templDangers are what a page must not have in it: markup that is not escaped, and what the policy of the pages forbids
// because a script could be hidden in it.
var templDangers = map[string]*regexp.Regexp{
	"markup that is not escaped": regexp.MustCompile(`templ\.(Raw|SafeScript|SafeScriptInline|JSExpression|JSUnsafeFuncCall|SafeCSS)\b`),
	"a script in the page":       regexp.MustCompile(`<script\b(?:[^>]*[^/>])?>\s*[^<\s]`),
	"a style in the page":        regexp.MustCompile(`<style\b|\sstyle\??=`),
	"a handler in the page":      regexp.MustCompile(`\son[a-z]+\??=`),
	"an address that is code":    regexp.MustCompile(`(?i)javascript:`),
}

// scriptDangers are what our own scripts do without: making code or markup of text, talking to other windows, keeping things
// in the browser, and going elsewhere.
var scriptDangers = map[string]*regexp.Regexp{
	"makes code of text":              regexp.MustCompile(`\beval\s*\(|new Function\b|setTimeout\s*\(\s*['"]|setInterval\s*\(\s*['"]`),
	"makes markup of text":            regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc`),
	"talks to other windows":          regexp.MustCompile(`postMessage|addEventListener\s*\(\s*['"]message['"]|window\.opener|BroadcastChannel|window\.name\b`),
	"keeps things in the browser":     regexp.MustCompile(`localStorage|sessionStorage|indexedDB|document\.cookie|caches\.open`),
	"loads from elsewhere":            regexp.MustCompile(`https?://|importScripts|import\s*\(`),
	"reaches into what objects share": regexp.MustCompile(`__proto__|\.prototype\b|constructor\s*\[`),
}

// scriptGrounds are the scripts that may do one of these things all the same, each with the reason.
var scriptGrounds = map[string]map[string]string{
	"field.js": {
		"keeps things in the browser": "officers work outside without a network: what is kept is encrypted and deleted again (docs/adr/0022-field-device.md)",
		"makes markup of text":        "the page of a visit, which the office made and escaped as it does all pages; the policy of the page it stands in runs nothing in it",
	},
	"form.js": {
		"keeps things in the browser": "what is typed waits there for a network: it is encrypted, and deleted again (docs/adr/0026-answers-on-the-device.md)",
		"makes markup of text":        "a page of the form as the office made and escaped it; the policy of the page it stands in runs nothing in it",
	},
	"digit.js":  {"keeps things in the browser": "deletes at sign-out what form.js keeps"},
	"worker.js": {"keeps things in the browser": "files and pages that are nobody's data, to be there without a network"},
}

// CheckScript returns the dangerous things in a script of ours.
func CheckScript(name, body string) (found []string) {
	for what, pattern := range scriptDangers {
		if m := pattern.FindString(body); m != "" && scriptGrounds[path.Base(name)][what] == "" {
			found = append(found, fmt.Sprintf("%s: %s (%q)", name, what, m))
		}
	}
	slices.Sort(found)
	return found
}

// CheckTempl returns the dangerous things in a page's source.
func CheckTempl(name, body string) (found []string) {
	for what, pattern := range templDangers {
		if m := pattern.FindString(body); m != "" {
			found = append(found, fmt.Sprintf("%s: %s (%q)", name, what, m))
		}
	}
	slices.Sort(found)
	return found
}
