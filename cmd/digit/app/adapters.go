package app

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/quota"
	"digit/internal/infra/refdata"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/catalog"
	"digit/internal/provider/performance"
)

// codes sends identity's one-time codes and alerts as messages.
type codes struct {
	notification *notification.Service
	tenancy      *tenancy.Service
	texts        *i18n.Catalog
}

// SendCode puts the code on its way, in the reader's language.
func (c codes) SendCode(ctx context.Context, tx *pg.Tx, to identity.CodeMessage) error {
	set, err := c.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	args := map[string]any{"code": to.Code, "n": to.Minutes, "state": set.Name.In(to.Lang, set.DefaultLanguage)}
	_, err = c.notification.Send(ctx, tx, notification.Message{
		Channel: to.Channel, Address: to.Address, Lang: to.Lang, Purpose: "identity.code", Once: id.New().String(),
		Subject: c.texts.T(to.Lang, "message.code.subject", args), Text: c.texts.T(to.Lang, "message.code.text", args),
	})
	return err
}

// notices tells owners of accounts what changed about them, as messages.
type notices struct {
	notification *notification.Service
	tenancy      *tenancy.Service
	texts        *i18n.Catalog
	url          func(ctx context.Context, tx *pg.Tx) (string, error)
}

// SendNotice puts the notice on its way, in the owner's language, with where to look after it.
func (n notices) SendNotice(ctx context.Context, tx *pg.Tx, to identity.Notice) error {
	set, err := n.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	here, err := n.url(ctx, tx)
	if err != nil {
		return err
	}
	path := "/profile/security"
	if to.Staff {
		path = "/staff/security"
	}
	device := strings.Trim(to.Device.Browser+", "+to.Device.System, ", ")
	if device == "" {
		device = n.texts.T(to.Lang, "session.device.unknown", nil)
	}
	args := map[string]any{
		"state": set.Name.In(to.Lang, set.DefaultLanguage), "time": i18n.FormatDateTime(to.Lang, tx.Now, set.Location()), "url": here + path, "device": device,
	}
	args["what"] = n.texts.T(to.Lang, "message.notice."+to.Kind, args)
	_, err = n.notification.Send(ctx, tx, notification.Message{
		Person: to.Account, Channel: to.Channel, Address: to.Address, Lang: to.Lang, Purpose: "identity.notice", Once: id.New().String(),
		Subject: n.texts.T(to.Lang, "message.notice.subject", args), Text: n.texts.T(to.Lang, "message.notice.text", args),
	})
	return err
}

// papers keeps receipts as documents.
type papers struct{ documents *document.Service }

// Keep stores a PDF.
func (p papers) Keep(ctx context.Context, tx *pg.Tx, name string, person uuid.UUID, pdf []byte) (uuid.UUID, error) {
	f, err := p.documents.Store(ctx, tx, document.Store{
		Name: name, Person: person, Purpose: "receipt", Accept: []string{"application/pdf"},
	}, bytes.NewReader(pdf))
	return f.ID, err
}

// areas tells whether an area exists.
type areas struct{ refdata *refdata.Service }

// Known reports whether there is an area of that code.
func (a areas) Known(ctx context.Context, tx *pg.Tx, code string) (bool, error) {
	_, err := a.refdata.Boundary(ctx, tx, code)
	if f := fault.Of(err); f != nil && f.Kind == fault.KindNotFound {
		return false, nil
	}
	return err == nil, err
}

// spend counts what somebody does a minute, under a key that tells nothing about them.
func (m *Modules) spend(ctx context.Context, tx *pg.Tx, key string, most int) error {
	blind, err := m.Encryption.MAC(ctx, tx, "quota", []byte(key))
	if err != nil {
		return err
	}
	return quota.Spend(ctx, tx, blind, most, time.Minute)
}

// measures tells the catalogue how services did, from the clocks of their cases.
type measures struct{ performance *performance.Service }

// Measured is performance's.
func (m measures) Measured(ctx context.Context, tx *pg.Tx, since time.Time) (list []catalog.Measure, err error) {
	measured, err := m.performance.Measured(ctx, tx, since)
	for _, s := range measured {
		list = append(list, catalog.Measure(s))
	}
	return list, err
}
