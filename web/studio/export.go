package studio

import (
	"digit/internal/infra/servicespec"
	"digit/web/frame"
)

// export gives the draft as one file, from which it can be begun elsewhere: read again it is the same, with the same hash.
func (s *Studio) export(r *frame.Request, d *desk) error {
	source, err := servicespec.Print(d.Pack)
	if err != nil {
		return err
	}
	return r.File(d.Code+".yaml", "application/yaml", false, source)
}
