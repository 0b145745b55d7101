package payment

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/payment/internal/paymentdb"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
)

func detailPlace(collection uuid.UUID) encryption.Place {
	return encryption.Place{Table: "payment.collection", Column: "detail", Row: collection}
}

func (s *Service) insertCollection(ctx context.Context, tx *pg.Tx, c Collection) error {
	plain, err := json.Marshal(c.Detail)
	if err != nil {
		return err
	}
	sealed, err := s.deps.Encryption.Seal(ctx, tx, c.Payer, detailPlace(c.ID), plain)
	if err != nil {
		return err
	}
	return db.InsertCollection(ctx, tx, paymentdb.InsertCollectionParams{
		ID: c.ID, DemandID: c.Demand, TillID: c.Till, Place: c.Place, Means: c.Means, AmountMinor: c.Amount.Minor, TenderedMinor: c.Tendered.Minor,
		Currency: c.Amount.Currency, Detail: sealed, TakenBy: c.By, TakenAt: c.TakenAt,
	})
}

func insertCollected(ctx context.Context, tx *pg.Tx, p Payment, collection uuid.UUID) error {
	return db.InsertCollected(ctx, tx, paymentdb.InsertCollectedParams{
		ID: p.ID, DemandID: p.Demand, CollectionID: collection, AmountMinor: p.Amount.Minor, Currency: p.Amount.Currency, PaidAt: p.PaidAt,
	})
}

func toCollection(r paymentdb.PaymentCollection) Collection {
	in := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: r.Currency} }
	return Collection{
		ID: r.ID, Demand: r.DemandID, Till: r.TillID, Place: r.Place, Means: r.Means, Status: CollectionStatus(r.Status), Amount: in(r.AmountMinor),
		Tendered: in(r.TenderedMinor), By: r.TakenBy, TakenAt: r.TakenAt, SettledAt: r.SettledAt, Reason: r.Reason,
	}
}

// lockCollection returns a collection without what belongs to its demand, and keeps others from changing it.
func lockCollection(ctx context.Context, tx *pg.Tx, collection uuid.UUID) (Collection, error) {
	r, err := db.LockCollection(ctx, tx, collection)
	return toCollection(r), known(err)
}

func (s *Service) collection(ctx context.Context, tx *pg.Tx, collection uuid.UUID) (Collection, error) {
	r, err := db.GetCollection(ctx, tx, collection)
	if err != nil {
		return Collection{}, known(err)
	}
	return s.whole(ctx, tx, paymentdb.ListCollectionsRow(r))
}

func (s *Service) whole(ctx context.Context, tx *pg.Tx, r paymentdb.ListCollectionsRow) (Collection, error) {
	c := toCollection(paymentdb.PaymentCollection{
		ID: r.ID, DemandID: r.DemandID, TillID: r.TillID, Place: r.Place, Means: r.Means, Status: r.Status, AmountMinor: r.AmountMinor,
		TenderedMinor: r.TenderedMinor, Currency: r.Currency, TakenBy: r.TakenBy, TakenAt: r.TakenAt, SettledAt: r.SettledAt, Reason: r.Reason,
	})
	c.Number, c.Reference, c.Receipt, c.Payer = r.Number, r.Reference, r.Receipt, r.PayerID
	plain, err := s.deps.Encryption.Open(ctx, tx, c.Payer, detailPlace(c.ID), r.Detail)
	if errors.Is(err, encryption.ErrForgotten) { // the money stays in the books, by which cheque it came does not
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(plain, &c.Detail)
}

func (s *Service) listCollections(ctx context.Context, tx *pg.Tx, f CollectionFilter, before uuid.UUID, limit int) ([]Collection, error) {
	rows, err := db.ListCollections(ctx, tx, paymentdb.ListCollectionsParams{
		Place: f.Place, Till: orNil(f.Till), Means: f.Means, Status: string(f.Status), Before: orNil(before), Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	list := make([]Collection, len(rows))
	for i, r := range rows {
		if list[i], err = s.whole(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func settleCollection(ctx context.Context, tx *pg.Tx, collection uuid.UUID, status CollectionStatus, reason string) error {
	return db.SettleCollection(ctx, tx, paymentdb.SettleCollectionParams{
		ID: collection, Status: string(status), SettledBy: orNil(tx.Actor.ID), SettledAt: &tx.Now, Reason: reason,
	})
}

// reopen takes back what a collection did to its demand.
func reopen(ctx context.Context, tx *pg.Tx, c Collection, reason string) error {
	if err := db.ReversePayment(ctx, tx, paymentdb.ReversePaymentParams{CollectionID: c.ID, Reason: reason}); err != nil {
		return err
	}
	if err := db.ReopenDemand(ctx, tx, c.Demand); err != nil {
		return err
	}
	return db.CancelReceipt(ctx, tx, paymentdb.CancelReceiptParams{DemandID: c.Demand, Now: &tx.Now})
}

// insertPosting books the entries, but for those of nothing; nothing is booked where the posting is there.
func insertPosting(ctx context.Context, tx *pg.Tx, kind string, till, subject uuid.UUID, currency string, e Entries) error {
	posting := id.New()
	n, err := db.InsertPosting(ctx, tx, paymentdb.InsertPostingParams{
		ID: posting, Kind: kind, TillID: till, SubjectID: subject, Currency: currency, ByID: tx.Actor.ID, At: tx.Now,
	})
	if err != nil || n == 0 {
		return err
	}
	in := paymentdb.InsertEntriesParams{PostingID: posting}
	for _, account := range slices.Sorted(maps.Keys(e)) {
		if e[account] != 0 {
			in.Accounts, in.Amounts = append(in.Accounts, account), append(in.Amounts, e[account])
		}
	}
	return db.InsertEntries(ctx, tx, in)
}

func hasPosting(ctx context.Context, tx *pg.Tx, kind string, subject uuid.UUID) (bool, error) {
	return db.HasPosting(ctx, tx, paymentdb.HasPostingParams{Kind: kind, SubjectID: subject})
}

func balances(ctx context.Context, tx *pg.Tx, till uuid.UUID) (Entries, error) {
	rows, err := db.Balances(ctx, tx, till)
	e := Entries{}
	for _, r := range rows {
		e[r.Account] += r.Minor
	}
	return e, err
}
