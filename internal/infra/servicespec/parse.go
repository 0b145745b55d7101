package servicespec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// maxSource bounds a pack's source; a long one has some 60 kB.
const maxSource = 1 << 20

// Parse reads a pack written in YAML or JSON. Words the language does not know are problems. The pack is nil
// where the source cannot be read at all. Check looks at what the pack says.
func Parse(data []byte) (p *Pack, problems []Problem) {
	p = &Pack{}
	at, problems, ok := read(data, p, "no_service")
	if !ok {
		return nil, problems
	}
	for i := range p.Scenarios {
		p.Scenarios[i].settle()
	}
	p.lines = at.line
	return p, problems
}

// ParseScenarios reads scenarios that stand in a file of their own: a mapping with the key scenarios.
func ParseScenarios(data []byte) ([]Scenario, []Problem) {
	var file struct {
		Scenarios []Scenario `yaml:"scenarios"`
	}
	_, problems, ok := read(data, &file, "no_scenarios")
	if !ok {
		return nil, problems
	}
	for i := range file.Scenarios {
		file.Scenarios[i].settle()
	}
	return file.Scenarios, problems
}

// read decodes a source; ok is false where it cannot be read at all.
func read(data []byte, into any, none string) (at places, problems []Problem, ok bool) {
	at = places{line: map[string]int{}, path: map[int]string{}}
	defer func() {
		// The YAML reader is not ours; whatever is uploaded must come back as a sentence.
		if r := recover(); r != nil {
			problems, ok = []Problem{newProblem("", 0, "syntax", "detail", fmt.Sprint(r))}, false
		}
	}()
	if len(data) > maxSource {
		return at, []Problem{newProblem("", 0, "too_large")}, false
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return at, syntaxProblems(err, nil), false
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return at, []Problem{newProblem("", 0, none)}, false
	}
	if bad := at.note(doc.Content[0], "", 0); bad != nil {
		return at, []Problem{*bad}, false
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		problems = syntaxProblems(err, at.path)
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		problems = append(problems, newProblem("", 0, "documents"))
	}
	return at, problems, true
}

// places knows the line of every path, and the path that begins on a line.
type places struct {
	line map[string]int
	path map[int]string
}

const maxNesting = 40

// note records the places below n. It returns what the language does not allow, or nil.
func (at places) note(n *yaml.Node, path string, depth int) *Problem {
	forbidden := func(n *yaml.Node, code string) *Problem {
		p := newProblem(path, n.Line, code)
		if code == "alias" {
			p.Path = ""
		}
		return &p
	}
	if n.Kind == yaml.AliasNode || depth > maxNesting {
		return forbidden(n, "alias")
	}
	at.line[path] = n.Line
	join := func(s string) string { return strings.TrimPrefix(path+"."+s, ".") }
	switch n.Kind {
	case yaml.ScalarNode:
		if strings.HasPrefix(strings.TrimLeft(strings.ToLower(n.Value), "+-"), ".") && n.Tag == "!!float" {
			if x, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64); err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
				return forbidden(n, "no_number")
			}
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				return forbidden(key, "alias")
			}
			sub := join(key.Value)
			if _, taken := at.path[key.Line]; !taken {
				at.path[key.Line] = sub
			}
			if bad := at.note(value, sub, depth+1); bad != nil {
				return bad
			}
			at.line[sub] = key.Line
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if bad := at.note(item, join(strconv.Itoa(i)), depth+1); bad != nil {
				return bad
			}
		}
	}
	return nil
}

var (
	linePrefix   = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
	unknownField = regexp.MustCompile(`^field (.+) not found in type servicespec\.(\w+)$`)
	plainField   = regexp.MustCompile(`^field (.+) not found in type struct `)
	wrongType    = regexp.MustCompile("^cannot unmarshal !!(\\w+) (?:`(.*)` )?into (.+)$")
)

func syntaxProblems(err error, paths map[int]string) []Problem {
	lines := []string{err.Error()}
	var te *yaml.TypeError
	if errors.As(err, &te) {
		lines = te.Errors
	}
	out := make([]Problem, 0, len(lines))
	for _, s := range lines {
		line, path := 0, ""
		if m := linePrefix.FindStringSubmatch(s); m != nil {
			line, _ = strconv.Atoi(m[1])
			path = paths[line]
			s = s[len(m[0]):]
		}
		if m := unknownField.FindStringSubmatch(s); m != nil {
			out = append(out, newProblem(path, line, "unknown_key", "key", m[1]))
		} else if m := plainField.FindStringSubmatch(s); m != nil {
			out = append(out, newProblem(path, line, "unknown_key", "key", m[1]))
		} else if m := wrongType.FindStringSubmatch(s); m != nil {
			out = append(out, newProblem(path, line, "wrong_type", "got", gotName(m[1]), "want", wantedName(m[3])))
		} else {
			out = append(out, newProblem(path, line, "syntax", "detail", strings.TrimPrefix(s, "yaml: ")))
		}
	}
	return out
}

var yamlNames = map[string]string{
	"str": "string", "int": "int", "float": "decimal", "bool": "bool", "map": "map", "seq": "list", "null": "nothing",
}

// gotName and wantedName return the words for types that problems use.
func gotName(tag string) string {
	if n, ok := yamlNames[tag]; ok {
		return n
	}
	return "other"
}

func wantedName(goType string) string {
	switch {
	case goType == "i18n.Text":
		return "texts"
	case goType == "servicespec.Codes":
		return "codes"
	case strings.HasPrefix(goType, "[]"):
		return "list"
	case strings.HasPrefix(strings.TrimPrefix(goType, "*"), "int"):
		return "int"
	case strings.HasPrefix(strings.TrimPrefix(goType, "*"), "float"):
		return "number"
	case goType == "string":
		return "string"
	case strings.TrimPrefix(goType, "*") == "bool":
		return "bool"
	}
	return "map"
}

// settle brings values of any sort into the shapes that JSON has, so that a pack is the same in both.
func (s *Scenario) settle() {
	settleMap(s.Answers)
	for _, m := range s.Lookups {
		settleMap(m)
	}
	for _, list := range s.RefData {
		for _, m := range list {
			settleMap(m)
		}
	}
	s.Expect.settle()
	for i := range s.Steps {
		st := &s.Steps[i]
		settleMap(st.Findings)
		settleMap(st.Correct)
		st.Expect.settle()
	}
}

func (e *Expect) settle() {
	if e == nil {
		return
	}
	settleMap(e.Values)
	for _, m := range e.Certificates {
		settleMap(m)
	}
	for _, m := range e.Records {
		settleMap(m)
	}
}

func settleMap(m map[string]any) {
	for k, v := range m {
		m[k] = settled(v)
	}
}

// settled turns what YAML makes of days, and of mappings with other keys than texts, into texts and plain mappings.
func settled(v any) any {
	switch x := v.(type) {
	case time.Time:
		if x.Equal(x.Truncate(24 * time.Hour)) {
			return x.Format(time.DateOnly)
		}
		return x.Format(time.RFC3339)
	case map[string]any:
		settleMap(x)
	case map[any]any:
		out := map[string]any{}
		for k, v := range x {
			out[fmt.Sprint(k)] = settled(v)
		}
		return out
	case []any:
		for i := range x {
			x[i] = settled(x[i])
		}
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
	}
	return v
}
