// Package schema checks JSON against JSON Schema (draft 2020-12). It is the one place that knows the library.
package schema

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is a compiled schema. It is immutable and safe for concurrent use.
type Schema struct{ compiled *jsonschema.Schema }

// Violation is one thing that does not conform: Path is where, as "members.2.age" ("" for the whole), Message says why, in
// English.
type Violation struct{ Path, Message string }

// address is what the schema is called while it is compiled; nothing is ever loaded from anywhere.
const address = "urn:digit:schema"

// Compile reads a schema. Formats are checked, and what it refers to must be in it. Errors: for what is no schema.
func Compile(source []byte) (*Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		return nil, fmt.Errorf("schema.Compile: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(nowhere{})
	if err := c.AddResource(address, doc); err != nil {
		return nil, fmt.Errorf("schema.Compile: %w", err)
	}
	s, err := c.Compile(address)
	if err != nil {
		return nil, fmt.Errorf("schema.Compile: %w", err)
	}
	return &Schema{s}, nil
}

// nowhere loads nothing: a schema from outside must not make the process read files or call addresses.
type nowhere struct{}

// Load is part of jsonschema.URLLoader.
func (nowhere) Load(url string) (any, error) { return nil, fmt.Errorf("schema: %s is not here", url) }

// Check returns what of a JSON document does not conform; nil where all does. Errors: for what is no JSON.
func (s *Schema) Check(document []byte) ([]Violation, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("schema.Check: %w", err)
	}
	err = s.compiled.Validate(doc)
	if err == nil {
		return nil, nil
	}
	var failed *jsonschema.ValidationError
	if !errors.As(err, &failed) {
		return nil, fmt.Errorf("schema.Check: %w", err)
	}
	return leaves(failed), nil
}

// leaves returns the innermost causes, which are the ones that say something.
func leaves(e *jsonschema.ValidationError) []Violation {
	if len(e.Causes) == 0 {
		message := e.Error()
		if i := strings.LastIndex(message, "\n"); i >= 0 {
			message = strings.TrimLeft(message[i+1:], "- ")
		}
		return []Violation{{strings.Join(e.InstanceLocation, "."), message}}
	}
	var out []Violation
	for _, c := range e.Causes {
		out = append(out, leaves(c)...)
	}
	return out
}
