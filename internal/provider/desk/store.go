package desk

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/desk/internal/deskdb"
)

var db = deskdb.New()

func cardPlace(account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "desk.person", Column: "card", Row: account}
}

func orNil(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

func orZero(u *uuid.UUID) uuid.UUID {
	if u == nil {
		return uuid.Nil
	}
	return *u
}

func findPeople(ctx context.Context, tx *pg.Tx, tokens [][]byte) (list []uuid.UUID, err error) {
	if len(tokens) == 0 {
		return nil, nil
	}
	rows, err := db.FindPeople(ctx, tx, deskdb.FindPeopleParams{Tokens: tokens, Size: mostFound})
	for _, r := range rows {
		list = append(list, r.AccountID)
	}
	return list, err
}

// person reads an account and the card, if there is one.
func (s *Service) person(ctx context.Context, tx *pg.Tx, account uuid.UUID) (p Person, err error) {
	if p.Visitor, err = s.deps.People.Visitor(ctx, tx, account); err != nil {
		return p, err
	}
	row, err := db.GetPerson(ctx, tx, account)
	if pg.NotFound(err) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Known = true
	p.Card, err = s.openCard(ctx, tx, account, row.Card)
	return p, err
}

func (s *Service) openCard(ctx context.Context, tx *pg.Tx, account uuid.UUID, sealed []byte) (c Card, err error) {
	plain, err := s.deps.Encryption.Open(ctx, tx, account, cardPlace(account), sealed)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(plain, &c)
}

// putCard writes a card and what it is found by.
func (s *Service) putCard(ctx context.Context, tx *pg.Tx, at Place, account uuid.UUID, name string, c Card) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	sealed, err := s.deps.Encryption.Seal(ctx, tx, account, cardPlace(account), plain)
	if err != nil {
		return err
	}
	err = db.PutPerson(ctx, tx, deskdb.PutPersonParams{
		AccountID: account, Card: sealed, Agency: at.Agency, Office: at.Office, WrittenBy: tx.Actor.ID, WrittenAt: tx.Now,
	})
	if err != nil {
		return err
	}
	return s.index(ctx, tx, account, name, c)
}

func (s *Service) index(ctx context.Context, tx *pg.Tx, account uuid.UUID, name string, c Card) error {
	var tokens [][]byte
	for _, v := range values(name, c) {
		token, err := s.deps.Encryption.BlindIndex(ctx, tx, v.field, v.value)
		if err != nil {
			return err
		}
		tokens = append(tokens, token)
	}
	if err := db.DeleteTokens(ctx, tx, account); err != nil {
		return err
	}
	return db.InsertTokens(ctx, tx, deskdb.InsertTokensParams{AccountID: account, Tokens: tokens})
}

func toVisit(r deskdb.DeskVisit) Visit {
	return Visit{
		ID: r.ID, Person: r.PersonID, Operator: r.OperatorID, Place: Place{r.Agency, r.Office}, Proof: r.Proof, Document: orZero(r.DocumentID),
		BegunAt: r.BegunAt, Until: r.Until, EndedAt: r.EndedAt,
	}
}

func insertVisit(ctx context.Context, tx *pg.Tx, v Visit) error {
	return db.InsertVisit(ctx, tx, deskdb.InsertVisitParams{
		ID: v.ID, PersonID: v.Person, OperatorID: v.Operator, Agency: v.Agency, Office: v.Office, Proof: v.Proof, DocumentID: orNil(v.Document),
		BegunAt: v.BegunAt, Until: v.Until,
	})
}

func endVisits(ctx context.Context, tx *pg.Tx, operator uuid.UUID) error {
	return db.EndVisits(ctx, tx, deskdb.EndVisitsParams{OperatorID: operator, Now: &tx.Now})
}

func getVisit(ctx context.Context, tx *pg.Tx, visit uuid.UUID) (Visit, error) {
	r, err := db.GetVisit(ctx, tx, visit)
	return toVisit(r), err
}

func listVisits(ctx context.Context, tx *pg.Tx, at Place, f VisitFilter, before uuid.UUID, size int) ([]Visit, error) {
	rows, err := db.ListVisits(ctx, tx, deskdb.ListVisitsParams{
		Agency: at.Agency, Office: at.Office, Operator: orNil(f.Operator), Person: orNil(f.Person), Before: orNil(before), Size: int32(size),
	})
	list := make([]Visit, len(rows))
	for i, r := range rows {
		list[i] = toVisit(r)
	}
	return list, err
}
