package channel

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/consumer/channel/internal/channeldb"
	"digit/internal/infra/audit"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// call is one message being answered.
type call struct {
	*talk
	s     *Service
	ctx   context.Context
	tx    *pg.Tx
	set   tenancy.Settings
	in    dialogue.Input
	rest  string   // what stood behind a command
	notes []string // said before the screen
	again bool     // the same as somebody else: who proved the number
	wants *wanted  // a file that has to be fetched first
	late  bool     // something written later has moved the conversation
	acted string   // what was done, for the record
	quiet bool     // nothing is answered
	end   bool
}

// say returns words of the catalogue in the conversation's language.
func (c *call) say(key string, pairs ...any) string {
	args := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return c.s.deps.Texts.T(c.Lang, key, args)
}

func (c *call) note(key string, pairs ...any) { c.notes = append(c.notes, c.say(key, pairs...)) }

// turned is what becomes of a message: an answer, the same once more as who has just proved the number (again), or once more with a file.
type turned struct {
	reply Reply
	again bool
	wants *wanted
}

// turn moves the conversation by what was heard, and returns what is said. What has moved the conversation before only says again where it
// stands.
func (s *Service) turn(ctx context.Context, tx *pg.Tx, heard uuid.UUID, got *fetched) (out turned, err error) {
	row, err := db.GetHeard(ctx, tx, heard)
	if err != nil {
		return out, err
	}
	t, err := s.lockTalk(ctx, tx, row.TalkID)
	if err != nil {
		return out, err
	}
	if row, err = db.GetHeard(ctx, tx, heard); err != nil { // as it is now that nobody else moves the conversation
		return out, err
	}
	var m said
	if err := s.deps.Encryption.OpenJSON(ctx, tx, orZero(row.PersonID), heardPlace(heard), row.Body, &m); err != nil {
		return out, err
	}
	if row.AnsweredAt != nil {
		return turned{reply: m.Reply}, nil
	}
	c := &call{talk: &t, s: s, ctx: ctx, tx: tx, late: row.Late}
	if c.set, err = s.deps.Tenancy.Settings(ctx, tx); err != nil {
		return out, err
	}
	if !row.Taken {
		if row.SentAt != nil {
			if c.late, err = db.MovedSince(ctx, tx, channeldb.MovedSinceParams{TalkID: t.ID, Sent: *row.SentAt}); err != nil {
				return out, err
			}
		}
		if err := c.take(m, got); err != nil || c.wants != nil {
			return turned{wants: c.wants}, err
		}
	}
	if !c.again && !c.quiet {
		if m.Reply, err = c.show(); err != nil {
			return out, err
		}
	}
	if !c.again { // a screen may turn out to need a proof
		if err := s.send(ctx, tx, t, heard, m.Reply); err != nil {
			return out, err
		}
	}
	return turned{reply: m.Reply, again: c.again}, c.keep(row, m)
}

// keep writes down where the conversation stands and what was answered.
func (c *call) keep(row channeldb.ChannelHeard, m said) error {
	c.Heard = c.tx.Now
	if err := c.s.saveTalk(c.ctx, c.tx, *c.talk); err != nil {
		return err
	}
	sealed, err := c.s.deps.Encryption.SealJSON(c.ctx, c.tx, orZero(row.PersonID), heardPlace(row.ID), m)
	if err != nil {
		return err
	}
	p := channeldb.SetHeardParams{ID: row.ID, Body: sealed, Taken: true, Late: c.late}
	if !c.again {
		p.AnsweredAt = &c.tx.Now
	}
	if err := db.SetHeard(c.ctx, c.tx, p); err != nil || c.acted == "" {
		return err
	}
	return audit.Record(c.ctx, c.tx, audit.Entry{
		Action: "channel.talk." + c.acted, Object: "channel.talk", ObjectID: c.ID, Person: c.Person,
		Detail: map[string]any{"channel": c.Channel, "service": c.Service, "request": c.Request},
	})
}

// take reads what was written: first as a command, then as a number of the screen, then as whatever the step asks. What was written before
// something that has moved the conversation counts no more, but for the wish to be left alone.
func (c *call) take(m said, got *fetched) error {
	text := strings.TrimSpace(m.Text)
	if c.Channel == USSD {
		text = c.ussd(m)
	}
	command, rest := c.s.words.Command(text)
	switch {
	case c.Stopped != nil && command == dialogue.Help: // who asks is answered, and nothing more
		c.note("talk.help")
		return nil
	case c.Stopped != nil && (command != dialogue.Start || c.late):
		c.quiet = true
		return nil
	case c.late && command != dialogue.Stop:
		c.tooLate(m)
		return nil
	case m.File != nil:
		return c.takeFile(*m.File, got)
	case m.Strange:
		c.note("talk.strange")
		return nil
	}
	if c.resumed(m, text, command) {
		return nil
	}
	if text == "" {
		return nil // nothing was said: the screen again
	}
	if c.in = c.numbers(text); len(c.in.Values) != 1 || c.in.Values[0] != dialogue.More {
		c.Said = ""
	}
	if c.in.Values == nil || command != "" {
		if done, err := c.command(command, rest); done || err != nil {
			return err
		}
	}
	if len(c.in.Values) == 1 && c.in.Values[0] == dialogue.More {
		c.Sheet++
		return nil
	}
	c.Sheet = 0
	step := steps[c.Step]
	if step.take == nil {
		return nil
	}
	return step.take(c)
}

// tooLate says that a message arrived after a later one and was not used.
func (c *call) tooLate(m said) {
	words := []rune(strings.Join(strings.Fields(m.Text), " "))
	switch {
	case len(words) == 0:
		c.note("talk.late.file")
		return
	case len(words) > quoted:
		words = append(words[:quoted:quoted], '…')
	}
	c.note("talk.late", "text", string(words))
}

// quoted is how many characters of a message are told back.
const quoted = 40

// ussd returns what was typed last in a session: the provider sends all of it each time.
func (c *call) ussd(m said) string {
	if m.Session != c.Session {
		c.Session, c.Typed, c.Sheet = m.Session, "", 0
	}
	text, ok := strings.CutPrefix(m.Text, c.Typed)
	if !ok {
		text = m.Text[strings.LastIndex(m.Text, "*")+1:]
	}
	c.Typed = m.Text
	return strings.TrimSpace(strings.TrimPrefix(text, "*"))
}

// resumed asks whether to go on where somebody was, who comes back to a form after a while or dials anew.
func (c *call) resumed(m said, text, command string) bool {
	inForm := steps[c.Step].form
	away := c.tx.Now.Sub(c.Heard) > pause
	if c.Channel == USSD {
		away = !strings.Contains(m.Text, "*") && text == ""
	}
	if !away || command != "" || c.Step == stepWelcome {
		return false
	}
	if !inForm {
		c.Sheet = 0
		if c.Channel == USSD {
			c.reset(stepMenu)
		}
		return c.Channel == USSD
	}
	c.Paused, c.Step, c.Sheet = c.Step, stepResume, 0
	return true
}

// numbers reads numbers of the sheet that was shown; an input with other words has none.
func (c *call) numbers(text string) dialogue.Input {
	in := dialogue.Input{Text: text}
	words := strings.FieldsFunc(dialogue.Digits(text), func(r rune) bool { return r == ' ' || r == ',' || r == '.' || r == '،' || r == '+' || r == ')' })
	var values []string
	for _, word := range words {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > len(c.Shown) {
			return in
		}
		values = append(values, c.Shown[n-1])
	}
	if len(values) > 1 && !c.Typing { // several where one is chosen
		return in
	}
	in.Values = values
	return in
}

func (c *call) cut(screen dialogue.Screen) []dialogue.Sheet {
	shape := map[string]dialogue.Shape{SMS: dialogue.SMS, WhatsApp: dialogue.WhatsApp, USSD: dialogue.USSD}[c.Channel]
	return screen.Sheets(shape, c.say("talk.more"))
}

// command does what a word asks at any moment; false for what is no command here.
func (c *call) command(command, rest string) (bool, error) {
	zero := dialogue.Digits(c.in.Text)
	if command == "" && (zero == "0" && !c.Typing || zero == "00") {
		command = dialogue.Back
	}
	c.rest = rest
	switch command {
	case dialogue.Stop:
		return true, c.stop()
	case dialogue.Start:
		return true, c.start()
	case dialogue.Menu:
		c.reset(stepMenu)
	case dialogue.Help:
		c.note("talk.help")
		c.Sheet = 0
	case dialogue.Language:
		c.After, c.Step, c.Sheet = c.Step, stepLanguage, 0
	case dialogue.Status:
		c.reset(stepFind)
		c.Words = rest
		return true, c.goPersonal(stepStatus, rest)
	case dialogue.Back:
		c.Sheet = 0
		return true, c.back()
	case dialogue.Skip:
		c.in.Text, c.in.Values = "-", nil
		return false, nil
	default:
		return false, nil
	}
	return true, nil
}

// back goes where somebody came from.
func (c *call) back() error {
	if step := steps[c.Step]; step.back != nil {
		return step.back(c)
	}
	c.reset(stepMenu)
	return nil
}

// show puts the conversation into words, and remembers what its numbers stand for.
func (c *call) show() (Reply, error) {
	if c.Stopped != nil {
		return Reply{Text: strings.Join(c.notes, "\n"), End: true}, nil
	}
	screen, err := steps[c.Step].show(c)
	if err != nil || c.again {
		return Reply{}, err
	}
	if len(c.notes) > 0 {
		c.Said, c.Sheet = strings.Join(c.notes, "\n"), 0
	}
	if c.Said != "" { // what is said once stands before the first sheet
		screen.Text = c.Said + "\n\n" + screen.Text
	}
	sheets := c.cut(screen)
	if c.Sheet >= len(sheets) {
		c.Sheet = 0
	}
	sheet := sheets[c.Sheet]
	c.Shown, c.Typing = nil, screen.Free
	r := Reply{Text: sheet.Text, End: screen.End && sheet.Last}
	for _, o := range sheet.Options {
		c.Shown, r.Choices = append(c.Shown, o.Value), append(r.Choices, o.Label)
	}
	return r, nil
}

// foot says how to go back: by a nought where numbers are chosen, by two where something is typed.
func (c *call) foot(free bool) string {
	if c.Channel != USSD {
		return cmp.Or(map[bool]string{false: "0. " + c.say("talk.back")}[free], "")
	}
	if free {
		return "00. " + c.say("talk.back")
	}
	return "0. " + c.say("talk.back")
}
