package channel

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/internal/channeldb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// talkLasts is for how long a conversation is kept in which nobody writes. One that was stopped is kept, since the wish is.
const talkLasts = 365 * 24 * time.Hour

// Conversation is what is kept of a conversation, for the copy of their data that people can ask for.
type Conversation struct {
	Channel  string     `json:"channel"`
	Number   string     `json:"number"`
	Language string     `json:"language"`
	Begun    time.Time  `json:"begun"`
	Last     time.Time  `json:"last"`
	Stopped  *time.Time `json:"stopped,omitempty"`
	Messages []Line     `json:"messages"`
}

// Line is one message of the last days, with what was answered.
type Line struct {
	At     time.Time `json:"at"`
	Text   string    `json:"text"`
	File   string    `json:"file,omitempty"` // its media type
	Late   bool      `json:"late,omitempty"`
	Answer string    `json:"answer"`
}

// Conversations returns what is kept of a person's conversations. Permission: the person's own. Errors: ErrForbidden.
func (s *Service) Conversations(ctx context.Context, tx *pg.Tx, person uuid.UUID) (list []Conversation, err error) {
	defer fault.Wrap(&err, "channel.Conversations(%s)", person)
	if tx.Actor.Kind != "person" || tx.Actor.ID != person {
		return nil, ErrForbidden
	}
	rows, err := db.ListTalksOf(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		t, err := s.openTalk(ctx, tx, row)
		if err != nil {
			return nil, err
		}
		c := Conversation{Channel: t.Channel, Number: t.Number, Language: t.Lang, Begun: row.CreatedAt, Last: t.Heard, Stopped: t.Stopped}
		if c.Messages, err = s.lines(ctx, tx, t.ID); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func (s *Service) lines(ctx context.Context, tx *pg.Tx, talkID uuid.UUID) (lines []Line, err error) {
	rows, err := db.ListHeard(ctx, tx, talkID)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		var m said
		err := s.deps.Encryption.OpenJSON(ctx, tx, orZero(row.PersonID), heardPlace(row.ID), row.Body, &m)
		if errors.Is(err, encryption.ErrForgotten) {
			continue
		}
		if err != nil {
			return nil, err
		}
		l := Line{At: row.HeardAt, Text: m.Text, Late: row.Late, Answer: m.Reply.Text}
		if m.File != nil {
			l.File = m.File.MediaType
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// SweepArgs names a conversation whose old messages, links and codes go.
type SweepArgs struct {
	job.Tenant
	Talk uuid.UUID `json:"talk"`
}

// Kind is the job's name.
func (SweepArgs) Kind() string { return "channel.sweep" }

// sweepLater has what is kept of a conversation go in time, counted anew from each message.
func sweepLater(ctx context.Context, tx *pg.Tx, talkID uuid.UUID, after time.Duration) error {
	return tx.At(ctx, tx.Now.Add(after), "channel.sweep:"+talkID.String(), &SweepArgs{Talk: talkID})
}

// sweep deletes the messages that are no longer needed to know repetitions by, links that are over, and the conversation itself once nobody has
// written for a year.
func (s *Service) sweep(ctx context.Context, tx *pg.Tx, a SweepArgs) (err error) {
	defer fault.Wrap(&err, "channel.sweep(%s)", a.Talk)
	row, err := db.LockTalk(ctx, tx, a.Talk)
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := db.DeleteOldHeard(ctx, tx, channeldb.DeleteOldHeardParams{TalkID: row.ID, HeardAt: tx.Now.Add(-remembered)}); err != nil {
		return err
	}
	if err := db.DeleteOldTickets(ctx, tx, channeldb.DeleteOldTicketsParams{TalkID: row.ID, ExpiresAt: tx.Now}); err != nil {
		return err
	}
	if over := row.HeardAt.Add(talkLasts); tx.Now.Before(over) || row.StoppedAt != nil {
		return sweepLater(ctx, tx, row.ID, max(over.Sub(tx.Now), remembered))
	}
	return db.DeleteTalk(ctx, tx, row.ID)
}
