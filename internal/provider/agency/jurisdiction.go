package agency

import (
	"context"
	"slices"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// OfficeFor returns the code of the open office of an agency that looks after an area, given with all above it from the
// root on: the one whose own area is the smallest around it, the first by code where two have the same. It is "" where no
// office's is. Offices are public.
func (s *Service) OfficeFor(ctx context.Context, tx *pg.Tx, agency string, path []string) (code string, err error) {
	defer fault.Wrap(&err, "agency.OfficeFor(%s)", agency)
	if agency == "" || len(path) == 0 {
		return "", nil
	}
	offices, err := officeRows(ctx, tx, agency)
	if err != nil {
		return "", err
	}
	deepest := -1
	for _, o := range offices {
		if at := slices.Index(path, o.Boundary); !o.Closed && at > deepest {
			code, deepest = o.Code, at
		}
	}
	return code, nil
}
