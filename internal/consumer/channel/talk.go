package channel

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/consumer/channel/internal/channeldb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

var db = channeldb.New()

// talk is a conversation with a number.
type talk struct {
	ID      uuid.UUID
	Channel string
	Person  uuid.UUID // uuid.Nil until somebody proved to be there
	Lang    string
	Proved  *time.Time
	Stopped *time.Time
	Heard   time.Time
	state
}

// state is where a conversation stands; all of it is sealed.
type state struct {
	Number  string `json:"number"`
	Session string `json:"session,omitempty"` // USSD: the session, and all that was typed in it
	Typed   string `json:"typed,omitempty"`

	Step     string              `json:"step"`
	After    string              `json:"after,omitempty"`  // where to go on once the number is proved
	Sheet    int                 `json:"sheet,omitempty"`  // of a screen that is too long
	Said     string              `json:"said,omitempty"`   // what stands before the screen, as long as it is read
	Shown    []string            `json:"shown,omitempty"`  // what the numbers of the sheet stand for, from 1
	Typing   bool                `json:"typing,omitempty"` // something is typed, rather than chosen
	Code     uuid.UUID           `json:"code,omitzero"`    // the one-time code that was sent
	Words    string              `json:"words,omitempty"`  // sought
	Service  string              `json:"service,omitempty"`
	Screened map[string][]string `json:"screened,omitempty"` // answers to the questions before applying
	Request  uuid.UUID           `json:"request,omitzero"`
	Paused   string              `json:"paused,omitempty"` // the step that somebody came back to
	Asked    string              `json:"asked,omitempty"`  // the question that parts of an answer are of
	Chosen   bool                `json:"chosen,omitempty"` // the language was chosen
	Filed    string              `json:"filed,omitempty"`  // where the last file went
	Bill     uuid.UUID           `json:"bill,omitzero"`    // the demand that a link was made for, and the secret of the link
	BillLink string              `json:"bill_link,omitempty"`

	dialogue.Progress
}

// reset forgets what a conversation was about, and not with whom it is.
func (t *state) reset(step string) {
	*t = state{Number: t.Number, Session: t.Session, Typed: t.Typed, Chosen: t.Chosen, Bill: t.Bill, BillLink: t.BillLink, Step: step}
}

// numberField is the field of the indexes of numbers.
const numberField = "channel.talk.number"

func talkPlace(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "channel.talk", Column: "body", Row: row}
}

func heardPlace(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "channel.heard", Column: "body", Row: row}
}

// findTalk returns the conversation with a number, beginning one with the first message.
func (s *Service) findTalk(ctx context.Context, tx *pg.Tx, channel, number string) (uuid.UUID, error) {
	indexes, err := s.deps.Encryption.BlindIndexes(ctx, tx, numberField, number)
	if err != nil {
		return uuid.Nil, err
	}
	find := channeldb.FindTalkParams{Channel: channel, Indexes: indexes}
	known, err := db.FindTalk(ctx, tx, find)
	if err == nil || !pg.NotFound(err) {
		return known, err
	}
	set, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	row := id.New()
	first := state{Number: number, Step: stepWelcome}
	sealed, err := s.deps.Encryption.SealJSON(ctx, tx, uuid.Nil, talkPlace(row), first)
	if err != nil {
		return uuid.Nil, err
	}
	err = db.InsertTalk(ctx, tx, channeldb.InsertTalkParams{
		ID: row, Channel: channel, NumberIndex: indexes[0], Lang: set.DefaultLanguage, Body: sealed, Now: tx.Now,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return db.FindTalk(ctx, tx, find) // another message may have been faster
}

// LastWord returns when a number last wrote by a channel, by the provider's clock; zero where it has not in the last days. Permission: the
// system's, which sends. Errors: ErrForbidden.
func (s *Service) LastWord(ctx context.Context, tx *pg.Tx, channel, number string) (at time.Time, err error) {
	defer fault.Wrap(&err, "channel.LastWord(%s)", channel)
	if tx.Actor.Kind != "system" {
		return at, ErrForbidden
	}
	indexes, err := s.deps.Encryption.BlindIndexes(ctx, tx, numberField, number)
	if err != nil {
		return at, err
	}
	at, err = db.LastWord(ctx, tx, channeldb.LastWordParams{Channel: channel, Indexes: indexes})
	if pg.NotFound(err) {
		return time.Time{}, nil
	}
	return at, err
}

// lockTalk loads a conversation; two messages at once move it one after the other.
func (s *Service) lockTalk(ctx context.Context, tx *pg.Tx, talkID uuid.UUID) (talk, error) {
	row, err := db.LockTalk(ctx, tx, talkID)
	if err != nil {
		return talk{}, err
	}
	return s.openTalk(ctx, tx, row)
}

func (s *Service) openTalk(ctx context.Context, tx *pg.Tx, row channeldb.ChannelTalk) (talk, error) {
	t := talk{ID: row.ID, Channel: row.Channel, Person: orZero(row.PersonID), Lang: row.Lang, Proved: row.ProvedAt, Stopped: row.StoppedAt, Heard: row.HeardAt}
	return t, s.deps.Encryption.OpenJSON(ctx, tx, t.Person, talkPlace(t.ID), row.Body, &t.state)
}

// saveTalk keeps where a conversation stands, sealed with the key of who is at the number now.
func (s *Service) saveTalk(ctx context.Context, tx *pg.Tx, t talk) error {
	sealed, err := s.deps.Encryption.SealJSON(ctx, tx, t.Person, talkPlace(t.ID), t.state)
	if err != nil {
		return err
	}
	return db.SetTalk(ctx, tx, channeldb.SetTalkParams{
		ID: t.ID, PersonID: orNil(t.Person), Lang: t.Lang, Body: sealed, ProvedAt: t.Proved, StoppedAt: t.Stopped, HeardAt: t.Heard,
	})
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
