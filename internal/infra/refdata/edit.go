package refdata

import (
	"context"
	"maps"
	"reflect"
	"slices"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Change is what an import does, or would: codes by what becomes of them.
type Change struct{ Added, Changed, Same []string }

// PutCodeList adds a list of codes or renames it. Permission refdata:manage. Errors: ErrForbidden, ErrCode, ErrName.
func (s *Service) PutCodeList(ctx context.Context, tx *pg.Tx, list CodeList) (err error) {
	defer fault.Wrap(&err, "refdata.PutCodeList(%s)", list.Code)
	if err := mayManage(tx); err != nil {
		return err
	}
	if !codeShape.MatchString(list.Code) {
		return ErrCode.With("code", list.Code)
	}
	if len(list.Name) == 0 {
		return ErrName.With("code", list.Code)
	}
	if err := putCodeList(ctx, tx, list); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.list.put", list.Code, 1)
}

// PutCode adds a code to a list or changes it, and sets it at a place of the list's order, from 1 on; 0 leaves it where it is, or
// at the end. A closed one is no longer offered. Permission refdata:manage. Errors: ErrForbidden, ErrList, ErrCode, ErrName.
func (s *Service) PutCode(ctx context.Context, tx *pg.Tx, list string, c Code, place int) (err error) {
	defer fault.Wrap(&err, "refdata.PutCode(%s, %s)", list, c.Code)
	codes, err := s.editable(ctx, tx, list)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	at := slices.IndexFunc(codes, func(x Code) bool { return x.Code == c.Code })
	if at >= 0 {
		codes = slices.Delete(codes, at, at+1)
	} else {
		at = len(codes)
	}
	if place > 0 {
		at = min(place-1, len(codes))
	}
	codes = slices.Insert(codes, at, c)
	if err := putInOrder(ctx, tx, list, codes); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.code.put", list+"/"+c.Code, 1)
}

func (c Code) check() error {
	if !codeShape.MatchString(c.Code) {
		return ErrCode.With("code", c.Code)
	}
	if len(c.Name) == 0 {
		return ErrName.With("code", c.Code)
	}
	return nil
}

// editable locks a list and returns its codes. Errors: ErrForbidden, ErrList.
func (s *Service) editable(ctx context.Context, tx *pg.Tx, list string) ([]Code, error) {
	if err := mayManage(tx); err != nil {
		return nil, err
	}
	if err := lockCodeList(ctx, tx, list); err != nil {
		return nil, err
	}
	return listCodes(ctx, tx, list)
}

// ImportCodes adds codes to a list and changes those that are there, in the order in which they are given; codes that are not given stay
// behind them as they are, and so do names and attributes of given ones about which nothing is said. Nothing is written where try is true: the answer says what would be. Permission refdata:manage. Errors:
// ErrForbidden, ErrList, ErrCode, ErrName.
func (s *Service) ImportCodes(ctx context.Context, tx *pg.Tx, list string, codes []Code, try bool) (ch Change, err error) {
	defer fault.Wrap(&err, "refdata.ImportCodes(%s, %d)", list, len(codes))
	have, err := s.editable(ctx, tx, list)
	if err != nil {
		return ch, err
	}
	codes = slices.Clone(codes)
	before := make(map[string]Code, len(have))
	for _, c := range have {
		before[c.Code] = c
	}
	given := map[string]bool{}
	for i, c := range codes {
		if err := c.check(); err != nil {
			return ch, err
		}
		if given[c.Code] {
			return ch, ErrCode.With("code", c.Code)
		}
		given[c.Code] = true
		old, known := before[c.Code]
		c.Name, c.Attributes = over(old.Name, c.Name), over(old.Attributes, c.Attributes)
		codes[i] = c
		switch {
		case !known:
			ch.Added = append(ch.Added, c.Code)
		case same(old, c):
			ch.Same = append(ch.Same, c.Code)
		default:
			ch.Changed = append(ch.Changed, c.Code)
		}
	}
	if try {
		return ch, nil
	}
	rest := slices.DeleteFunc(have, func(c Code) bool { return given[c.Code] })
	if err := putInOrder(ctx, tx, list, append(codes, rest...)); err != nil {
		return ch, err
	}
	return ch, record(ctx, tx, "refdata.code.put", list, len(codes))
}

// over returns what is there with what is given laid over it.
func over[M ~map[string]V, V any](have, given M) M {
	if len(have) == 0 {
		return given
	}
	all := maps.Clone(have)
	maps.Copy(all, given)
	return all
}

func same(a, b Code) bool {
	return a.Active == b.Active && maps.Equal(a.Name, b.Name) && (len(a.Attributes) == 0 && len(b.Attributes) == 0 || reflect.DeepEqual(a.Attributes, b.Attributes))
}

// RemoveCode takes a code out of a list that no published service uses; others are closed instead, since what was answered must keep
// its name. Permission refdata:manage. Errors: ErrForbidden, ErrList, ErrInUse.
func (s *Service) RemoveCode(ctx context.Context, tx *pg.Tx, list, code string) (err error) {
	defer fault.Wrap(&err, "refdata.RemoveCode(%s, %s)", list, code)
	if _, err := s.editable(ctx, tx, list); err != nil {
		return err
	}
	uses, err := s.Uses(ctx, tx)
	if err != nil {
		return err
	}
	if len(uses[list]) > 0 {
		return ErrInUse.With("list", list)
	}
	gone, err := dropCode(ctx, tx, list, code)
	if err != nil || !gone {
		return err
	}
	return record(ctx, tx, "refdata.code.remove", list+"/"+code, 1)
}

// Uses returns the codes of the published services that use each code list.
func (s *Service) Uses(ctx context.Context, tx *pg.Tx) (_ map[string][]string, err error) {
	defer fault.Wrap(&err, "refdata.Uses")
	if s.uses == nil {
		return nil, nil
	}
	return s.uses(ctx, tx)
}

// CodeCount is how many codes a list has, and how many of them are offered.
type CodeCount struct{ Active, All int }

// CodeCounts counts the codes of each list; one without codes is left out.
func (s *Service) CodeCounts(ctx context.Context, tx *pg.Tx) (counts map[string]CodeCount, err error) {
	defer fault.Wrap(&err, "refdata.CodeCounts")
	return countCodes(ctx, tx)
}

// CloseBoundary stops or resumes offering a place; it is still named where it was chosen. Permission refdata:manage. Errors: ErrForbidden,
// ErrBoundary.
func (s *Service) CloseBoundary(ctx context.Context, tx *pg.Tx, code string, closed bool) (err error) {
	defer fault.Wrap(&err, "refdata.CloseBoundary(%s, %v)", code, closed)
	if err := mayManage(tx); err != nil {
		return err
	}
	if err := setBoundaryActive(ctx, tx, code, !closed); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.boundary.put", code, 1)
}

// ImportBoundaries adds places and changes those that are there, in any order. Nothing is written where try is true. Permission refdata:manage.
// Errors: ErrForbidden, ErrCode, ErrName, ErrParent, ErrCircle.
func (s *Service) ImportBoundaries(ctx context.Context, tx *pg.Tx, put []Boundary, try bool) (ch Change, err error) {
	defer fault.Wrap(&err, "refdata.ImportBoundaries(%d)", len(put))
	if err := mayManage(tx); err != nil {
		return ch, err
	}
	tree, err := listBoundaries(ctx, tx, "", "")
	if err != nil {
		return ch, err
	}
	if _, err := grow(tree, put); err != nil {
		return ch, err
	}
	have := make(map[string]Boundary, len(tree))
	for _, b := range tree {
		have[b.Code] = b
	}
	put = slices.Clone(put)
	for i, b := range put {
		old, known := have[b.Code]
		b.Name = over(old.Name, b.Name)
		put[i] = b
		switch {
		case !known:
			ch.Added = append(ch.Added, b.Code)
		case old.Parent == b.Parent && old.Level == b.Level && maps.Equal(old.Name, b.Name):
			ch.Same = append(ch.Same, b.Code)
		default:
			ch.Changed = append(ch.Changed, b.Code)
		}
	}
	if try {
		return ch, nil
	}
	return ch, s.PutBoundaries(ctx, tx, put)
}

// Format is a pattern of numbers by name, with the number that comes next and what it would look like.
type Format struct {
	Code, Pattern string
	Next          int64
	Example       string
}

// Formats lists the named patterns by code.
func (s *Service) Formats(ctx context.Context, tx *pg.Tx) (list []Format, err error) {
	defer fault.Wrap(&err, "refdata.Formats")
	if list, err = listFormats(ctx, tx); err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, tx)
	if err != nil {
		return nil, err
	}
	last, err := listCounters(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i, f := range list {
		year := yearOf(f.Pattern, tx.Now.In(zone))
		list[i].Next = last[counterKey{f.Code, year}] + 1
		list[i].Example = write(f.Pattern, tx.Now.In(zone).Year(), list[i].Next)
	}
	return list, nil
}

// SkipNumbers has the numbers of a named pattern go on with next this year: only forwards, since a number that was given out is never given
// again. Permission refdata:manage. Errors: ErrForbidden, ErrFormat, ErrBackwards.
func (s *Service) SkipNumbers(ctx context.Context, tx *pg.Tx, format string, next int64) (err error) {
	defer fault.Wrap(&err, "refdata.SkipNumbers(%s, %d)", format, next)
	if err := mayManage(tx); err != nil {
		return err
	}
	pattern, err := getFormat(ctx, tx, format)
	if err != nil {
		return err
	}
	zone, err := s.zone(ctx, tx)
	if err != nil {
		return err
	}
	if next < 2 {
		return ErrBackwards
	}
	moved, err := skipTo(ctx, tx, format, yearOf(pattern, tx.Now.In(zone)), next-1)
	if err != nil {
		return err
	}
	if !moved {
		return ErrBackwards
	}
	return record(ctx, tx, "refdata.format.skip", format, 1)
}

// Example writes what a pattern looks like. Errors: ErrFormat.
func Example(pattern string, year int, seq int64) (string, error) {
	if err := checkPattern(pattern); err != nil {
		return "", err
	}
	return write(pattern, year, seq), nil
}
