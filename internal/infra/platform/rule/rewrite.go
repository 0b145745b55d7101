package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Mention is a name in an expression, or a text that a name is compared with.
type Mention struct {
	Name string // "age", "row.age", "rule.adult"; of a text the name beside it
	Of   string // in a loop over rows: whose question the name is. members.any(m, m.age > 17) mentions age of members
	Text string // the text
	Said bool   // it is a text
}

// Rewrite replaces names and texts of an expression at their places; everything else stays as it is written. change returns
// what stands there from now on: a name of as many words, or a text. Names of loops are none of these.
// Errors: *Error for what cannot be read, and for what cannot be replaced where it stands.
func Rewrite(expr string, change func(m Mention) string) (out string, err error) {
	defer func() {
		if r := recover(); r != nil { // as in Compile
			out, err = "", &Error{Expr: expr, Kind: Unreadable, Message: fmt.Sprint("the expression cannot be read: ", r)}
		}
	}()
	w, err := newRewriter(expr, change)
	if err != nil {
		return "", err
	}
	w.walk(w.tree)
	if w.failed != "" {
		return "", &Error{Expr: expr, Kind: Unreadable, Message: w.failed}
	}
	return w.written(), nil
}

// LoopNames returns what loops call what they run over, m in members.any(m, …), sorted. Errors: *Error.
func LoopNames(expr string) (names []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			names, err = nil, &Error{Expr: expr, Kind: Unreadable, Message: fmt.Sprint("the expression cannot be read: ", r)}
		}
	}()
	w, err := newRewriter(expr, func(m Mention) string {
		if m.Said {
			return m.Text
		}
		return m.Name
	})
	if err != nil {
		return nil, err
	}
	w.walk(w.tree)
	return set(w.loops), nil
}

func newRewriter(expr string, change func(m Mention) string) (*rewriter, error) {
	if len(expr) > maxLength {
		return nil, &Error{Expr: expr, Kind: TooLong, Args: map[string]any{"max": maxLength}, Message: fmt.Sprintf("the expression is longer than %d characters", maxLength)}
	}
	tree, issues := plainSyntax.Parse(expr)
	if issues.Err() != nil {
		return nil, firstIssue(expr, issues)
	}
	native := tree.NativeRep()
	return &rewriter{source: []rune(expr), tree: native.Expr(), info: native.SourceInfo(), change: change}, nil
}

// rewriter goes through an expression and collects what is replaced.
type rewriter struct {
	source []rune
	tree   ast.Expr
	info   *ast.SourceInfo
	change func(m Mention) string
	scope  []loop
	loops  []string
	edits  []edit
	failed string
}

// loop is a name that runs over rows; over is whose, "" where nobody can say.
type loop struct{ name, over string }

type edit struct {
	from, to int
	text     string
}

// looping are the words that run over a list, with a name for each of it.
var looping = []string{"any", "all", "exists", "exists_one", "existsOne", "filter", "map", "sum", "count", "min", "max", "unique"}

func isLoop(c ast.CallExpr) bool {
	return c.IsMemberFunction() && len(c.Args()) >= 2 && slices.Contains(looping, c.FunctionName()) && c.Args()[0].Kind() == ast.IdentKind
}

func (w *rewriter) walk(e ast.Expr) {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		w.chain(e)
	case ast.CallKind:
		w.call(e.AsCall())
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			w.walk(x)
		}
	case ast.MapKind:
		for _, x := range e.AsMap().Entries() {
			w.walk(x.AsMapEntry().Key())
			w.walk(x.AsMapEntry().Value())
		}
	}
}

func (w *rewriter) call(c ast.CallExpr) {
	args := c.Args()
	if c.IsMemberFunction() {
		w.walk(c.Target())
	}
	if isLoop(c) {
		name := args[0].AsIdent()
		w.loops = append(w.loops, name)
		w.scope = append(w.scope, loop{name, w.rows(c.Target())})
		for _, x := range args[1:] {
			w.walk(x)
		}
		w.scope = w.scope[:len(w.scope)-1]
		return
	}
	switch c.FunctionName() {
	case operators.Equals, operators.NotEquals, operators.In:
		w.compared(args[0], args[1])
		w.compared(args[1], args[0])
	}
	for _, x := range args {
		w.walk(x)
	}
}

// bound finds the loop that a name belongs to.
func (w *rewriter) bound(name string) (loop, bool) {
	for i := len(w.scope) - 1; i >= 0; i-- {
		if w.scope[i].name == name {
			return w.scope[i], true
		}
	}
	return loop{}, false
}

// rows names the list that an expression is, or is a part of.
func (w *rewriter) rows(e ast.Expr) string {
	if e.Kind() == ast.CallKind {
		c := e.AsCall()
		switch {
		case c.IsMemberFunction() && c.FunctionName() == "filter":
			return w.rows(c.Target())
		case c.FunctionName() == operators.Index:
			return w.rows(c.Args()[0])
		}
		return ""
	}
	words, base := links(e)
	if base != nil || len(words) == 0 {
		return ""
	}
	if l, ok := w.bound(words[0].text); ok {
		if len(words) == 1 {
			return l.over
		}
		return ""
	}
	return joined(words)
}

// link is a word of a name, with the part of the expression that ends in it.
type link struct {
	text string
	expr ast.Expr
}

// links takes a name apart into its words. base is what they are selected from, where that is no name.
func links(e ast.Expr) (words []link, base ast.Expr) {
	for e.Kind() == ast.SelectKind {
		words = append(words, link{e.AsSelect().FieldName(), e})
		e = e.AsSelect().Operand()
	}
	if e.Kind() == ast.IdentKind {
		words = append(words, link{strings.TrimPrefix(e.AsIdent(), "."), e})
	} else {
		base = e
	}
	slices.Reverse(words)
	return words, base
}

func joined(words []link) string {
	texts := make([]string, len(words))
	for i, x := range words {
		texts[i] = x.text
	}
	return strings.Join(texts, ".")
}

func (w *rewriter) chain(e ast.Expr) {
	words, base := links(e)
	of := ""
	if base != nil {
		w.walk(base)
		if base.Kind() == ast.CallKind && base.AsCall().FunctionName() == operators.Index {
			of = w.rows(base)
		}
		if of == "" {
			return
		}
	} else if l, ok := w.bound(words[0].text); ok {
		if words, of = words[1:], l.over; len(words) == 0 || of == "" {
			return
		}
	}
	changed := strings.Split(w.change(Mention{Name: joined(words), Of: of}), ".")
	if len(changed) != len(words) {
		w.failed = "a name cannot become one of another number of words"
		return
	}
	for i, x := range words {
		if changed[i] != x.text {
			w.replace(x, changed[i])
		}
	}
}

// replace notes that a word is to be another one. A selected word stands behind its point.
func (w *rewriter) replace(x link, text string) {
	r, ok := w.info.GetOffsetRange(x.expr.ID())
	at := int(r.Start)
	for ok && at < len(w.source) && strings.ContainsRune(". \t\r\n", w.source[at]) {
		at++
	}
	end := at + utf8.RuneCountInString(x.text)
	if !ok || end > len(w.source) || string(w.source[at:end]) != x.text {
		w.failed = fmt.Sprintf("%q cannot be found where it stands", x.text)
		return
	}
	w.edits = append(w.edits, edit{at, end, text})
}

// compared looks at the texts that a name is compared with.
func (w *rewriter) compared(of, with ast.Expr) {
	words, base := links(of)
	if base != nil || len(words) == 0 {
		return
	}
	name := joined(words)
	if l, ok := w.bound(words[0].text); ok {
		if name = l.over; len(words) > 1 || name == "" {
			return
		}
	}
	texts := []ast.Expr{with}
	if with.Kind() == ast.ListKind {
		texts = with.AsList().Elements()
	}
	for _, x := range texts {
		if x.Kind() != ast.LiteralKind {
			continue
		}
		if said, ok := x.AsLiteral().Value().(string); ok {
			if text := w.change(Mention{Name: name, Text: said, Said: true}); text != said {
				w.quote(x, said, text)
			}
		}
	}
}

// quote notes that a text is to be another one.
func (w *rewriter) quote(x ast.Expr, said, text string) {
	r, ok := w.info.GetOffsetRange(x.ID())
	at := int(r.Start)
	if ok && at < len(w.source) && (w.source[at] == '"' || w.source[at] == '\'') {
		mark := w.source[at]
		end := at + 1
		for end < len(w.source) && w.source[end] != mark {
			if w.source[end] == '\\' {
				end++
			}
			end++
		}
		if end < len(w.source) && string(w.source[at+1:end]) == said {
			w.edits = append(w.edits, edit{at + 1, end, strings.Trim(strconv.Quote(text), `"`)})
			return
		}
	}
	w.failed = fmt.Sprintf("%q cannot be found where it stands", said)
}

// written is the expression with what was replaced.
func (w *rewriter) written() string {
	slices.SortFunc(w.edits, func(a, b edit) int { return a.from - b.from })
	w.edits = slices.CompactFunc(w.edits, func(a, b edit) bool { return a.from == b.from })
	var b strings.Builder
	at := 0
	for _, e := range w.edits {
		b.WriteString(string(w.source[at:e.from]))
		b.WriteString(e.text)
		at = e.to
	}
	b.WriteString(string(w.source[at:]))
	return b.String()
}
