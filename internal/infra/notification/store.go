package notification

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/notification/internal/notificationdb"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

var db = notificationdb.New()

func place(column string, row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "notification.message", Column: column, Row: row}
}

func orNil(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

func orZero(u *uuid.UUID) uuid.UUID {
	if u == nil {
		return uuid.Nil
	}
	return *u
}

// insert seals and writes a message; false where its Once key was used before.
func (s *Service) insert(ctx context.Context, tx *pg.Tx, message uuid.UUID, m Message, status Status) (bool, error) {
	p := notificationdb.InsertMessageParams{
		ID: message, PersonID: orNil(m.Person), Channel: m.Channel, Lang: m.Lang, Purpose: m.Purpose,
		RelatedID: orNil(m.Related), Status: string(status), CreatedAt: tx.Now, ThreadID: orNil(m.Thread),
	}
	if m.Once != "" {
		p.Once = &m.Once
	}
	if m.Instead != nil {
		p.InsteadChannel, p.InsteadOnce = m.Instead.Channel, &m.Instead.Once
	}
	var err error
	if p.Address, err = s.keys.Seal(ctx, tx, m.Person, place("address", message), []byte(m.Address)); err != nil {
		return false, err
	}
	if m.Channel == WhatsApp {
		if p.Subject, err = s.sealExtras(ctx, tx, message, m); err != nil {
			return false, err
		}
	} else if m.Subject != "" {
		if p.Subject, err = s.keys.Seal(ctx, tx, m.Person, place("subject", message), []byte(m.Subject)); err != nil {
			return false, err
		}
	}
	if p.Text, err = s.keys.Seal(ctx, tx, m.Person, place("text", message), []byte(m.Text)); err != nil {
		return false, err
	}
	_, err = db.InsertMessage(ctx, tx, p)
	if pg.NotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// isBehind reports whether an earlier message of the same conversation is still on its way.
func isBehind(ctx context.Context, tx *pg.Tx, message uuid.UUID) (bool, error) {
	return db.MessageBehind(ctx, tx, notificationdb.MessageBehindParams{ID: message, Since: tx.Now.Add(-holdsUp)})
}

func idByOnce(ctx context.Context, tx *pg.Tx, once string) (uuid.UUID, error) {
	return db.GetMessageByOnce(ctx, tx, &once)
}

// channelOf returns a message's channel and whether it is queued.
func channelOf(ctx context.Context, tx *pg.Tx, message uuid.UUID) (string, bool, error) {
	m, err := db.GetMessage(ctx, tx, message)
	if pg.NotFound(err) {
		return "", false, ErrUnknown
	}
	return m.Channel, m.Status == string(Queued), err
}

// attempt counts a try and opens the message; nil where it is not queued any more.
func (s *Service) attempt(ctx context.Context, tx *pg.Tx, message uuid.UUID, kind string) (*Out, error) {
	m, err := db.TryMessage(ctx, tx, notificationdb.TryMessageParams{ID: message, Carrier: kind})
	if pg.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	person := orZero(m.PersonID)
	address, err := s.keys.Open(ctx, tx, person, place("address", message), m.Address)
	if err != nil {
		return nil, err
	}
	var subject []byte
	if m.Subject != nil {
		if subject, err = s.keys.Open(ctx, tx, person, place("subject", message), m.Subject); err != nil {
			return nil, err
		}
	}
	text, err := s.keys.Open(ctx, tx, person, place("text", message), m.Text)
	if err != nil {
		return nil, err
	}
	out := &Out{
		Tenant: tx.Tenant, ID: message, Channel: m.Channel, To: string(address), Subject: string(subject),
		Text: string(text), Lang: m.Lang,
	}
	if m.Channel == WhatsApp && len(subject) > 0 {
		var x extras
		out.Subject, err = "", json.Unmarshal(subject, &x)
		out.Choices, out.Fill = x.Choices, x.Fill
	}
	if err == nil && m.Channel == WhatsApp && m.ThreadID == nil {
		out.Purpose = m.Purpose
		out.Unasked, err = s.unasked(ctx, tx, m.Channel, out.To)
	}
	return out, err
}

// extras are what a WhatsApp message has besides its text. They were an array of choices alone before there were templates.
type extras struct {
	Choices []string          `json:"choices,omitempty"`
	Fill    map[string]string `json:"fill,omitempty"`
}

// UnmarshalJSON reads the choices alone, too.
func (x *extras) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, &x.Choices)
	}
	type plain extras
	return json.Unmarshal(data, (*plain)(x))
}

// unasked reports whether somebody has not written for so long that their provider takes templates alone.
func (s *Service) unasked(ctx context.Context, tx *pg.Tx, channel, address string) (bool, error) {
	if s.lastWord == nil {
		return false, nil
	}
	at, err := s.lastWord(ctx, tx, channel, address)
	return err == nil && tx.Wall.Sub(at) > window, err
}

// sealExtras seals what stands where an e-mail has its subject; nil for nothing.
func (s *Service) sealExtras(ctx context.Context, tx *pg.Tx, message uuid.UUID, m Message) ([]byte, error) {
	if len(m.Choices) == 0 && len(m.Fill) == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(extras{m.Choices, m.Fill})
	if err != nil {
		return nil, err
	}
	return s.keys.Seal(ctx, tx, m.Person, place("subject", message), plain)
}

// finish notes how a message ended. One that belongs to nobody, such as a code sent to an address that no account has, cannot
// be forgotten with a person: what it said and where it went is blanked at once, but for what lists show.
func (s *Service) finish(ctx context.Context, tx *pg.Tx, message uuid.UUID, status Status, ref, problem string) error {
	n, err := db.FinishMessage(ctx, tx, notificationdb.FinishMessageParams{
		ID: message, Status: string(status), CarrierRef: ref, Problem: problem, FinishedAt: &tx.Now,
	})
	if err != nil || n == 0 {
		return err
	}
	m, err := db.LockMessage(ctx, tx, message)
	if err != nil || m.PersonID != nil {
		return err
	}
	address, err := s.keys.Open(ctx, tx, uuid.Nil, place("address", message), m.Address)
	if err != nil {
		return err
	}
	p := notificationdb.SetMessageSealedParams{ID: message}
	if p.Address, err = s.keys.Seal(ctx, tx, uuid.Nil, place("address", message), []byte(Mask(string(address)))); err != nil {
		return err
	}
	if p.Text, err = s.keys.Seal(ctx, tx, uuid.Nil, place("text", message), nil); err != nil {
		return err
	}
	return db.SetMessageSealed(ctx, tx, p)
}

func noteProblem(ctx context.Context, tx *pg.Tx, message uuid.UUID, problem string) error {
	return db.NoteProblem(ctx, tx, notificationdb.NoteProblemParams{ID: message, Problem: problem})
}

func releaseWaiting(ctx context.Context, tx *pg.Tx, channel string) ([]uuid.UUID, error) {
	return db.ReleaseWaiting(ctx, tx, channel)
}

func (s *Service) list(ctx context.Context, tx *pg.Tx, f Filter, before uuid.UUID, limit int) ([]Row, error) {
	found, err := db.ListMessages(ctx, tx, notificationdb.ListMessagesParams{
		Person: orNil(f.Person), Related: orNil(f.Related),
		Channel: f.Channel, Status: string(f.Status), Before: orNil(before), Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(found))
	for i, m := range found {
		rows[i] = Row{
			ID: m.ID, Person: orZero(m.PersonID), Related: orZero(m.RelatedID), Channel: m.Channel, Lang: m.Lang,
			Purpose: m.Purpose, Status: Status(m.Status), Tries: int(m.Tries), Carrier: m.Carrier, Problem: m.Problem,
			Created: m.CreatedAt, Finished: m.FinishedAt, Delivered: m.DeliveredAt, Read: m.ReadAt,
			InsteadBy: m.InsteadChannel,
		}
		if m.InsteadID == nil {
			rows[i].InsteadBy = ""
		}
		// Whose key was destroyed has no address any more; the row stays, for the count.
		address, err := s.keys.Open(ctx, tx, rows[i].Person, place("address", m.ID), m.Address)
		if err == nil {
			rows[i].Address = Mask(string(address))
		} else if !errors.Is(err, encryption.ErrForgotten) {
			return nil, err
		}
	}
	return rows, nil
}

func backlogs(ctx context.Context, tx *pg.Tx) ([]Backlog, error) {
	rows, err := db.CountByStatus(ctx, tx)
	list := make([]Backlog, len(rows))
	for i, r := range rows {
		list[i] = Backlog{Channel: r.Channel, Status: Status(r.Status), Count: r.N}
	}
	return list, err
}

func (s *Service) putProvider(ctx context.Context, tx *pg.Tx, p Provider) error {
	plain, err := json.Marshal(p.Settings)
	if err != nil {
		return err
	}
	row := id.New()
	sealed, err := s.keys.Seal(ctx, tx, uuid.Nil, providerPlace(row), plain)
	if err != nil {
		return err
	}
	return db.PutProvider(ctx, tx, notificationdb.PutProviderParams{
		Channel: p.Channel, ID: row, Kind: p.Kind, Settings: sealed, ChangedAt: tx.Now,
	})
}

func providerPlace(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "notification.provider", Column: "settings", Row: row}
}

// provider returns the provider of a channel; false where there is none.
func (s *Service) provider(ctx context.Context, tx *pg.Tx, channel string) (Provider, bool, error) {
	r, err := db.GetProvider(ctx, tx, channel)
	if pg.NotFound(err) {
		return Provider{}, false, nil
	}
	if err != nil {
		return Provider{}, false, err
	}
	p, err := s.openProvider(ctx, tx, r)
	return p, err == nil, err
}

func (s *Service) providers(ctx context.Context, tx *pg.Tx) ([]Provider, error) {
	rows, err := db.ListProviders(ctx, tx)
	if err != nil {
		return nil, err
	}
	list := make([]Provider, len(rows))
	for i, r := range rows {
		if list[i], err = s.openProvider(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) openProvider(ctx context.Context, tx *pg.Tx, r notificationdb.NotificationProvider) (Provider, error) {
	p := Provider{Channel: r.Channel, Kind: r.Kind}
	plain, err := s.keys.Open(ctx, tx, uuid.Nil, providerPlace(r.ID), r.Settings)
	if err != nil {
		return p, err
	}
	err = json.Unmarshal(plain, &p.Settings)
	return p, err
}
