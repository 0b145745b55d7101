// Package page is how lists are paged: by the key of the last row seen, never by offset, so that page 400 costs
// what page 1 costs and no row is shown twice when others are added.
package page

import (
	"encoding/base64"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
)

// ErrCursor is returned for a cursor that this list did not hand out.
var ErrCursor = fault.Invalid("page.cursor")

// Request asks for one page: After is the cursor of the page before, "" for the first.
type Request struct {
	Size  int
	After string
}

// Limit returns the size between 1 and 100; 25 where none was asked for.
func (r Request) Limit() int {
	if r.Size <= 0 {
		return 25
	}
	return min(r.Size, 100)
}

// Page is one page of rows; Next is the cursor of the next page, "" at the end.
type Page[T any] struct {
	Rows []T
	Next string
}

// Of makes a page from up to Limit()+1 rows: the one too many only tells that there is a next page.
// key returns the parts of a row's sort key, for the cursor.
func Of[T any](r Request, rows []T, key func(T) []string) Page[T] {
	n := r.Limit()
	if len(rows) <= n {
		return Page[T]{Rows: rows}
	}
	rows = rows[:n]
	return Page[T]{Rows: rows, Next: Encode(key(rows[n-1])...)}
}

// Keep is a list that is narrowed once more by what no query can ask: it fetches pages until one has rows that keep keeps. A page
// may have fewer rows than asked for; it is empty only at the end.
func Keep[T any](r Request, fetch func(Request) (Page[T], error), keep func(T) bool) (Page[T], error) {
	for {
		p, err := fetch(r)
		if err != nil {
			return p, err
		}
		var rows []T
		for _, row := range p.Rows {
			if keep(row) {
				rows = append(rows, row)
			}
		}
		if p.Rows = rows; len(rows) > 0 || p.Next == "" {
			return p, nil
		}
		r.After = p.Next
	}
}

// Encode makes a cursor from the parts of a sort key. A cursor hides nothing; row security guards what it points at.
func Encode(parts ...string) string {
	b, _ := json.Marshal(parts) // strings always marshal
	return base64.RawURLEncoding.EncodeToString(b)
}

// Decode reads the n parts of a cursor. Errors: ErrCursor.
func Decode(cursor string, n int) ([]string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, ErrCursor.Because(err)
	}
	var parts []string
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) != n {
		return nil, ErrCursor
	}
	return parts, nil
}

// AfterID returns the id in a cursor of one UUID, uuid.Nil for the first page. Errors: ErrCursor.
func (r Request) AfterID() (uuid.UUID, error) {
	if r.After == "" {
		return uuid.Nil, nil
	}
	parts, err := Decode(r.After, 1)
	if err != nil {
		return uuid.Nil, err
	}
	v, err := uuid.Parse(parts[0])
	if err != nil {
		return uuid.Nil, ErrCursor.Because(err)
	}
	return v, nil
}
