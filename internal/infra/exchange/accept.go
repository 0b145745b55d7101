package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
)

// Accept takes in a ServiceResponse that a provider posts: signed by a key of its own or, where it is not registered, with the
// secret agreed for the service, and only about requests that were sent to it. The same message coming again changes nothing.
// Errors: ErrMessage, ErrUnknownRequest, ErrSignature.
func (s *Service) Accept(ctx context.Context, tx *pg.Tx, header http.Header, body []byte) (err error) {
	defer fault.Wrap(&err, "exchange.Accept")
	var r ServiceResponse
	if err := json.Unmarshal(body, &r); err != nil || r.RequestID == uuid.Nil || !slices.Contains(responses, r.Kind) {
		return ErrMessage
	}
	from, err := origin(ctx, tx, r.RequestID)
	if err != nil {
		return err
	}
	if header.Get(HeaderSignature) != "" {
		if from.provider, from.foreignID, err = s.fromProvider(ctx, tx, header, r.RequestID, body); err != nil {
			return err
		}
		return s.take(ctx, tx, from, r)
	}
	route, err := s.route(ctx, tx, from.service)
	if err != nil {
		return err
	}
	if route.Agency != from.agency { // the service has moved to another agency since, whose key proves nothing here
		return ErrSignature
	}
	from.provider = ""
	if from.foreignID, err = webhook.Verify(route.Key, header, tx.Wall, body); err != nil {
		return ErrSignature.Because(err)
	}
	return s.take(ctx, tx, from, r)
}

// take stores a response that is believed.
func (s *Service) take(ctx context.Context, tx *pg.Tx, from envelope, r ServiceResponse) error {
	from.direction, from.kind = response, r.Kind
	r.At = tx.Now
	_, err := s.send(ctx, tx, from, r)
	return err
}

// fromProvider returns which provider sent a message, and the message's id. It must be about a request that was sent to that
// provider. Where none of its keys fits and it publishes them, they are fetched anew: by the time it tries again they are known.
func (s *Service) fromProvider(ctx context.Context, tx *pg.Tx, header http.Header, about uuid.UUID, body []byte) (provider, message string, err error) {
	p, err := getProvider(ctx, tx, issuerOf(header))
	if errors.Is(err, ErrProvider) || err == nil && p.State != ProviderActive {
		return "", "", ErrSignature
	}
	if err != nil {
		return "", "", err
	}
	sent, err := sentTo(ctx, tx, about, p.Code)
	if err != nil {
		return "", "", err
	}
	if !sent {
		return "", "", ErrSignature
	}
	keys, err := believedKeys(ctx, tx, p.Code)
	if err != nil {
		return "", "", err
	}
	site, err := s.Site(ctx, tx)
	if err != nil {
		return "", "", err
	}
	id, err := verify(keys, header, p.Code, site, tx.Wall, body)
	if errors.Is(err, errSignature) && p.JWKS != "" && (p.FetchedAt == nil || tx.Wall.Sub(*p.FetchedAt) > keysAgain) {
		if failed := errors.Join(noteFetched(ctx, tx, p.Code), tx.Enqueue(ctx, &KeysArgs{Provider: p.Code})); failed != nil {
			return "", "", failed
		}
		return "", "", pg.Keep(ErrSignature.Because(err))
	}
	if err != nil {
		return "", "", ErrSignature.Because(err)
	}
	return p.Code, p.Code + ":" + id, nil
}
