package refdata

import (
	"context"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Boundary returns a place. Errors: ErrBoundary.
func (s *Service) Boundary(ctx context.Context, tx *pg.Tx, code string) (b Boundary, err error) {
	defer fault.Wrap(&err, "refdata.Boundary(%s)", code)
	return getBoundary(ctx, tx, code)
}

// Boundaries lists places in their order: of a level, of a parent, of both, or all where both are empty.
func (s *Service) Boundaries(ctx context.Context, tx *pg.Tx, level, parent string) (list []Boundary, err error) {
	defer fault.Wrap(&err, "refdata.Boundaries(%s, %s)", level, parent)
	return listBoundaries(ctx, tx, level, parent)
}

// Choice is a place to choose from, with the name of the place it lies in, since places of one name lie in different ones.
type Choice struct {
	Code     string
	Name, In i18n.Text
	Depth    int // of the tree: 1 for its root
}

// Choices lists the open places of a level that lie within another one, or all of them where within is "", in their order.
func (s *Service) Choices(ctx context.Context, tx *pg.Tx, level, within string) (list []Choice, err error) {
	defer fault.Wrap(&err, "refdata.Choices(%s, %s)", level, within)
	return listChoices(ctx, tx, level, within)
}

// Around returns the places of the codes and those around them, in their order; unknown codes are left out.
func (s *Service) Around(ctx context.Context, tx *pg.Tx, codes []string) (list []Boundary, err error) {
	defer fault.Wrap(&err, "refdata.Around")
	return listAround(ctx, tx, codes)
}

// Within reports whether a place lies within ancestor, or is it; everything lies within "". Errors: ErrBoundary.
func (s *Service) Within(ctx context.Context, tx *pg.Tx, code, ancestor string) (within bool, err error) {
	defer fault.Wrap(&err, "refdata.Within(%s, %s)", code, ancestor)
	if ancestor == "" || code == ancestor {
		return true, nil
	}
	b, err := getBoundary(ctx, tx, code)
	if err != nil {
		return false, err
	}
	return b.Within(ancestor), nil
}

// PutBoundaries adds or changes places, in any order; the paths of all places below follow. Permission
// refdata:manage. Errors: ErrForbidden, ErrCode, ErrName, ErrParent, ErrCircle.
func (s *Service) PutBoundaries(ctx context.Context, tx *pg.Tx, put []Boundary) (err error) {
	defer fault.Wrap(&err, "refdata.PutBoundaries(%d)", len(put))
	if err := mayManage(tx); err != nil {
		return err
	}
	// A tree has hundreds of places and is put at set-up: reading it whole is simpler than walking it in SQL.
	tree, err := listBoundaries(ctx, tx, "", "")
	if err != nil {
		return err
	}
	rows, err := grow(tree, put)
	if err != nil {
		return err
	}
	if err := putBoundaries(ctx, tx, rows, positions(tree, put)); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.boundary.put", "", len(put))
}

// positions keeps the order in which places were put; a place that is put again keeps its old one.
func positions(tree, put []Boundary) map[string]int32 {
	pos := make(map[string]int32, len(tree)+len(put))
	for _, list := range [][]Boundary{tree, put} {
		for _, b := range list {
			if _, ok := pos[b.Code]; !ok {
				pos[b.Code] = int32(len(pos))
			}
		}
	}
	return pos
}
