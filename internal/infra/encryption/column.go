package encryption

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// Owner says whose key a column's values stand under.
type Owner int

// The owners. A column can have values of both the tenant and people.
const (
	Tenant  Owner = 1 << iota // sealed with the tenant's own key (uuid.Nil)
	People                    // sealed with the key of the person
	Indexed                   // blind indexes
)

// Column tells of one table in which a module keeps sealed values or blind indexes, so that they can be renewed under another
// key. The module registers it at start; nobody else touches its tables.
type Column struct {
	Name   string // "identity.contact.address": the table, and its columns where it is several
	Owner  Owner
	Fields []string // of blind indexes: what BlindIndex was called with
	// Page returns up to Span.Limit rows after the row Span.After, in the order of their keys, without what is in them.
	Page func(ctx context.Context, tx *pg.Tx, of Span) ([]Row, error)
}

// Span says which rows of a column are asked for. Person is whose: uuid.Nil for those sealed with the tenant's own key, and
// for blind indexes, which are everybody's.
type Span struct {
	Person uuid.UUID
	After  string // Key of the last row of the page before; "" for the first page
	Limit  int32
}

// AfterID is After for rows whose key is an id.
func (s Span) AfterID() uuid.UUID {
	id, _ := uuid.Parse(s.After) // "" is the id before all
	return id
}

// Row is one row of a column.
type Row struct {
	Key string
	// Heads are the first six bytes of each sealed value, or the first eight of each blind index: what tells its key. Nil for none.
	Heads [][]byte
	// Renew locks the row and writes it anew: what it seals by Reseal, its indexes by BlindIndex. A row that is gone
	// meanwhile is no error.
	Renew func(ctx context.Context, tx *pg.Tx) error
}

// RowOf is a row whose key is an id. What is in it begins with the heads.
func RowOf(key uuid.UUID, renew func(ctx context.Context, tx *pg.Tx) error, heads ...[]byte) Row {
	return Row{Key: key.String(), Heads: heads, Renew: renew}
}

// ErrLater is what Row.Renew returns for a row that cannot be renewed yet, since what it was made of is not kept.
var ErrLater = errors.New("not yet")

// AddColumns tells the service of a module's columns. It is called before traffic and panics when a name is taken.
func (s *Service) AddColumns(columns ...Column) {
	for _, c := range columns {
		if c.Name == "" || c.Owner == 0 || c.Page == nil || slices.ContainsFunc(s.columns, func(o Column) bool { return o.Name == c.Name }) {
			panic("encryption.AddColumns: column " + c.Name + " is incomplete or registered twice")
		}
		s.columns = append(s.columns, c)
	}
}

// Columns are all that were registered, the module's own first.
func (s *Service) Columns() []Column { return slices.Clone(s.columns) }

// affected are the columns that a rotation renews.
func (s *Service) affected(purpose Purpose) (out []Column) {
	owner := map[Purpose]Owner{ForSealing: Tenant, ForPerson: People, ForIndexes: Indexed}[purpose]
	for _, c := range s.columns {
		if c.Owner&owner != 0 {
			out = append(out, c)
		}
	}
	return out
}

// own are the columns of this module: people's keys, signing keys and the reasons of proposals.
func (s *Service) own() []Column {
	return []Column{
		{Name: "encryption.person_key.wrapped", Owner: Tenant, Page: s.wrappedPersonKeys},
		{Name: "encryption.signing_key.wrapped", Owner: Tenant, Page: s.wrappedSigningKeys},
		{Name: "encryption.proposal.reason", Owner: Tenant, Page: s.sealedReasons},
	}
}

// wrappedHead is the head of a value that a key sealed, for keys whose wrapping key stands in a column of its own; of the
// first one, where it does not, a head that no key has.
func wrappedHead(by *int64) []byte {
	if by == nil {
		return make([]byte, headSize)
	}
	return head(uint32(*by))
}

func (s *Service) wrappedPersonKeys(ctx context.Context, tx *pg.Tx, of Span) ([]Row, error) {
	found, err := pagePersonKeys(ctx, tx, of.AfterID(), of.Limit)
	rows := make([]Row, 0, len(found))
	for _, r := range found {
		rows = append(rows, Row{Key: r.PersonID.String(), Heads: [][]byte{wrappedHead(r.WrappedBy)}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			row, err := lockPersonKey(ctx, tx, r.PersonID)
			if err != nil {
				return err
			}
			handle, err := s.personKeyset(ctx, tx, r.PersonID, row)
			if err != nil {
				return err
			}
			return s.wrapPerson(ctx, tx, r.PersonID, handle)
		}})
	}
	return rows, err
}

// renewed renews a row that stands under an old key, and tells whether it could be read. What was forgotten or is gone needs
// no key any more.
func renewed(ctx context.Context, tx *pg.Tx, r Row) (readable bool, err error) {
	err = r.Renew(ctx, tx)
	switch {
	case pg.NotFound(err), errors.Is(err, ErrForgotten):
		return true, nil
	case errors.Is(err, ErrUnreadable), errors.Is(err, ErrLater):
		return false, nil
	}
	return err == nil, err
}
