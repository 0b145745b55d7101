package channel

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/consumer/channel/internal/channeldb"
	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Ticket is a link by which a file is handed in, once: where it goes, and what it may be.
type Ticket struct {
	Person  uuid.UUID
	Request uuid.UUID
	Lang    string
	Label   string // the question, in that language
	Place   servicespec.FilePlace
	Expires time.Time
}

// codeBytes make a code of ten letters and digits. Whoever has a telephone without a browser types it elsewhere, so it is short; it is good
// once, for a day, to send one file, and who asks for codes is slowed down.
const (
	codeBytes = 6
	codeGroup = 5
)

// Code reads a code as people type it: in small letters, with or without the strokes, with the digits that look like its letters.
func Code(typed string) string {
	typed = strings.NewReplacer("-", "", " ", "", "0", "O", "1", "I").Replace(strings.ToUpper(dialogue.Digits(strings.TrimSpace(typed))))
	var parts []string
	for part := range slices.Chunk([]byte(typed), codeGroup) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, "-")
}

// ticket makes a code by which a file is handed in on a page, and returns it with where the page is.
func (c *call) ticket(place string) (site, code string, err error) {
	if site, err = c.s.deps.PublicURL(c.ctx, c.tx); err != nil {
		return "", "", err
	}
	if err := db.DeleteOldTickets(c.ctx, c.tx, channeldb.DeleteOldTicketsParams{TalkID: c.ID, ExpiresAt: c.tx.Now}); err != nil {
		return "", "", err
	}
	code = Code(id.Base32(codeBytes))
	return site, code, db.InsertTicket(c.ctx, c.tx, channeldb.InsertTicketParams{
		ID: id.New(), TokenHash: id.Digest(code), TalkID: c.ID, PersonID: c.Person, RequestID: c.Request, Place: place, ExpiresAt: c.tx.Now.Add(ticketLasts),
	})
}

// Holder returns whose file a link is for, as whom it is then opened. Anybody who has the link may ask. Errors: ErrTicket.
func (s *Service) Holder(ctx context.Context, tx *pg.Tx, token string) (person uuid.UUID, err error) {
	defer fault.Wrap(&err, "channel.Holder")
	row, err := db.FindTicket(ctx, tx, id.Digest(Code(token)))
	if pg.NotFound(err) || err == nil && !good(row, tx.Now) {
		return uuid.Nil, ErrTicket
	}
	return row.PersonID, err
}

func good(row channeldb.ChannelTicket, now time.Time) bool {
	return row.UsedAt == nil && now.Before(row.ExpiresAt)
}

// Ticket returns what a link is for. Permission: its holder's. Errors: ErrTicket, those of requests.
func (s *Service) Ticket(ctx context.Context, tx *pg.Tx, token string) (t Ticket, err error) {
	defer fault.Wrap(&err, "channel.Ticket")
	row, err := db.FindTicket(ctx, tx, id.Digest(Code(token)))
	if pg.NotFound(err) || err == nil && (!good(row, tx.Now) || row.PersonID != tx.Actor.ID) {
		return t, ErrTicket
	}
	if err != nil {
		return t, err
	}
	return s.describe(ctx, tx, row)
}

func (s *Service) describe(ctx context.Context, tx *pg.Tx, row channeldb.ChannelTicket) (t Ticket, err error) {
	talkRow, err := db.GetTalk(ctx, tx, row.TalkID)
	if err != nil {
		return t, err
	}
	r, err := s.deps.Requests.Request(ctx, tx, row.PersonID, row.RequestID)
	if err != nil {
		return t, err
	}
	spec, _, err := s.deps.Requests.Spec(ctx, tx, r)
	if err != nil {
		return t, err
	}
	place, ok := spec.FilePlace(row.Place)
	if !ok {
		return t, ErrTicket
	}
	t = Ticket{Person: row.PersonID, Request: row.RequestID, Lang: talkRow.Lang, Place: place, Expires: row.ExpiresAt}
	if q := spec.Question(place.Path); q != nil {
		t.Label = q.Label.In(t.Lang, spec.Pack().Languages[0])
	}
	return t, nil
}

// HandIn keeps the file that came by a link, which is over then, and lets the conversation go on. Permission: its holder's.
// Errors: ErrTicket, and those of request.Attach.
func (s *Service) HandIn(ctx context.Context, tx *pg.Tx, token string, file document.Upload) (err error) {
	defer fault.Wrap(&err, "channel.HandIn")
	row, err := db.LockTicket(ctx, tx, id.Digest(Code(token)))
	if pg.NotFound(err) || err == nil && (!good(row, tx.Now) || row.PersonID != tx.Actor.ID) {
		return ErrTicket
	}
	if err != nil {
		return err
	}
	t, err := s.lockTalk(ctx, tx, row.TalkID)
	if err != nil {
		return err
	}
	if _, err := s.deps.Requests.Attach(ctx, tx, row.PersonID, row.RequestID, row.Place, file); err != nil {
		return err
	}
	if err := db.UseTicket(ctx, tx, channeldb.UseTicketParams{ID: row.ID, UsedAt: &tx.Now}); err != nil {
		return err
	}
	place, err := s.describe(ctx, tx, row)
	if err != nil {
		return err
	}
	if t.Request == row.RequestID {
		t.Trail = append(slices.DeleteFunc(t.Trail, func(p string) bool { return p == place.Place.Path }), place.Place.Path)
		t.Question, t.Parts, t.Heard = "", nil, tx.Now
		if err := s.saveTalk(ctx, tx, t); err != nil {
			return err
		}
		ref := id.Digest("ticket:" + row.ID.String())
		if _, err := s.keepHeard(ctx, tx, t.ID, ref, time.Time{}, said{}); err != nil { // which asks the next question
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "channel.talk.file", Object: "channel.talk", ObjectID: t.ID, Person: row.PersonID, Detail: map[string]any{"channel": t.Channel, "request": row.RequestID},
	})
}
