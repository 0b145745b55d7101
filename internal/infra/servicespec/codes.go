package servicespec

import (
	"encoding/json"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// Codes is one code or several; one may be written without a list.
type Codes []string

// Has reports whether code is among them.
func (c Codes) Has(code string) bool { return slices.Contains(c, code) }

// MarshalJSON writes one code as a text and several as a list.
func (c Codes) MarshalJSON() ([]byte, error) {
	if len(c) == 1 {
		return json.Marshal(c[0])
	}
	return json.Marshal([]string(c))
}

// UnmarshalJSON reads a text or a list of texts.
func (c *Codes) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*c = Codes{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(c))
}

// UnmarshalYAML reads a scalar or a list of scalars.
func (c *Codes) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		*c = Codes{n.Value}
		return nil
	}
	var list []string
	if err := n.Decode(&list); err != nil {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot unmarshal !!map into servicespec.Codes", n.Line)}}
	}
	*c = list
	return nil
}
