package refdata

import (
	"context"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Code is one choice of a list. A code that is not Active is no longer offered, but still named where it was chosen.
// Attributes are what rules of services may read of it (text, whole number, number with decimals, true or false); "of" is
// the earlier answer that a dependent choice belongs to.
type Code struct {
	Code       string
	Name       i18n.Text
	Active     bool
	Attributes map[string]any
}

// CodeList is a list of codes, without them.
type CodeList struct {
	Code string
	Name i18n.Text
}

// CodeLists lists the lists.
func (s *Service) CodeLists(ctx context.Context, tx *pg.Tx) (lists []CodeList, err error) {
	defer fault.Wrap(&err, "refdata.CodeLists")
	return listCodeLists(ctx, tx)
}

// Codes returns the codes of a list in their order, those no longer active included; none for an unknown list.
func (s *Service) Codes(ctx context.Context, tx *pg.Tx, list string) (codes []Code, err error) {
	defer fault.Wrap(&err, "refdata.Codes(%s)", list)
	return listCodes(ctx, tx, list)
}

// PutCodes makes a list hold these codes: those it held before and does not hold now stop being active. Permission
// refdata:manage. Errors: ErrForbidden, ErrCode, ErrName.
func (s *Service) PutCodes(ctx context.Context, tx *pg.Tx, list CodeList, codes []Code) (err error) {
	defer fault.Wrap(&err, "refdata.PutCodes(%s)", list.Code)
	if err := mayManage(tx); err != nil {
		return err
	}
	if !codeShape.MatchString(list.Code) {
		return ErrCode.With("code", list.Code)
	}
	if len(list.Name) == 0 {
		return ErrName.With("code", list.Code)
	}
	seen := map[string]bool{}
	for _, c := range codes {
		if !codeShape.MatchString(c.Code) || seen[c.Code] {
			return ErrCode.With("code", c.Code)
		}
		if len(c.Name) == 0 {
			return ErrName.With("code", c.Code)
		}
		seen[c.Code] = true
	}
	if err := putCodes(ctx, tx, list, codes); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.code.put", list.Code, len(codes))
}
