package notification

import (
	"context"
	"errors"

	"digit/internal/infra/notification/internal/notificationdb"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Listener is a carrier whose provider also brings what people write and what became of messages. Hear checks that it is the
// provider who speaks, and reads it. Errors: carrier.ErrForged, carrier.ErrUnreadable.
type Listener interface {
	Hear(channel string, settings map[string]string, call carrier.Call) (carrier.Heard, error)
}

// Hear takes in what the provider of a channel sends: reports are noted, and what people wrote is returned. Permission: anybody's whom the
// provider's signature shows to be the provider. Errors: ErrNoProvider, ErrSignature, ErrReport.
func (s *Service) Hear(ctx context.Context, tx *pg.Tx, channel string, call carrier.Call) (heard carrier.Heard, err error) {
	defer fault.Wrap(&err, "notification.Hear(%s)", channel)
	p, found, err := s.provider(ctx, tx, channel)
	if err != nil {
		return heard, err
	}
	listener, hears := s.carriers[p.Kind].(Listener)
	if !found || !hears {
		return heard, ErrNoProvider
	}
	heard, err = listener.Hear(channel, p.Settings, call)
	switch {
	case errors.Is(err, carrier.ErrForged):
		return heard, ErrSignature.Because(err)
	case errors.Is(err, carrier.ErrUnreadable):
		return heard, ErrReport.Because(err)
	case err != nil:
		return heard, err
	}
	for _, r := range heard.Reports {
		if err := s.report(ctx, tx, channel, r); err != nil {
			return heard, err
		}
	}
	return heard, nil
}

// Fetcher is a carrier whose provider keeps the files that people send until they are fetched. Errors: carrier.ErrRefused where it keeps it
// no more, carrier.ErrLarge; anything else may be tried again.
type Fetcher interface {
	Fetch(ctx context.Context, settings map[string]string, ref string, most int64) ([]byte, error)
}

// Fetch reads a file that somebody sent by a channel, at most so many bytes; it is asked outside a transaction. Permission: the scope's, which
// is the system's. Errors: ErrForbidden, ErrNoProvider, ErrGone, ErrTooLarge.
func (s *Service) Fetch(ctx context.Context, db *pg.DB, scope pg.Scope, channel string, file carrier.File, most int64) (content []byte, err error) {
	defer fault.Wrap(&err, "notification.Fetch(%s)", channel)
	var p Provider
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if err := mayManage(tx); err != nil {
			return err
		}
		p, _, err = s.provider(ctx, tx, channel)
		return err
	})
	if err != nil {
		return nil, err
	}
	fetcher, fetches := s.carriers[p.Kind].(Fetcher)
	if !fetches {
		return nil, ErrNoProvider
	}
	content, err = fetcher.Fetch(ctx, p.Settings, file.Ref, most)
	switch {
	case errors.Is(err, carrier.ErrLarge):
		return nil, ErrTooLarge.With("max", most, "megabytes", most>>20)
	case errors.Is(err, carrier.ErrRefused):
		return nil, ErrGone.Because(err)
	}
	return content, err
}

// report notes what became of a message; of one that is not known, or has arrived, nothing changes. One that never will goes by its other way.
func (s *Service) report(ctx context.Context, tx *pg.Tx, channel string, r carrier.Report) error {
	if r.Ref == "" {
		return nil
	}
	if r.Delivered {
		return db.DeliveredMessage(ctx, tx, notificationdb.DeliveredMessageParams{CarrierRef: r.Ref, Channel: channel, Now: tx.Now, Opened: r.Read})
	}
	lost, err := db.UndeliveredMessage(ctx, tx, notificationdb.UndeliveredMessageParams{CarrierRef: r.Ref, Channel: channel})
	if err != nil {
		return err
	}
	for _, message := range lost {
		if err := s.instead(ctx, tx, message); err != nil {
			return err
		}
	}
	return nil
}

// HearsFrom reports whether the carrier of a kind also takes in what people write.
func (s *Service) HearsFrom(kind string) bool {
	_, hears := s.carriers[kind].(Listener)
	return hears
}
