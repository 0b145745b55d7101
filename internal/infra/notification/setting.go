package notification

import (
	"context"
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Configured is a carrier that says what it must be told to work for a channel; nil where it does not carry it.
type Configured interface {
	Settings(channel string) []carrier.Setting
}

// Offer is a carrier that can be chosen for a channel, with what it must be told.
type Offer struct {
	Kind     string
	Settings []carrier.Setting
}

// Offers are the carriers that can be chosen for a channel.
func (s *Service) Offers(channel string) (list []Offer) {
	for _, kind := range slices.Sorted(maps.Keys(s.carriers)) {
		if c, ok := s.carriers[kind].(Configured); ok {
			if settings := c.Settings(channel); len(settings) > 0 {
				list = append(list, Offer{Kind: kind, Settings: settings})
			}
		}
	}
	return list
}

func (s *Service) offer(channel, kind string) (Offer, bool) {
	list := s.Offers(channel)
	i := slices.IndexFunc(list, func(o Offer) bool { return o.Kind == kind })
	if i < 0 {
		return Offer{}, false
	}
	return list[i], true
}

// ProviderOf returns who carries a channel's messages, with the settings that are no secrets; false for nobody. Permission
// notification:manage. Errors: ErrForbidden.
func (s *Service) ProviderOf(ctx context.Context, tx *pg.Tx, channel string) (p Provider, found bool, err error) {
	defer fault.Wrap(&err, "notification.ProviderOf(%s)", channel)
	if err := mayManage(tx); err != nil {
		return p, false, err
	}
	if p, found, err = s.provider(ctx, tx, channel); err != nil || !found {
		return p, found, err
	}
	open := map[string]string{}
	o, _ := s.offer(channel, p.Kind)
	for _, setting := range o.Settings {
		if !setting.Secret {
			open[setting.Name] = p.Settings[setting.Name]
		}
	}
	p.Settings = open
	return p, true, nil
}

// ChangeProvider chooses who carries a channel's messages, as a form does: a secret that was left blank stays what it was with the same
// carrier. Permission notification:manage. Errors: ErrForbidden, ErrKind, ErrSetting with its fields.
func (s *Service) ChangeProvider(ctx context.Context, tx *pg.Tx, p Provider) (err error) {
	defer fault.Wrap(&err, "notification.ChangeProvider(%s, %s)", p.Channel, p.Kind)
	if err := mayManage(tx); err != nil {
		return err
	}
	o, ok := s.offer(p.Channel, p.Kind)
	if !ok {
		return ErrKind.With("kind", p.Kind)
	}
	have, found, err := s.provider(ctx, tx, p.Channel)
	if err != nil {
		return err
	}
	settings := map[string]string{}
	var missing []fault.Field
	for _, setting := range o.Settings {
		v := strings.TrimSpace(p.Settings[setting.Name])
		if v == "" && setting.Secret && found && have.Kind == p.Kind {
			v = have.Settings[setting.Name]
		}
		if v == "" && setting.Required {
			missing = append(missing, fault.Field{Path: setting.Name, Code: ErrSetting.Code})
		}
		if v != "" && setting.Check != nil && !setting.Check(v) {
			missing = append(missing, fault.Field{Path: setting.Name, Code: "notification.setting_unread"})
		}
		if v != "" {
			settings[setting.Name] = v
		}
	}
	if len(missing) > 0 {
		return ErrSetting.WithFields(missing...)
	}
	p.Settings = settings
	return s.PutProvider(ctx, tx, p)
}

// Test sends somebody a message to see whether it arrives. Permission notification:manage. Errors: ErrForbidden, ErrChannel, ErrMessage.
func (s *Service) Test(ctx context.Context, tx *pg.Tx, m Message) (err error) {
	defer fault.Wrap(&err, "notification.Test(%s)", m.Channel)
	if err := mayManage(tx); err != nil {
		return err
	}
	m.Purpose = "notification.test"
	if _, err := s.Send(ctx, tx, m); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "notification.test", Object: "notification.provider", Detail: map[string]any{"channel": m.Channel}})
}
