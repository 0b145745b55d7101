package servicespec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Print writes a pack as YAML, in the order of the reference, so that it can be reviewed and compared line by line. Parsed
// again it is the same pack, with the same hash.
func Print(p *Pack) ([]byte, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	doc, err := node(dec)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return out.Bytes(), enc.Close()
}

// node reads the next JSON value as a YAML node, in the order in which it stands.
func node(dec *json.Decoder) (*yaml.Node, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch x := t.(type) {
	case json.Delim:
		return nodeOf(dec, x)
	case string:
		return textNode(x), nil
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(x.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: x.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(x)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
}

func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r > '~' && r < 0xa1 || r >= 0x2000 && r <= 0x206f || r >= 0xd800 && r <= 0xf8ff || r >= 0xfe00
	}) {
		n.Style = yaml.DoubleQuotedStyle // with escapes for what cannot be seen
	}
	return n
}

func nodeOf(dec *json.Decoder, open json.Delim) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if open == '[' {
		n.Kind, n.Tag, n.Style = yaml.SequenceNode, "!!seq", yaml.FlowStyle
	}
	for dec.More() {
		item, err := node(dec)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
		if open == '[' && (item.Kind != yaml.ScalarNode || len(item.Value) > maxFlowWord) {
			n.Style = 0 // only short lists of words stand on one line
		}
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	_, err := dec.Token()
	return n, err
}

// maxFlowWord is how long the words of a list are at most that stands on one line.
const maxFlowWord = 30
