package rule

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/parser"
)

// NodeKind is what a part of an expression is.
type NodeKind string

// The kinds of parts.
const (
	Literal NodeKind = "literal" // Value
	Named   NodeKind = "named"   // Name: a variable or a field of one, "row.age"
	Call    NodeKind = "call"    // Name of Args, On what stands before the point
	List    NodeKind = "list"    // Args
	Other   NodeKind = "other"   // a mapping, a selection from what is no name
)

// Node is a part of an expression as it is written: neither types nor names are checked, and words that stand for loops are
// not written out. It is for pages that show a rule otherwise than as text.
type Node struct {
	Kind  NodeKind
	Value any    // string, int64, float64 or bool
	Name  string // of a call the word as it is typed: "&&", "!", "in", "answered"
	On    *Node  // what a word is called on: members in members.any(…); nil for none
	Args  []*Node

	expr ast.Expr
	info *ast.SourceInfo
}

// String writes the part in the language, with no more parentheses and spaces than it needs.
func (n *Node) String() string {
	s, err := parser.Unparse(n.expr, n.info)
	if err != nil {
		return "" // what was parsed can be written
	}
	return s
}

// plainSyntax reads expressions as they are written, without making loops of words.
var plainSyntax = must(cel.NewEnv(cel.ClearMacros(), cel.ParserExpressionSizeLimit(maxLength), cel.ParserRecursionLimit(maxDepth)))

// Parse reads an expression without asking what its names are. Errors: *Error.
func Parse(expr string) (n *Node, err error) {
	defer func() {
		if r := recover(); r != nil { // as in Compile
			n, err = nil, &Error{Expr: expr, Kind: Unreadable, Message: fmt.Sprint("the expression cannot be read: ", r)}
		}
	}()
	if len(expr) > maxLength {
		return nil, &Error{Expr: expr, Kind: TooLong, Args: map[string]any{"max": maxLength}, Message: fmt.Sprintf("the expression is longer than %d characters", maxLength)}
	}
	tree, issues := plainSyntax.Parse(expr)
	if issues.Err() != nil {
		return nil, firstIssue(expr, issues)
	}
	native := tree.NativeRep()
	return node(native.Expr(), native.SourceInfo()), nil
}

func node(e ast.Expr, info *ast.SourceInfo) *Node {
	n := &Node{Kind: Other, expr: e, info: info}
	switch e.Kind() {
	case ast.LiteralKind:
		n.literal(e)
	case ast.IdentKind:
		n.Kind, n.Name = Named, strings.TrimPrefix(e.AsIdent(), ".")
	case ast.SelectKind:
		if of := node(e.AsSelect().Operand(), info); of.Kind == Named && !e.AsSelect().IsTestOnly() {
			n.Kind, n.Name = Named, of.Name+"."+e.AsSelect().FieldName()
		}
	case ast.ListKind:
		n.Kind = List
		for _, x := range e.AsList().Elements() {
			n.Args = append(n.Args, node(x, info))
		}
	case ast.CallKind:
		c := e.AsCall()
		n.Kind, n.Name = Call, typed(c.FunctionName())
		if c.IsMemberFunction() {
			n.On = node(c.Target(), info)
		}
		for _, x := range c.Args() {
			n.Args = append(n.Args, node(x, info))
		}
	}
	return n
}

func (n *Node) literal(e ast.Expr) {
	switch v := e.AsLiteral().Value().(type) {
	case string, int64, float64, bool:
		n.Kind, n.Value = Literal, v
	}
}

// typed is an operator as people type it; other words are what they are.
func typed(function string) string {
	if _, isOperator := operators.FindReverse(function); isOperator || function == operators.Conditional || function == operators.Index {
		return operator(function)
	}
	return function
}
