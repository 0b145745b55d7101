package condition

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/servicespec"
)

// tree is a condition as it stands in a form: what was chosen and typed, right or wrong.
type tree struct {
	path   string // "0", "0.2": names its inputs
	kind   string // group, test, rows, raw
	join   string
	of     []*tree
	what   string // test and rows: the key of a choice, see choices
	op     string
	values []string
	to     string // the end of a range
	with   string // the other question that it is compared with; "" for a value
	raw    string
	each   string
	wrong  string // key of a sentence
	result string // of a trial: yes, no, undecided
	whole  bool   // group: all that is asked of rows
}

const (
	kindGroup = "group"
	kindTest  = "test"
	kindRows  = "rows"
	kindRaw   = "raw"

	maxDepth = 5
	maxParts = 40
)

// readTree reads a tree from what was posted.
func readTree(posted url.Values, prefix, path string, depth int) *tree {
	get := func(name string) string { return strings.TrimSpace(posted.Get(prefix + path + "." + name)) }
	t := &tree{path: path, kind: get("kind"), join: get("join"), what: get("what"), op: get("op"), to: get("to"), with: get("with"), raw: get("raw"), each: get("each")}
	if !slices.Contains([]string{kindGroup, kindTest, kindRows, kindRaw}, t.kind) {
		t.kind = kindGroup
	}
	if !slices.Contains([]string{servicespec.AllOf, servicespec.AnyOf, servicespec.NoneOf}, t.join) {
		t.join = servicespec.AllOf
	}
	for _, v := range posted[prefix+path+".value"] {
		if v = strings.TrimSpace(v); v != "" {
			t.values = append(t.values, v)
		}
	}
	n, err := strconv.Atoi(get("n"))
	if err != nil || depth > maxDepth {
		n = 0
	}
	for i := range min(n, maxParts) {
		if at := fmt.Sprintf("%s.%d", path, i); posted.Has(prefix + at + ".kind") {
			t.of = append(t.of, readTree(posted, prefix, at, depth+1))
		}
	}
	return t
}

// rooted makes a tree one that the form can show: the outermost part is a group, whatever was posted or stands in the pack.
func rooted(t *tree) *tree {
	if t.kind != kindGroup {
		t = &tree{kind: kindGroup, join: servicespec.AllOf, of: []*tree{t}}
	}
	if t.join == "" {
		t.join = servicespec.AllOf
	}
	t.number("0")
	return t
}

// number gives the parts of a tree their paths anew.
func (t *tree) number(path string) {
	t.path = path
	for i, x := range t.of {
		x.whole = t.kind == kindRows
		x.number(fmt.Sprintf("%s.%d", path, i))
	}
}

// find returns the part at a path, and what it is a part of.
func (t *tree) find(path string) (at, in *tree) {
	if t.path == path {
		return t, nil
	}
	for _, x := range t.of {
		if found, parent := x.find(path); found != nil {
			if parent == nil {
				parent = t
			}
			return found, parent
		}
	}
	return nil, nil
}

// act does what a button of the tree says: "add:0", "group:0", "remove:0.1".
func (t *tree) act(do string) {
	what, path, _ := strings.Cut(do, ":")
	at, in := t.find(path)
	if at == nil {
		return
	}
	switch what {
	case "add":
		at.of = append(at.of, &tree{kind: kindTest})
	case "group":
		at.of = append(at.of, &tree{kind: kindGroup, join: servicespec.AnyOf, of: []*tree{{kind: kindTest}}})
	case "remove":
		if in != nil {
			in.of = slices.DeleteFunc(in.of, func(x *tree) bool { return x == at })
		}
	}
	t.number("0")
}

// settle makes a tree consistent with what was chosen: a group of rows chosen for a test makes it one over rows, and an
// operator that does not suit what is tested becomes one that does.
func (t *tree) settle(names []servicespec.Variable) {
	x, measure, _, known := lookUp(names, t.what)
	isRows := strings.HasPrefix(t.what, rowsKey)
	switch {
	case t.kind == kindTest && isRows:
		t.kind, t.join = kindRows, servicespec.AnyOf
	case t.kind == kindRows && !isRows && t.what != "":
		t.kind, t.of = kindTest, nil
	}
	if t.kind == kindRows && known {
		t.each = rowWord(t.each, names)
		if len(t.of) != 1 || t.of[0].kind != kindGroup {
			t.of = []*tree{{kind: kindGroup, join: servicespec.AllOf, of: t.of}}
			if len(t.of[0].of) == 0 {
				t.of[0].of = []*tree{{kind: kindTest}}
			}
			t.number(t.path)
		}
		names = append(slices.Clone(names), x.RowVariables(t.each)...)
	}
	if t.kind == kindTest && known {
		if ops := x.Ops(measure); !slices.Contains(ops, t.op) && t.op != servicespec.OpNotBetween && t.op != servicespec.OpStartsNot {
			t.op = ops[0]
		}
	}
	for _, part := range t.of {
		part.settle(names)
	}
}

// rowWord is what a row is called: a letter that names nothing else.
func rowWord(each string, names []servicespec.Variable) string {
	if each != "" {
		return each
	}
	for _, word := range []string{"m", "r", "x", "line"} {
		if _, taken := servicespec.FindVariable(names, word); !taken {
			return word
		}
	}
	return "each"
}

// inRows reports whether a group is the one thing that is asked of rows; it goes with them.
func inRows(t *tree) bool { return t.whole }
