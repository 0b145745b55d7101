package exchange

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange/internal/exchangedb"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

var db = exchangedb.New()

func getRoute(ctx context.Context, tx *pg.Tx, service string) (r Route, key uuid.UUID, sealed []byte, err error) {
	row, err := db.GetRoute(ctx, tx, service)
	if pg.NotFound(err) {
		return Route{}, uuid.Nil, nil, ErrNoRoute.With("service", service)
	}
	return Route{Service: row.Service, Agency: row.Agency, Provider: row.Provider, Endpoint: row.Endpoint, UpdatedAt: row.UpdatedAt}, row.KeyID, row.Key, err
}

func putRoute(ctx context.Context, tx *pg.Tx, r Route, key uuid.UUID, sealed []byte) error {
	return db.PutRoute(ctx, tx, exchangedb.PutRouteParams{
		Service: r.Service, Agency: r.Agency, Endpoint: r.Endpoint, KeyID: key, Key: sealed, UpdatedAt: tx.Now,
	})
}

func routes(ctx context.Context, tx *pg.Tx) ([]Route, error) {
	rows, err := db.ListRoutes(ctx, tx)
	list := make([]Route, 0, len(rows))
	for _, row := range rows {
		list = append(list, Route{Service: row.Service, Agency: row.Agency, Provider: row.Provider, Endpoint: row.Endpoint, UpdatedAt: row.UpdatedAt})
	}
	return list, err
}

func insertMessage(ctx context.Context, tx *pg.Tx, id uuid.UUID, e envelope, sealed []byte) (fresh bool, err error) {
	var foreign *string
	if e.foreignID != "" {
		foreign = &e.foreignID
	}
	n, err := db.InsertMessage(ctx, tx, exchangedb.InsertMessageParams{
		ID: id, Direction: e.direction, Kind: e.kind, Service: e.service, RequestID: e.requestID, PersonID: e.person,
		Agency: e.agency, ForeignID: foreign, Provider: e.provider, Payload: sealed, SentAt: tx.Now,
	})
	return n == 1, err
}

// origin returns the envelope of the first message of a request. Errors: ErrUnknownRequest.
func origin(ctx context.Context, tx *pg.Tx, request uuid.UUID) (envelope, error) {
	row, err := db.FindPerson(ctx, tx, request)
	if pg.NotFound(err) {
		return envelope{}, ErrUnknownRequest.With("id", request)
	}
	return envelope{service: row.Service, agency: row.Agency, requestID: request, person: row.PersonID}, err
}

// head returns the message of a request that is to be delivered next, locked; uuid.Nil where none is queued.
func head(ctx context.Context, tx *pg.Tx, request uuid.UUID, direction string) (uuid.UUID, error) {
	ids, err := db.LockQueue(ctx, tx, exchangedb.LockQueueParams{RequestID: request, Direction: direction})
	if err != nil || len(ids) == 0 {
		return uuid.Nil, err
	}
	return ids[0], nil
}

// finish sets a queued message to delivered, or to failed where there is a failure; what is finished stays as it is.
func finish(ctx context.Context, tx *pg.Tx, id uuid.UUID, failure string) error {
	p := exchangedb.FinishMessageParams{Status: "delivered", DeliveredAt: &tx.Now, ID: id}
	if failure != "" {
		p.Status, p.DeliveredAt, p.Failure = "failed", nil, &failure
	}
	return db.FinishMessage(ctx, tx, p)
}

func messages(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (page.Page[MessageRow], error) {
	before, err := r.AfterID()
	if err != nil {
		return page.Page[MessageRow]{}, err
	}
	rows, err := db.ListMessages(ctx, tx, exchangedb.ListMessagesParams{
		Status: f.Status, Service: f.Service, Provider: f.Provider, RequestID: f.RequestID, Before: before, Count: int32(r.Limit() + 1),
	})
	if err != nil {
		return page.Page[MessageRow]{}, err
	}
	list := make([]MessageRow, 0, len(rows))
	for _, m := range rows {
		list = append(list, MessageRow{
			ID: m.ID, Direction: m.Direction, Kind: m.Kind, Service: m.Service, RequestID: m.RequestID, Agency: m.Agency,
			Provider: m.Provider, Attempts: int(m.Attempts), Problem: m.Problem, Status: m.Status, Failure: deref(m.Failure), SentAt: m.SentAt, DeliveredAt: m.DeliveredAt,
		})
	}
	return page.Of(r, list, func(m MessageRow) []string { return []string{m.ID.String()} }), nil
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// message is a stored message with its sealed payload.
type message struct {
	id, requestID, person            uuid.UUID
	direction, kind, service, agency string
	payload                          []byte
	queued                           bool
	sentAt                           time.Time
}

func getMessage(ctx context.Context, tx *pg.Tx, id uuid.UUID) (message, error) {
	m, err := db.GetMessage(ctx, tx, id)
	return message{
		id: m.ID, requestID: m.RequestID, person: m.PersonID, direction: m.Direction, kind: m.Kind, service: m.Service,
		agency: m.Agency, payload: m.Payload, queued: m.Status == "queued", sentAt: m.SentAt,
	}, err
}
