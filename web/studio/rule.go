package studio

import (
	"digit/web/frame"
)

// rule asks for a rule: of is what it is about. An error in it stands at the field, as the check says it for path.
func (s *Studio) rule(r *frame.Request, d *desk, name, value, path string, of ruleSubject, change ...func(*field)) field {
	f := input(r, name, d.value(name, value), change...)
	f.Kind, f.Rows, f.Optional, f.Subject = ruleField, 2, true, of
	f.Subject.Draft = d.ID.String()
	f.Code, f.Width, f.Attrs = true, "", map[string]any{"dir": "ltr"}
	f.Error = s.wrongAt(r, d, name, path)
	return f
}
