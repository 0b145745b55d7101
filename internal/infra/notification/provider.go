package notification

import (
	"context"
	"maps"
	"slices"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Provider says who carries the messages of a channel. Settings are the carrier's own (host, user, password, …).
type Provider struct {
	Channel  string
	Kind     string
	Settings map[string]string
}

// ProviderView is a provider without its secrets.
type ProviderView struct {
	Channel string
	Kind    string
	Keys    []string // names of the settings that are set
}

// Kinds lists the kinds of carriers there are.
func (s *Service) Kinds() []string { return slices.Sorted(maps.Keys(s.carriers)) }

// PutProvider chooses who carries a channel's messages and sends those that waited. Permission notification:manage.
// Errors: ErrForbidden, ErrChannel, ErrKind.
func (s *Service) PutProvider(ctx context.Context, tx *pg.Tx, p Provider) (err error) {
	defer fault.Wrap(&err, "notification.PutProvider(%s, %s)", p.Channel, p.Kind)
	if err := mayManage(tx); err != nil {
		return err
	}
	if p.Channel != SMS && p.Channel != Email && p.Channel != WhatsApp && p.Channel != USSD {
		return ErrChannel.With("channel", p.Channel)
	}
	if s.carriers[p.Kind] == nil {
		return ErrKind.With("kind", p.Kind)
	}
	if err := s.putProvider(ctx, tx, p); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, &ReleaseArgs{Channel: p.Channel}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "notification.provider.put", Object: "notification.provider",
		Detail: map[string]any{"channel": p.Channel, "kind": p.Kind},
	})
}

// Providers lists the providers chosen, without what is secret in them. Permission notification:read.
// Errors: ErrForbidden.
func (s *Service) Providers(ctx context.Context, tx *pg.Tx) (list []ProviderView, err error) {
	defer fault.Wrap(&err, "notification.Providers")
	if err := mayManage(tx); err != nil {
		return nil, err
	}
	all, err := s.providers(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		list = append(list, ProviderView{Channel: p.Channel, Kind: p.Kind, Keys: slices.Sorted(maps.Keys(p.Settings))})
	}
	return list, nil
}
