package business

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/consumer/business/internal/businessdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

var db = businessdb.New()

// The fields of blind indexes, and how long the beginnings of words are.
const (
	numberField = "business.business.number"
	nameField   = "business.business.name"
	tokenMin    = 2
	tokenMax    = 10
)

func (s *Service) indexName(ctx context.Context, tx *pg.Tx, account uuid.UUID, name string) error {
	tokens, err := s.deps.Encryption.PrefixIndexes(ctx, tx, nameField, name, tokenMin, tokenMax)
	if err != nil {
		return err
	}
	if err := db.DeleteNameTokens(ctx, tx, account); err != nil {
		return err
	}
	return db.InsertNameTokens(ctx, tx, businessdb.InsertNameTokensParams{AccountID: account, Tokens: tokens})
}

// business opens a row.
func (s *Service) business(ctx context.Context, tx *pg.Tx, row businessdb.LockBusinessRow) (b Business, err error) {
	a, err := s.openAbout(ctx, tx, row.AccountID, row.About)
	return Business{
		Account: row.AccountID, Form: row.Form, Name: a.Name, Number: a.Number, Status: row.Status, RegisteredAt: row.RegisteredAt,
		Reach: Reach{Boundary: row.Boundary, Address: a.Address, Email: a.Email, Phone: a.Phone},
	}, err
}

func (s *Service) openAbout(ctx context.Context, tx *pg.Tx, account uuid.UUID, sealed []byte) (a about, err error) {
	plain, err := s.deps.Encryption.Open(ctx, tx, account, aboutPlace(account), sealed)
	if errors.Is(err, encryption.ErrForgotten) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(plain, &a)
}

// open opens a claim with its business.
func (s *Service) open(ctx context.Context, tx *pg.Tx, row businessdb.GetClaimRow) (c Claim, err error) {
	c = Claim{
		ID: row.ID, Claimant: row.Claimant, Proof: row.Proof, Document: given(row.DocumentID), Until: row.Until, Status: row.Status,
		ClaimedAt: row.ClaimedAt, DecidedAt: row.DecidedAt, DecidedBy: given(row.DecidedBy),
	}
	c.Business, err = s.business(ctx, tx, businessdb.LockBusinessRow{
		AccountID: row.AccountID, Form: row.Form, About: row.About, Boundary: row.Boundary, Status: row.BusinessStatus,
	})
	if err != nil || len(row.Reason) == 0 {
		return c, err
	}
	c.Reason, err = s.deps.Encryption.OpenString(ctx, tx, row.AccountID, reasonPlace(row.ID), row.Reason)
	if errors.Is(err, encryption.ErrForgotten) {
		err = nil
	}
	return c, err
}

func given(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

func cleanReason(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > reasonMax {
		return "", ErrReason.WithFields(fault.Field{Path: "reason", Code: ErrReason.Code, Args: map[string]any{"max": reasonMax}})
	}
	return reason, nil
}
