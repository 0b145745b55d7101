package app

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"digit/internal/consumer/business"
	"digit/internal/consumer/profile"
	"digit/internal/consumer/request"
	"digit/internal/consumer/wallet"
	"digit/internal/infra/certificate"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry"
)

// sources tells requests what the state and the person's wallet know of the person. The wallet and the registers are made
// after the requests, so they are looked up when they are asked.
type sources struct{ m *Modules }

// Profile returns what the profile knows besides name and contacts; of a business, what is kept of it.
func (s sources) Profile(ctx context.Context, tx *pg.Tx, person uuid.UUID) (map[string]string, error) {
	if is, err := s.m.Identity.IsBusiness(ctx, tx, person); err != nil || is {
		return s.business(ctx, tx, person, err)
	}
	p, err := s.m.Profile.Profile(ctx, tx, person)
	if errors.Is(err, profile.ErrNotFound) || errors.Is(err, profile.ErrForbidden) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return map[string]string{"boundary": p.Boundary}, nil
}

func (s sources) business(ctx context.Context, tx *pg.Tx, account uuid.UUID, err error) (map[string]string, error) {
	if err != nil {
		return nil, err
	}
	b, err := s.m.Business.Business(ctx, tx, account)
	if errors.Is(err, business.ErrNotFound) {
		return nil, nil
	}
	return map[string]string{
		"number": b.Number, "form": b.Form, "boundary": b.Boundary, "address": b.Address, "email": b.Email, "phone": b.Phone,
	}, err
}

// holders tells whom entries of registers name as their holders.
type holders struct{ registers *registry.Service }

// Holder returns whom an entry names; uuid.Nil where there is none.
func (h holders) Holder(ctx context.Context, tx *pg.Tx, register, key string) (uuid.UUID, error) {
	holder, err := h.registers.Holder(ctx, tx, register, key)
	if errors.Is(err, registry.ErrNotFound) {
		return uuid.Nil, nil
	}
	return holder, err
}

// Household returns the people without an account for whom the person applies.
func (s sources) Household(ctx context.Context, tx *pg.Tx, person uuid.UUID) (out []request.Relative, err error) {
	household, err := s.m.Profile.Household(ctx, tx, person)
	for _, m := range household {
		out = append(out, request.Relative{ID: m.ID, Name: m.Name, Born: m.Born, Relation: m.Relation})
	}
	return out, err
}

// maxHeld is how many of a person's credentials are looked through.
const maxHeld = 100

// Credentials returns the valid credentials of these types that the person holds.
func (s sources) Credentials(ctx context.Context, tx *pg.Tx, person uuid.UUID, types []string) ([]request.Held, error) {
	items, err := s.m.Wallet.Items(ctx, tx, person, false, page.Request{Size: maxHeld})
	if errors.Is(err, identity.ErrRepresentative) { // who acts in some services alone does not see the wallet
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []request.Held
	for _, i := range items.Rows {
		if !slices.Contains(types, i.Type) || i.Status != certificate.Valid || i.ExpiresAt != nil && i.ExpiresAt.Before(tx.Now) {
			continue
		}
		_, c, err := s.m.Wallet.Item(ctx, tx, person, i.ID)
		if errors.Is(err, wallet.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		h := request.Held{ID: c.ID, Type: c.Type, Number: c.Number, Title: c.Title, Claims: map[string]any{}, ExpiresAt: c.ExpiresAt}
		for _, claim := range c.Claims {
			h.Claims[claim.Name] = claim.Value
		}
		out = append(out, h)
	}
	return out, nil
}

// Record returns a record of a register that is the person's own.
func (s sources) Record(ctx context.Context, tx *pg.Tx, person uuid.UUID, register, key string) (map[string]any, error) {
	return recordOf(ctx, tx, s.m.Registry, person, register, key)
}

func recordOf(ctx context.Context, tx *pg.Tx, registers *registry.Service, person uuid.UUID, register, key string) (map[string]any, error) {
	e, err := registers.Find(ctx, tx, register, key)
	if errors.Is(err, registry.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if e.Holder != person {
		return nil, nil // somebody else's: as if it were not there
	}
	if e.Data == nil {
		return map[string]any{}, nil
	}
	return e.Data, nil
}
