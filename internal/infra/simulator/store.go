package simulator

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator/internal/simulatordb"
)

var db = simulatordb.New()

func orNil(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

func known(err error) error {
	if pg.NotFound(err) {
		return ErrUnknown
	}
	return err
}

// seal and open use the tenant's key: whose phone it would be is not known here.
func (s *Service) seal(ctx context.Context, tx *pg.Tx, table, column string, row uuid.UUID, plain []byte) ([]byte, error) {
	return s.keys.Seal(ctx, tx, uuid.Nil, encryption.Place{Table: "simulator." + table, Column: column, Row: row}, plain)
}

// reseal seals what is kept again, with the tenant's key of now.
func (s *Service) reseal(ctx context.Context, tx *pg.Tx, table, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	return s.keys.Reseal(ctx, tx, uuid.Nil, encryption.Place{Table: "simulator." + table, Column: column, Row: row}, sealed)
}

// addressField is the field of the indexes of addresses.
const addressField = "simulator.message.address"

func (s *Service) open(ctx context.Context, tx *pg.Tx, table, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	if sealed == nil {
		return nil, nil
	}
	return s.keys.Open(ctx, tx, uuid.Nil, encryption.Place{Table: "simulator." + table, Column: column, Row: row}, sealed)
}

func (s *Service) insertMessage(ctx context.Context, tx *pg.Tx, out carrier.Out) error {
	return s.putMessage(ctx, tx, out, false)
}

func (s *Service) insertWritten(ctx context.Context, tx *pg.Tx, out carrier.Out) error {
	return s.putMessage(ctx, tx, out, true)
}

func (s *Service) putMessage(ctx context.Context, tx *pg.Tx, out carrier.Out, written bool) (err error) {
	p := simulatordb.InsertMessageParams{ID: out.ID, Channel: out.Channel, Lang: out.Lang, ReceivedAt: tx.Now, Written: written}
	if p.AddressIndex, err = s.keys.BlindIndex(ctx, tx, addressField, out.To); err != nil {
		return err
	}
	if p.Address, err = s.seal(ctx, tx, "message", "address", out.ID, []byte(out.To)); err != nil {
		return err
	}
	if p.Subject, err = s.seal(ctx, tx, "message", "subject", out.ID, []byte(out.Subject)); err != nil {
		return err
	}
	if p.Text, err = s.seal(ctx, tx, "message", "text", out.ID, []byte(out.Text)); err != nil {
		return err
	}
	return db.InsertMessage(ctx, tx, p)
}

func (s *Service) listMessages(ctx context.Context, tx *pg.Tx, f MessageFilter, before uuid.UUID, limit int) ([]Message, error) {
	p := simulatordb.ListMessagesParams{Channel: f.Channel, Before: orNil(before), Lim: int32(limit), Whole: f.Both}
	var err error
	if f.Address != "" {
		if p.AddressIndexes, err = s.keys.BlindIndexes(ctx, tx, addressField, f.Address); err != nil {
			return nil, err
		}
	}
	rows, err := db.ListMessages(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	list := make([]Message, len(rows))
	for i, r := range rows {
		list[i] = Message{ID: r.ID, Channel: r.Channel, Lang: r.Lang, ReceivedAt: r.ReceivedAt, Written: r.Written}
		for column, part := range map[string]struct {
			sealed []byte
			into   *string
		}{"address": {r.Address, &list[i].Address}, "subject": {r.Subject, &list[i].Subject}, "text": {r.Text, &list[i].Text}} {
			plain, err := s.open(ctx, tx, "message", column, r.ID, part.sealed)
			if err != nil {
				return nil, err
			}
			*part.into = string(plain)
		}
	}
	return list, nil
}

// toCharge gives a row the address of its page.
func (s *Service) toCharge(ctx context.Context, tx *pg.Tx, r simulatordb.SimulatorCharge) (CardCharge, error) {
	base, err := s.baseURL(ctx, tx)
	return CardCharge{
		Ref: r.ID, Reference: r.Reference, Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency},
		Description: r.Description, ReturnURL: r.ReturnUrl, Status: ChargeStatus(r.Status), Failure: r.Failure,
		URL: base + "/sim/cards/pay/" + r.ID.String(), CreatedAt: r.CreatedAt, webhookURL: r.WebhookUrl,
	}, err
}

func (s *Service) insertCharge(ctx context.Context, tx *pg.Tx, o ChargeOrder) (CardCharge, error) {
	_, err := db.InsertCharge(ctx, tx, simulatordb.InsertChargeParams{
		ID: id.New(), Reference: o.Reference, AmountMinor: o.Amount.Minor,
		Currency: o.Amount.Currency, Description: o.Description, ReturnUrl: o.ReturnURL, WebhookUrl: o.WebhookURL, CreatedAt: tx.Now,
	})
	if err != nil {
		return CardCharge{}, err
	}
	r, err := db.GetChargeByReference(ctx, tx, o.Reference)
	if err != nil {
		return CardCharge{}, err
	}
	return s.toCharge(ctx, tx, r)
}

func (s *Service) getCharge(ctx context.Context, tx *pg.Tx, ref uuid.UUID) (CardCharge, error) {
	r, err := db.GetCharge(ctx, tx, ref)
	if err != nil {
		return CardCharge{}, known(err)
	}
	return s.toCharge(ctx, tx, r)
}

func (s *Service) lockCharge(ctx context.Context, tx *pg.Tx, ref uuid.UUID) (CardCharge, error) {
	r, err := db.LockCharge(ctx, tx, ref)
	if err != nil {
		return CardCharge{}, known(err)
	}
	return s.toCharge(ctx, tx, r)
}

func (s *Service) listCharges(ctx context.Context, tx *pg.Tx, before uuid.UUID, limit int) ([]CardCharge, error) {
	rows, err := db.ListCharges(ctx, tx, simulatordb.ListChargesParams{Before: orNil(before), Lim: int32(limit)})
	if err != nil {
		return nil, err
	}
	list := make([]CardCharge, len(rows))
	for i, r := range rows {
		if list[i], err = s.toCharge(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func settle(ctx context.Context, tx *pg.Tx, ref uuid.UUID, to ChargeStatus, failure, last4 string) error {
	return db.SettleCharge(ctx, tx, simulatordb.SettleChargeParams{ID: ref, Status: string(to), Failure: failure, Last4: last4, SettledAt: &tx.Now})
}

// personClaims is the sealed part of a person.
type personClaims struct{ Name, Email, Phone string }

func (s *Service) toPerson(ctx context.Context, tx *pg.Tx, r simulatordb.SimulatorPerson) (Person, error) {
	plain, err := s.open(ctx, tx, "person", "claims", r.ID, r.Claims)
	if err != nil {
		return Person{}, err
	}
	var c personClaims
	err = json.Unmarshal(plain, &c)
	return Person{Subject: r.Subject, Name: c.Name, Email: c.Email, Phone: c.Phone, Staff: r.Staff}, err
}

func (s *Service) putPerson(ctx context.Context, tx *pg.Tx, p Person) error {
	plain, err := json.Marshal(personClaims{p.Name, p.Email, p.Phone})
	if err != nil {
		return err
	}
	row := id.New()
	sealed, err := s.seal(ctx, tx, "person", "claims", row, plain)
	if err != nil {
		return err
	}
	return db.PutPerson(ctx, tx, simulatordb.PutPersonParams{ID: row, Subject: p.Subject, Claims: sealed, Staff: p.Staff})
}

func (s *Service) getPerson(ctx context.Context, tx *pg.Tx, subject string) (Person, error) {
	r, err := db.GetPerson(ctx, tx, subject)
	if err != nil {
		return Person{}, known(err)
	}
	return s.toPerson(ctx, tx, r)
}

func (s *Service) listPeople(ctx context.Context, tx *pg.Tx) ([]Person, error) {
	rows, err := db.ListPeople(ctx, tx)
	if err != nil {
		return nil, err
	}
	list := make([]Person, len(rows))
	for i, r := range rows {
		if list[i], err = s.toPerson(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func insertAuthCode(ctx context.Context, tx *pg.Tx, hash []byte, r SignInRequest, subject string, expires time.Time) error {
	if err := db.DropOldAuthCodes(ctx, tx, tx.Wall); err != nil {
		return err
	}
	return db.InsertAuthCode(ctx, tx, simulatordb.InsertAuthCodeParams{
		Hash: hash, ClientID: r.ClientID, RedirectUri: r.RedirectURI,
		Subject: subject, Nonce: r.Nonce, Challenge: r.CodeChallenge, ExpiresAt: expires,
	})
}

func takeAuthCode(ctx context.Context, tx *pg.Tx, hash []byte) (simulatordb.TakeAuthCodeRow, error) {
	r, err := db.TakeAuthCode(ctx, tx, hash)
	if pg.NotFound(err) {
		return r, ErrGrant
	}
	return r, err
}

func (s *Service) insertCase(ctx context.Context, tx *pg.Tx, agency string, r foreignRequest, body []byte) (bool, error) {
	sealed, err := s.seal(ctx, tx, "foreign_case", "request", r.ID, body)
	if err != nil {
		return false, err
	}
	n, err := db.InsertCase(ctx, tx, simulatordb.InsertCaseParams{
		ID: r.ID, Agency: agency, Service: r.Service, Reference: r.Reference,
		Request: sealed, ReceivedAt: tx.Now,
	})
	return n > 0, err
}

func (s *Service) renewCase(ctx context.Context, tx *pg.Tx, request uuid.UUID, status string, body []byte) error {
	sealed, err := s.seal(ctx, tx, "foreign_case", "request", request, body)
	if err != nil {
		return err
	}
	_, err = db.RenewCase(ctx, tx, simulatordb.RenewCaseParams{ID: request, Request: sealed, Status: status})
	return err
}

func (s *Service) toCase(ctx context.Context, tx *pg.Tx, r simulatordb.SimulatorForeignCase) (Case, error) {
	plain, err := s.open(ctx, tx, "foreign_case", "request", r.ID, r.Request)
	if err != nil {
		return Case{}, err
	}
	var in foreignRequest
	err = json.Unmarshal(plain, &in)
	return Case{
		ID: r.ID, Agency: r.Agency, Service: r.Service, Reference: r.Reference, Name: in.Name, Answers: in.Answers,
		Status: r.Status, Outcome: r.Outcome, ReceivedAt: r.ReceivedAt, AnsweredAt: r.AnsweredAt,
	}, err
}

func (s *Service) getCase(ctx context.Context, tx *pg.Tx, request uuid.UUID) (Case, error) {
	r, err := db.GetCase(ctx, tx, request)
	if err != nil {
		return Case{}, known(err)
	}
	return s.toCase(ctx, tx, r)
}

func (s *Service) listCases(ctx context.Context, tx *pg.Tx, status string, before uuid.UUID, limit int) ([]Case, error) {
	rows, err := db.ListCases(ctx, tx, simulatordb.ListCasesParams{Status: status, Before: orNil(before), Lim: int32(limit)})
	if err != nil {
		return nil, err
	}
	list := make([]Case, len(rows))
	for i, r := range rows {
		if list[i], err = s.toCase(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func lockCase(ctx context.Context, tx *pg.Tx, request uuid.UUID) (string, error) {
	r, err := db.LockCase(ctx, tx, request)
	return r.Status, known(err)
}

func (s *Service) answerCase(ctx context.Context, tx *pg.Tx, request uuid.UUID, outcome string, body []byte) error {
	sealed, err := s.seal(ctx, tx, "foreign_case", "answer", request, body)
	if err != nil {
		return err
	}
	return db.AnswerCase(ctx, tx, simulatordb.AnswerCaseParams{ID: request, Status: "answered", Outcome: outcome, Answer: sealed, AnsweredAt: &tx.Now})
}

// keptAnswer returns the answer and its name, which differs when a case was opened again and answered anew.
func (s *Service) keptAnswer(ctx context.Context, tx *pg.Tx, request uuid.UUID) ([]byte, string, error) {
	r, err := db.GetCase(ctx, tx, request)
	if err != nil {
		return nil, "", known(err)
	}
	if r.Answer == nil || r.AnsweredAt == nil {
		return nil, "", ErrUnknown
	}
	body, err := s.open(ctx, tx, "foreign_case", "answer", request, r.Answer)
	return body, "ans_" + request.String() + "_" + strconv.FormatInt(r.AnsweredAt.UnixMicro(), 36), err
}
