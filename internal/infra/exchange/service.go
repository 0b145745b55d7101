package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Deps is what the exchange needs. Client sends to foreign agencies; it must have a time-out and refuse addresses
// the state's network does not allow.
type Deps struct {
	Encryption *encryption.Service
	Client     *http.Client
	// PublicURL is the state's address, by which providers know who writes. Without it there are no providers.
	PublicURL func(ctx context.Context, tx *pg.Tx) (string, error)
	// Admits tells whether Client would call an address, as far as that shows without asking anybody; nil: any.
	Admits func(ctx context.Context, u *url.URL) error
}

// Service is the data exchange.
type Service struct {
	deps       Deps
	onRequest  func(context.Context, *pg.Tx, ServiceRequest) error
	onResponse func(context.Context, *pg.Tx, ServiceResponse) error
	onOpinion  func(context.Context, *pg.Tx, ServiceResponse) error
}

// New makes the exchange; OnRequest and OnResponse must be called before the first message is delivered.
func New(d Deps) *Service {
	if d.Encryption == nil || d.Client == nil {
		panic("exchange.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// OnRequest sets the provider's side in this process. The handler runs in the delivery's own transaction; what it
// returns as a fault is kept with the message as the reason why it failed.
func (s *Service) OnRequest(h func(context.Context, *pg.Tx, ServiceRequest) error) { s.onRequest = h }

// OnResponse sets the consumer's side in this process; the same holds as for OnRequest.
func (s *Service) OnResponse(h func(context.Context, *pg.Tx, ServiceResponse) error) {
	s.onResponse = h
}

// OnOpinion sets who hears the answers to requests for opinions in this process; the same holds as for OnRequest.
func (s *Service) OnOpinion(h func(context.Context, *pg.Tx, ServiceResponse) error) { s.onOpinion = h }

// SendRequest puts a request on its way, in the sender's transaction. Errors: ErrNoRoute.
func (s *Service) SendRequest(ctx context.Context, tx *pg.Tx, r ServiceRequest) (err error) {
	defer fault.Wrap(&err, "exchange.SendRequest(%s %s)", r.Kind, r.ID)
	of, person := r.Service, r.Person
	if r.Opinion != nil { // whom it is about stands on the envelope alone, for the keys
		of, r.Person, r.Name = OpinionsOf(r.Opinion.Agency), uuid.Nil, ""
	}
	route, err := s.route(ctx, tx, of)
	if err != nil {
		return err
	}
	_, err = s.send(ctx, tx, envelope{
		direction: request, kind: r.Kind, service: of, requestID: r.ID, person: person, agency: route.Agency, provider: route.Provider,
	}, r)
	return err
}

// SendResponse puts a response on its way back to whoever sent the request. Errors: ErrUnknownRequest.
func (s *Service) SendResponse(ctx context.Context, tx *pg.Tx, r ServiceResponse) (err error) {
	defer fault.Wrap(&err, "exchange.SendResponse(%s %s)", r.Kind, r.RequestID)
	origin, err := origin(ctx, tx, r.RequestID)
	if err != nil {
		return err
	}
	origin.direction, origin.kind = response, r.Kind
	_, err = s.send(ctx, tx, origin, r)
	return err
}

// Converses reports whether the two sides of a service can write to each other: where the provider is in this process, and can open the
// files that go with a message. Errors: ErrNoRoute.
func (s *Service) Converses(ctx context.Context, tx *pg.Tx, service string) (_ bool, err error) {
	defer fault.Wrap(&err, "exchange.Converses(%s)", service)
	route, err := s.route(ctx, tx, service)
	return route.Endpoint == Local, err
}

// envelope is what stands on a message.
type envelope struct {
	direction, kind, service, agency string
	requestID, person                uuid.UUID
	foreignID, provider              string
}

const (
	request  = "request"
	response = "response"
)

// send stores the sealed message and its delivery job; fresh is false when a foreign message was there already.
func (s *Service) send(ctx context.Context, tx *pg.Tx, e envelope, body any) (fresh bool, err error) {
	plain, err := json.Marshal(body)
	if err != nil {
		return false, err
	}
	mid := id.New()
	sealed, err := s.deps.Encryption.Seal(ctx, tx, e.person, place(mid), plain)
	if err != nil {
		return false, err
	}
	fresh, err = insertMessage(ctx, tx, mid, e, sealed)
	if err != nil || !fresh {
		return fresh, err
	}
	return true, tx.Enqueue(ctx, &DeliverArgs{Message: mid})
}

func place(message uuid.UUID) encryption.Place {
	return encryption.Place{Table: "exchange.message", Column: "payload", Row: message}
}

// PutRoute enters a provider in the directory, or changes it. The actor's permission (exchange:manage) is the
// caller's to check. Errors: ErrRoute.
func (s *Service) PutRoute(ctx context.Context, tx *pg.Tx, r Route) (err error) {
	defer fault.Wrap(&err, "exchange.PutRoute(%s)", r.Service)
	if r.Service == "" || r.Agency == "" || r.Endpoint != Local && (len(r.Key) < minKey || !httpURL(r.Endpoint)) {
		return ErrRoute
	}
	kid := id.New()
	var sealed []byte
	if len(r.Key) > 0 {
		if sealed, err = s.deps.Encryption.Seal(ctx, tx, uuid.Nil, keyPlace(kid), r.Key); err != nil {
			return err
		}
	}
	if err := putRoute(ctx, tx, r, kid, sealed); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "exchange.route.put", Object: "exchange.route", ObjectID: kid,
		Detail: map[string]any{"service": r.Service, "agency": r.Agency, "endpoint": r.Endpoint},
	})
}

// minKey is the least number of bytes of a shared secret.
const minKey = 32

func httpURL(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

func keyPlace(kid uuid.UUID) encryption.Place {
	return encryption.Place{Table: "exchange.route", Column: "key", Row: kid}
}

// Routes returns the directory, by service, without keys.
func (s *Service) Routes(ctx context.Context, tx *pg.Tx) ([]Route, error) { return routes(ctx, tx) }

// Messages returns messages, newest first, without their content.
func (s *Service) Messages(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (page.Page[MessageRow], error) {
	return messages(ctx, tx, f, r)
}

// Site is the state's address, by which providers know who writes. Errors: ErrNoRoute where there is none.
func (s *Service) Site(ctx context.Context, tx *pg.Tx) (string, error) {
	if s.deps.PublicURL == nil {
		return "", ErrNoRoute
	}
	return s.deps.PublicURL(ctx, tx)
}

// signed are the headers of a message to a provider.
func (s *Service) signed(ctx context.Context, tx *pg.Tx, p Provider, message string, body []byte) (http.Header, error) {
	site, err := s.Site(ctx, tx)
	if err != nil {
		return nil, err
	}
	said, err := json.Marshal(claimsOf(site, p.Code, message, tx.Wall, body))
	if err != nil {
		return nil, err
	}
	token, err := s.deps.Encryption.Sign(ctx, tx, p.OwnSigner(), map[string]any{"typ": signatureType}, said)
	h := http.Header{}
	h.Set(HeaderSignature, token)
	return h, err
}

// route returns the provider of a service with its key. Errors: ErrNoRoute.
func (s *Service) route(ctx context.Context, tx *pg.Tx, service string) (Route, error) {
	r, kid, sealed, err := getRoute(ctx, tx, service)
	if agency := GivesOpinions(service); agency != "" && errors.Is(err, ErrNoRoute) {
		return Route{Service: service, Agency: agency, Endpoint: Local}, nil
	}
	if err != nil || sealed == nil {
		return r, err
	}
	r.Key, err = s.deps.Encryption.Open(ctx, tx, uuid.Nil, keyPlace(kid), sealed)
	return r, err
}
