package servicespec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Problem is one thing wrong with a pack. Path is where ("form.pages.0.questions.2.when"), Line its line in the
// source (0 if unknown), Code a stable word for it, and Sentence says it to the designer, in English.
type Problem struct {
	Path     string `json:"path"`
	Line     int    `json:"line,omitempty"`
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

// String returns the problem on one line, for logs and tests.
func (p Problem) String() string {
	return fmt.Sprintf("%s (line %d): %s [%s]", p.Path, p.Line, p.Sentence, p.Code)
}

// maxSource bounds a pack's source; a long one has some 60 kB.
const maxSource = 1 << 20

// Parse reads a pack written in YAML or JSON. Words the language does not know are problems. The pack is nil
// where the source cannot be read at all. Check looks at what the pack says.
func Parse(data []byte) (p *Pack, problems []Problem) {
	defer func() {
		// The YAML reader is not ours; whatever is uploaded must come back as a sentence.
		if r := recover(); r != nil {
			p, problems = nil, []Problem{{Code: "syntax", Sentence: fmt.Sprint("The source cannot be read: ", r)}}
		}
	}()
	if len(data) > maxSource {
		return nil, []Problem{{Code: "too_large", Sentence: "The source is larger than 1 MB."}}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, syntaxProblems(err, nil)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, []Problem{{Code: "syntax", Sentence: "The source is no service: it must be a mapping of keys to values."}}
	}
	at := places{line: map[string]int{}, path: map[int]string{}}
	if n := at.note(doc.Content[0], "", 0); n != nil {
		return nil, []Problem{{Line: n.Line, Code: "alias", Sentence: "Aliases (*name) and nesting this deep are not part of the language; write the value out."}}
	}
	p = &Pack{}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(p); err != nil {
		problems = syntaxProblems(err, at.path)
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		problems = append(problems, Problem{Code: "syntax", Sentence: "The source holds more than one document."})
	}
	p.lines = at.line
	return p, problems
}

// places knows the line of every path, and the path that begins on a line.
type places struct {
	line map[string]int
	path map[int]string
}

const maxNesting = 30

// note records the places below n. It returns a node that the language does not allow, or nil.
func (at places) note(n *yaml.Node, path string, depth int) *yaml.Node {
	if n.Kind == yaml.AliasNode || depth > maxNesting {
		return n
	}
	at.line[path] = n.Line
	join := func(s string) string { return strings.TrimPrefix(path+"."+s, ".") }
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode {
				return key
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
		p := Problem{Code: "syntax"}
		if m := linePrefix.FindStringSubmatch(s); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			p.Path = paths[p.Line]
			s = s[len(m[0]):]
		}
		switch {
		case unknownField.MatchString(s):
			m := unknownField.FindStringSubmatch(s)
			p.Code, p.Sentence = "unknown_key", fmt.Sprintf("%q is not a word of the language in a %s.", m[1], strings.ToLower(m[2]))
		case wrongType.MatchString(s):
			m := wrongType.FindStringSubmatch(s)
			p.Code, p.Sentence = "wrong_type", fmt.Sprintf("Here stands a %s where %s is wanted.", yamlNames[m[1]], wantedName(m[3]))
		default:
			p.Sentence = "The source cannot be read: " + strings.TrimPrefix(s, "yaml: ") + "."
		}
		out = append(out, p)
	}
	return out
}

var yamlNames = map[string]string{
	"str": "text", "int": "number", "float": "number with decimals", "bool": "true or false", "map": "mapping", "seq": "list", "null": "nothing",
}

func wantedName(goType string) string {
	switch {
	case goType == "i18n.Text":
		return "a text by language (pt: …, en: …)"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "int") || strings.HasPrefix(goType, "*int"):
		return "a whole number"
	case goType == "string":
		return "a text"
	}
	return "a mapping"
}
