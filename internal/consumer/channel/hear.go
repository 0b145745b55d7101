package channel

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/consumer/channel/internal/channeldb"
	"digit/internal/infra/encryption/blind"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// Message is what somebody wrote, as the provider brings it.
type Message struct {
	Channel string // SMS, WhatsApp or USSD
	Number  string // as the provider writes it
	Ref     string // the provider's own name for it: what comes twice is heard once
	Text    string
	Session string        // USSD: the session. Text is then all that was typed in it, joined by "*"
	Sent    time.Time     // by the provider's clock; zero where it does not say
	File    *carrier.File // a picture, say; the provider keeps it until it is fetched
	Strange bool          // of a kind that nothing can be read from
}

// said is a message with its answer, as it is kept.
type said struct {
	Text    string        `json:"text"`
	Session string        `json:"session,omitempty"`
	File    *carrier.File `json:"file,omitempty"`
	Strange bool          `json:"strange,omitempty"`
	Reply   Reply         `json:"reply,omitzero"`
}

// Reply is what is said back. End closes a USSD session.
type Reply struct {
	Text string `json:"text,omitempty"`
	End  bool   `json:"end,omitempty"`
	// Choices are the answers by number, for channels with buttons; nil where nothing is chosen.
	Choices []string `json:"choices,omitempty"`
}

// Hear takes in what somebody wrote and returns its id; that of the first one where the provider brings it again. What did not come by USSD
// is answered by a job. Permission: the system's, once the provider was believed. Errors: ErrForbidden, ErrChannel, ErrNumber, quota.ErrSpent.
func (s *Service) Hear(ctx context.Context, tx *pg.Tx, m Message) (heard uuid.UUID, err error) {
	defer fault.Wrap(&err, "channel.Hear(%s)", m.Channel)
	if tx.Actor.Kind != "system" {
		return uuid.Nil, ErrForbidden
	}
	if m.Channel != SMS && m.Channel != WhatsApp && m.Channel != USSD {
		return uuid.Nil, ErrChannel
	}
	set, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	if !strings.HasPrefix(m.Number, "+") && m.Channel == WhatsApp { // Meta leaves the sign away
		m.Number = "+" + m.Number
	}
	number, ok := blind.Phone(m.Number, set.PhoneRegion)
	if !ok || m.Ref == "" {
		return uuid.Nil, ErrNumber
	}
	talkID, err := s.findTalk(ctx, tx, m.Channel, number)
	if err != nil {
		return uuid.Nil, err
	}
	ref := id.Digest(m.Ref)
	if known, err := db.FindHeard(ctx, tx, channeldb.FindHeardParams{TalkID: talkID, Ref: ref}); err == nil || !pg.NotFound(err) {
		return known, err
	}
	most := perMinute
	if m.Channel == USSD {
		most = stepsPerMinute
	}
	if err := s.deps.Spend(ctx, tx, "talk "+m.Channel+" "+number, most); err != nil {
		return uuid.Nil, err
	}
	if m.Sent.After(tx.Wall.Add(skew)) { // or one clock that is wrong would make all that follows too late
		m.Sent = tx.Wall
	}
	return s.keepHeard(ctx, tx, talkID, ref, m.Sent, said{Text: cutText(m.Text), Session: m.Session, File: m.File, Strange: m.Strange})
}

// skew is by how much a provider's clock may be ahead of ours.
const skew = 5 * time.Minute

// longest is how many bytes of a message are read: as much as any answer may have.
const longest = 4096

func cutText(s string) string {
	if len(s) > longest {
		s = s[:longest]
	}
	return strings.ToValidUTF8(s, "")
}

func (s *Service) keepHeard(ctx context.Context, tx *pg.Tx, talkID uuid.UUID, ref []byte, sent time.Time, m said) (uuid.UUID, error) {
	row, err := db.GetTalk(ctx, tx, talkID)
	if err != nil {
		return uuid.Nil, err
	}
	if err := db.DeleteOldHeard(ctx, tx, channeldb.DeleteOldHeardParams{TalkID: talkID, HeardAt: tx.Now.Add(-remembered)}); err != nil {
		return uuid.Nil, err
	}
	heard := id.New()
	sealed, err := s.deps.Encryption.SealJSON(ctx, tx, orZero(row.PersonID), heardPlace(heard), m)
	if err != nil {
		return uuid.Nil, err
	}
	p := channeldb.InsertHeardParams{ID: heard, TalkID: talkID, PersonID: row.PersonID, Ref: ref, Body: sealed, HeardAt: tx.Now}
	if !sent.IsZero() {
		p.SentAt = &sent
	}
	fresh, err := db.InsertHeard(ctx, tx, p)
	if pg.NotFound(err) {
		return db.FindHeard(ctx, tx, channeldb.FindHeardParams{TalkID: talkID, Ref: ref})
	}
	if err != nil {
		return fresh, err
	}
	if err := sweepLater(ctx, tx, talkID, remembered); err != nil || row.Channel == USSD {
		return fresh, err
	}
	return fresh, tx.Enqueue(ctx, &AnswerArgs{Heard: fresh})
}

// AnswerArgs names what was heard and is to be answered.
type AnswerArgs struct {
	job.Tenant
	Heard uuid.UUID `json:"heard"`
}

// Kind is the job's name.
func (AnswerArgs) Kind() string { return "channel.answer" }

// The patience with what cannot be answered.
const (
	// holdsUp is for how long a message that cannot be answered holds up those after it.
	holdsUp = 2 * time.Minute
	// fetches is how often a file is asked for before its owner is told that it cannot be had.
	fetches = 4
)

// answerJob answers what was written to a number before, and then what the job is for: two jobs of one number go the same way, message by
// message.
func (s *Service) answerJob(ctx context.Context, d *pg.DB, j *river.Job[AnswerArgs]) error {
	for before := uuid.Nil; ; {
		next := uuid.Nil
		err := d.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
			next, err = db.NextHeard(ctx, tx, channeldb.NextHeardParams{ID: j.Args.Heard, Since: tx.Now.Add(-holdsUp)})
			return err
		})
		if pg.NotFound(err) {
			return nil
		}
		if err == nil && next == before {
			err = errors.New("a message was not answered")
		}
		if err != nil {
			return err
		}
		if _, err := s.answer(ctx, d, job.Scope(j).Tenant, next, j.Attempt >= fetches); err != nil {
			return err
		}
		before = next
	}
}

// Answer moves the conversation by what was heard, once, and returns what is said back; text messages and WhatsApp are on their way then.
// It is asked outside a transaction, since who proves a number in the middle of it goes on as themselves, and a file is fetched. Permission:
// the system's.
func (s *Service) Answer(ctx context.Context, d *pg.DB, tenant, heard uuid.UUID) (reply Reply, err error) {
	defer fault.Wrap(&err, "channel.Answer(%s)", heard)
	return s.answer(ctx, d, tenant, heard, false)
}

// answer is Answer; last says that a file that cannot be fetched now is given up.
func (s *Service) answer(ctx context.Context, d *pg.DB, tenant, heard uuid.UUID, last bool) (reply Reply, err error) {
	var file *fetched
	for range 6 { // proving a number makes the unit of work another's, and a file is fetched between two
		system := pg.Scope{Tenant: tenant, Actor: pg.Actor{Kind: "system", RequestID: heard.String()}}
		scope := system
		err = d.InTx(ctx, system, func(ctx context.Context, tx *pg.Tx) (err error) {
			scope.Actor, err = s.speaker(ctx, tx, heard)
			return err
		})
		if err != nil {
			return reply, err
		}
		var t turned
		err = d.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
			t, err = s.turn(ctx, tx, heard, file)
			return err
		})
		if err != nil || !t.again && t.wants == nil {
			return t.reply, err
		}
		if t.wants != nil {
			if file, err = s.fetch(ctx, d, system, *t.wants, last); err != nil {
				return reply, err
			}
		}
	}
	return reply, err
}

// speaker is as whom a message is answered: as who is at the number, as far as that was proved and still counts, and as anybody otherwise. The
// wish to be left alone is the number's, whoever has it, and for the system to follow.
func (s *Service) speaker(ctx context.Context, tx *pg.Tx, heard uuid.UUID) (pg.Actor, error) {
	actor := tx.Actor
	row, err := db.GetHeard(ctx, tx, heard)
	if err != nil {
		return actor, err
	}
	t, err := db.GetTalk(ctx, tx, row.TalkID)
	if err != nil {
		return actor, err
	}
	var m said
	if err := s.deps.Encryption.OpenJSON(ctx, tx, orZero(row.PersonID), heardPlace(heard), row.Body, &m); err != nil {
		return actor, err
	}
	if command, _ := s.words.Command(m.Text); t.Channel != USSD && (command == dialogue.Stop || command == dialogue.Start) {
		return actor, nil
	}
	actor.Kind = "anonymous"
	if t.PersonID == nil || !counts(t.Channel, t.ProvedAt, tx.Now) {
		return actor, nil
	}
	still, err := s.still(ctx, tx, t.ID)
	if still {
		actor.Kind, actor.ID, actor.Purpose = "person", *t.PersonID, "own"
	}
	return actor, err
}

// still reports whether the number of a conversation is still its person's, whose account may be opened by it; where it is not, the proof is over.
func (s *Service) still(ctx context.Context, tx *pg.Tx, talkID uuid.UUID) (bool, error) {
	t, err := s.lockTalk(ctx, tx, talkID)
	if err != nil {
		return false, err
	}
	calls, err := s.deps.Identity.Calls(ctx, tx, t.Person, t.Number)
	if err != nil || calls {
		return calls, err
	}
	t.Proved = nil
	return false, s.saveTalk(ctx, tx, t)
}

// counts reports whether a number is still taken for proved.
func counts(channel string, proved *time.Time, now time.Time) bool {
	return proved != nil && (channel != SMS || now.Sub(*proved) < proofLasts)
}

// send puts an answer on its way. A message is answered once, however often it is worked on.
func (s *Service) send(ctx context.Context, tx *pg.Tx, t talk, heard uuid.UUID, r Reply) error {
	if t.Channel == USSD || r.Text == "" {
		return nil
	}
	m := notification.Message{
		Person: t.Person, Channel: t.Channel, Address: t.Number, Lang: t.Lang, Text: r.Text, Purpose: "talk.reply", Once: "channel.heard:" + heard.String(),
		Thread: t.ID,
	}
	if t.Channel == WhatsApp {
		m.Choices = r.Choices
	}
	_, err := s.deps.Notification.Send(ctx, tx, m)
	return err
}
