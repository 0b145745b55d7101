package exchange

import (
	"context"
	"errors"
	"strings"
	"time"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"

	"github.com/google/uuid"
)

func splitToken(text string) []string {
	if parts := strings.Split(text, "."); len(parts) == 3 {
		return parts
	}
	return nil
}

// Providers lists the registered providers by code, with the services each provides. Permission exchange:read, which the page asks
// for.
func (s *Service) Providers(ctx context.Context, tx *pg.Tx) (_ []Provider, err error) {
	defer fault.Wrap(&err, "exchange.Providers")
	return listProviders(ctx, tx)
}

// Provider returns a registered provider. Permission: as for Providers. Errors: ErrProvider.
func (s *Service) Provider(ctx context.Context, tx *pg.Tx, code string) (_ Provider, err error) {
	defer fault.Wrap(&err, "exchange.Provider(%s)", code)
	return getProvider(ctx, tx, code)
}

// ProviderKeys lists a provider's keys, the oldest first, those that have ended too. Permission: as for Providers.
func (s *Service) ProviderKeys(ctx context.Context, tx *pg.Tx, code string) (_ []ProviderKey, err error) {
	defer fault.Wrap(&err, "exchange.ProviderKeys(%s)", code)
	return listProviderKeys(ctx, tx, code)
}

// Delivered counts a provider's messages by status. Permission: as for Providers.
func (s *Service) Delivered(ctx context.Context, tx *pg.Tx) (_ map[string]map[string]int64, err error) {
	defer fault.Wrap(&err, "exchange.Delivered")
	return countByProvider(ctx, tx)
}

// RegisterProvider registers a system of somebody else; its services must be its agency's and nobody else's. What is on its way for
// them goes to it from now on. Permission exchange:manage, which the page asks for. Errors: ErrForbidden, ErrProviderInvalid,
// ErrProviderTaken.
func (s *Service) RegisterProvider(ctx context.Context, tx *pg.Tx, p Provider) (err error) {
	defer fault.Wrap(&err, "exchange.RegisterProvider(%s)", p.Code)
	if err := s.mayChange(ctx, tx, p); err != nil {
		return err
	}
	fresh, err := insertProvider(ctx, tx, p)
	if err != nil {
		return err
	}
	if !fresh {
		return ErrProviderTaken.WithFields(fault.Field{Path: "code", Code: ErrProviderTaken.Code})
	}
	if err := s.serve(ctx, tx, p); err != nil {
		return err
	}
	return recordProvider(ctx, tx, "register", p.Code, map[string]any{"agency": p.Agency, "endpoint": p.Endpoint, "services": p.Services})
}

// ChangeProvider changes what a provider is called, where it is and what it provides; code and agency stay. Permission
// exchange:manage, which the page asks for. Errors: ErrForbidden, ErrProvider, ErrProviderInvalid.
func (s *Service) ChangeProvider(ctx context.Context, tx *pg.Tx, p Provider) (err error) {
	defer fault.Wrap(&err, "exchange.ChangeProvider(%s)", p.Code)
	have, err := getProvider(ctx, tx, p.Code)
	if err != nil {
		return err
	}
	p.Agency = have.Agency
	if err := s.mayChange(ctx, tx, p); err != nil {
		return err
	}
	if err := changeProvider(ctx, tx, p); err != nil {
		return err
	}
	if p.JWKS == "" { // keys that it no longer publishes are nobody's word
		if err := dropFetchedKeys(ctx, tx, p.Code, nil); err != nil {
			return err
		}
	}
	if err := s.serve(ctx, tx, p); err != nil {
		return err
	}
	return recordProvider(ctx, tx, "change", p.Code, map[string]any{"endpoint": p.Endpoint, "services": p.Services})
}

func (s *Service) mayChange(ctx context.Context, tx *pg.Tx, p Provider) error {
	if !official(tx) {
		return ErrForbidden
	}
	wrong := p.check()
	if s.deps.Admits != nil && len(wrong) == 0 {
		for path, address := range map[string]string{"endpoint": p.Endpoint, "jwks": p.JWKS} {
			if address == "" {
				continue
			}
			if err := s.deps.Admits(ctx, parsed(address)); err != nil {
				wrong = append(wrong, fault.Field{Path: path, Code: "exchange.provider.admits"})
			}
		}
	}
	if len(wrong) > 0 {
		return ErrProviderInvalid.WithFields(wrong...)
	}
	return nil
}

// serve makes a provider answer for exactly these services.
func (s *Service) serve(ctx context.Context, tx *pg.Tx, p Provider) error {
	for _, service := range p.Services {
		if service != OpinionsOf(p.Agency) {
			continue
		}
		if _, _, _, err := getRoute(ctx, tx, service); errors.Is(err, ErrNoRoute) { // given here until now
			if err := putRoute(ctx, tx, Route{Service: service, Agency: p.Agency, Endpoint: Local}, id.New(), nil); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
	}
	taken, err := takeRoutes(ctx, tx, p)
	if err != nil {
		return err
	}
	if taken != int64(len(p.Services)) {
		return ErrProviderInvalid.WithFields(fault.Field{Path: "services", Code: "exchange.provider.services"})
	}
	return nil
}

func official(tx *pg.Tx) bool { return tx.Actor.Kind != "person" && tx.Actor.Kind != "anonymous" }

// SuspendProvider stops what goes to and comes from a provider; its messages wait. Permission exchange:manage, which the page asks
// for. Errors: ErrForbidden, ErrProvider.
func (s *Service) SuspendProvider(ctx context.Context, tx *pg.Tx, code string) (err error) {
	defer fault.Wrap(&err, "exchange.SuspendProvider(%s)", code)
	_, err = s.setState(ctx, tx, code, ProviderSuspended, "suspend")
	return err
}

// ResumeProvider lets messages go again, those that waited first. Permission: as for SuspendProvider. Errors: ErrForbidden,
// ErrProvider.
func (s *Service) ResumeProvider(ctx context.Context, tx *pg.Tx, code string) (err error) {
	defer fault.Wrap(&err, "exchange.ResumeProvider(%s)", code)
	changed, err := s.setState(ctx, tx, code, ProviderActive, "resume")
	if err != nil || !changed {
		return err
	}
	waiting, err := listWaiting(ctx, tx, code)
	if err != nil {
		return err
	}
	for _, m := range waiting {
		if err := tx.Enqueue(ctx, &DeliverArgs{Message: m}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) setState(ctx context.Context, tx *pg.Tx, code, state, act string) (changed bool, err error) {
	if !official(tx) {
		return false, ErrForbidden
	}
	if _, err := getProvider(ctx, tx, code); err != nil {
		return false, err
	}
	changed, err = setProviderState(ctx, tx, code, state)
	if err != nil || !changed {
		return false, err
	}
	return true, recordProvider(ctx, tx, act, code, nil)
}

// AddProviderKeys believes what a provider's keys, a JWK or a JWK Set, sign from now on. Those entered before are believed for
// overlap longer, so that both may be in use while the provider changes over. Permission exchange:manage, which the page asks
// for. Errors: ErrForbidden, ErrProvider, encryption.ErrKeys.
func (s *Service) AddProviderKeys(ctx context.Context, tx *pg.Tx, code string, jwks []byte, overlap time.Duration) (err error) {
	defer fault.Wrap(&err, "exchange.AddProviderKeys(%s)", code)
	if !official(tx) {
		return ErrForbidden
	}
	if _, err := getProvider(ctx, tx, code); err != nil {
		return err
	}
	keys, err := encryption.OutsideKeys(jwks)
	if err != nil {
		return err
	}
	var added []string
	for _, k := range keys {
		if err := putProviderKey(ctx, tx, code, k, false); err != nil {
			return err
		}
		added = append(added, k.ID)
	}
	if err := endProviderKeys(ctx, tx, code, added, tx.Wall.Add(max(0, overlap))); err != nil {
		return err
	}
	return recordProvider(ctx, tx, "key.add", code, map[string]any{"keys": added})
}

// DropProviderKey believes a key no longer, at once. Permission: as for AddProviderKeys. Errors: ErrForbidden, ErrProvider.
func (s *Service) DropProviderKey(ctx context.Context, tx *pg.Tx, code, kid string) (err error) {
	defer fault.Wrap(&err, "exchange.DropProviderKey(%s, %s)", code, kid)
	if !official(tx) {
		return ErrForbidden
	}
	gone, err := dropProviderKey(ctx, tx, code, kid)
	if err != nil {
		return err
	}
	if !gone {
		return ErrProvider.With("code", code)
	}
	return recordProvider(ctx, tx, "key.drop", code, map[string]any{"key": kid})
}

// OwnSigner is whose key signs what is sent to a provider.
func (p Provider) OwnSigner() encryption.Signer {
	return encryption.Signer{Owner: p.Agency, Use: encryption.UseWebhook}
}

// Resend tries a message once more that has failed for good. Permission exchange:manage, which the page asks for.
// Errors: ErrForbidden, ErrNotFailed.
func (s *Service) Resend(ctx context.Context, tx *pg.Tx, message uuid.UUID) (err error) {
	defer fault.Wrap(&err, "exchange.Resend(%s)", message)
	if !official(tx) {
		return ErrForbidden
	}
	again, err := requeue(ctx, tx, message)
	if err != nil {
		return err
	}
	if !again {
		return ErrNotFailed
	}
	if err := tx.Enqueue(ctx, &DeliverArgs{Message: message}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "exchange.message.resend", Object: "exchange.message", ObjectID: message})
}

func recordProvider(ctx context.Context, tx *pg.Tx, act, code string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["provider"] = code
	return audit.Record(ctx, tx, audit.Entry{Action: "exchange.provider." + act, Object: "exchange.provider", Detail: detail})
}
