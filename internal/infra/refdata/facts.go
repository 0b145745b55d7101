package refdata

import (
	"context"
	"slices"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Facts returns what the rules of a service may ask about reference data: the working calendar of its agency, the codes of the lists it
// names, and these areas with those they lie in. All of it is read now, since evaluation waits for nothing. The day, the
// currency and the phone region are the caller's to add.
func (s *Service) Facts(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, areas []string) (f servicespec.Facts, err error) {
	defer fault.Wrap(&err, "refdata.Facts(%s)", svc.Code())
	cal, err := s.CalendarOf(ctx, tx, Workplace{Agency: svc.Pack().Agency})
	if err != nil {
		return f, err
	}
	f.Calendar = &cal
	lists := map[string]map[string]servicespec.Code{}
	for _, list := range svc.CodeLists() {
		codes, err := s.Codes(ctx, tx, list)
		if err != nil {
			return f, err
		}
		lists[list] = map[string]servicespec.Code{}
		for _, c := range codes {
			lists[list][c.Code] = servicespec.Code{Name: c.Name, Attributes: c.Attributes, Retired: !c.Active}
		}
	}
	f.Code = func(list, code string) (servicespec.Code, bool) {
		c, ok := lists[list][code]
		return c, ok
	}
	known, err := s.areas(ctx, tx, areas)
	f.Area = func(code string) (servicespec.Area, bool) {
		a, ok := known[code]
		return a, ok
	}
	return f, err
}

// areas reads areas by their codes, and those they lie in.
func (s *Service) areas(ctx context.Context, tx *pg.Tx, codes []string) (map[string]servicespec.Area, error) {
	known := map[string]servicespec.Area{}
	for len(codes) > 0 {
		list, err := listBoundariesOf(ctx, tx, codes)
		if err != nil {
			return nil, err
		}
		codes = nil
		for _, b := range list {
			known[b.Code] = servicespec.Area{Level: b.Level, Within: b.Path, Name: b.Name}
			for _, above := range b.Path {
				if _, ok := known[above]; !ok && !slices.Contains(codes, above) {
					codes = append(codes, above)
				}
			}
		}
		codes = slices.DeleteFunc(codes, func(c string) bool { _, ok := known[c]; return ok })
	}
	return known, nil
}
