package schema_test

import (
	"strings"
	"testing"

	"digit/internal/infra/platform/schema"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	s, err := schema.Compile([]byte(`{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["born"], "additionalProperties": false,
		"properties": {
			"born": {"type": "string", "format": "date"}, "area": {"type": "number", "multipleOf": 0.01},
			"members": {"type": "array", "items": {"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}}}}
		}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	for doc, path := range map[string]string{
		`{"born": "2000-02-29", "area": 0.29, "members": [{"age": 3}]}`: "-",
		`{"born": "2001-02-29"}`:                               "born",
		`{"born": "2000-01-01", "area": 0.291}`:                "area",
		`{"born": "2000-01-01", "members": [{}, {"age": -1}]}`: "members.1.age",
		`{}`:                             "",
		`{"born": "2000-01-01", "x": 1}`: "",
	} {
		found, err := s.Check([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if path == "-" && len(found) > 0 || path != "-" && (len(found) != 1 || found[0].Path != path || found[0].Message == "") {
			t.Errorf("%s: %+v, want one at %q", doc, found, path)
		}
	}
	if _, err := s.Check([]byte(`{`)); err == nil {
		t.Error("half a document was checked")
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for _, src := range []string{`{`, `{"type": "thing"}`, `{"$ref": "https://example.org/x.json"}`, `{"$ref": "file:///etc/passwd"}`, `{"pattern": "("}`} {
		if _, err := schema.Compile([]byte(src)); err == nil || !strings.Contains(err.Error(), "schema.Compile") {
			t.Errorf("%s: %v", src, err)
		}
	}
}
