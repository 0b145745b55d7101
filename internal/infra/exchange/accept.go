package exchange

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
)

// Accept takes in a ServiceResponse that a foreign agency posts: signed with the key agreed for the service, and
// only about requests that were sent to that agency. The same message coming again changes nothing.
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
	route, err := s.route(ctx, tx, from.service)
	if err != nil {
		return err
	}
	if route.Agency != from.agency { // the service has moved to another agency since, whose key proves nothing here
		return ErrSignature
	}
	foreignID, err := webhook.Verify(route.Key, header, tx.Wall, body)
	if err != nil {
		return ErrSignature.Because(err)
	}
	from.direction, from.kind, from.foreignID = response, r.Kind, foreignID
	r.At = tx.Now
	_, err = s.send(ctx, tx, from, r)
	return err
}
