package refdata

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

var (
	patternPart = regexp.MustCompile(`\{([a-z]+)(?::([0-9]{1,2}))?\}`)
	formatCode  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)
)

// checkPattern accepts text with {yyyy}, {yy} and exactly one {seq} or {seq:width}.
func checkPattern(pattern string) error {
	seqs, years := 0, 0
	for _, m := range patternPart.FindAllStringSubmatch(pattern, -1) {
		switch {
		case m[1] == "seq":
			seqs++
		case (m[1] == "yyyy" || m[1] == "yy") && m[2] == "":
			years++
		default:
			return ErrFormat.With("format", pattern)
		}
	}
	if rest := patternPart.ReplaceAllString(pattern, ""); seqs != 1 || strings.ContainsAny(rest, "{}") {
		return ErrFormat.With("format", pattern)
	}
	return nil
}

func hasYear(pattern string) bool {
	return strings.Contains(pattern, "{yyyy}") || strings.Contains(pattern, "{yy}")
}

// write fills a checked pattern in.
func write(pattern string, year int, seq int64) string {
	return patternPart.ReplaceAllStringFunc(pattern, func(part string) string {
		m := patternPart.FindStringSubmatch(part)
		switch m[1] {
		case "yyyy":
			return fmt.Sprintf("%04d", year)
		case "yy":
			return fmt.Sprintf("%02d", year%100)
		default:
			width, _ := strconv.Atoi(m[2]) // digits or nothing, by the expression
			return fmt.Sprintf("%0*d", width, seq)
		}
	})
}

// NextNumber gives out the next human number of a format: a pattern ("REC-{yyyy}-{seq:6}") or the code of a pattern
// put by PutFormat. Numbers have no gaps, since the counter's row goes back with the transaction; the price is that
// transactions that number in the same format wait for each other, so take numbers late. The year is the tenant's.
// Errors: ErrFormat.
func (s *Service) NextNumber(ctx context.Context, tx *pg.Tx, format string) (number string, err error) {
	defer fault.Wrap(&err, "refdata.NextNumber(%s)", format)
	pattern := format
	if !strings.Contains(format, "{") {
		if pattern, err = getFormat(ctx, tx, format); err != nil {
			return "", err
		}
	}
	if err := checkPattern(pattern); err != nil {
		return "", err
	}
	zone, err := s.zone(ctx, tx)
	if err != nil {
		return "", err
	}
	year := 0
	if hasYear(pattern) {
		year = tx.Now.In(zone).Year()
	}
	seq, err := nextNumber(ctx, tx, format, year)
	if err != nil {
		return "", err
	}
	return write(pattern, year, seq), nil
}

// PutFormat names a pattern. Its counter goes on when the pattern changes. Permission refdata:manage.
// Errors: ErrForbidden, ErrCode, ErrFormat.
func (s *Service) PutFormat(ctx context.Context, tx *pg.Tx, code, pattern string) (err error) {
	defer fault.Wrap(&err, "refdata.PutFormat(%s)", code)
	if err := mayManage(tx); err != nil {
		return err
	}
	if !formatCode.MatchString(code) {
		return ErrCode.With("code", code)
	}
	if err := checkPattern(pattern); err != nil {
		return err
	}
	if err := putFormat(ctx, tx, code, pattern); err != nil {
		return err
	}
	return record(ctx, tx, "refdata.format.put", code, 1)
}
