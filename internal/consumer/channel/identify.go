package channel

import (
	"errors"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

var zeroID = uuid.Nil

// prove finds out who is at the number before a personal step. The sender of a text message can be forged, so a code goes to the number,
// which who writes must read; for calls and WhatsApp the provider's word is enough.
func (c *call) prove(then string) error {
	if c.Person != zeroID && counts(c.Channel, c.Proved, c.tx.Now) {
		c.again = true // proved before: the same once more as themselves
		return nil
	}
	c.After = then
	if c.Channel == SMS {
		return c.sendCode()
	}
	person, err := c.s.deps.Identity.Caller(c.ctx, c.tx, c.Number, c.Lang)
	if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindForbidden {
		return c.shut(err)
	}
	if err != nil {
		return err
	}
	return c.attach(person)
}

// sendCode sends a one-time code to the number and asks for it.
func (c *call) sendCode() error {
	code, err := c.s.deps.Identity.StartCode(c.ctx, c.tx, identity.StartCode{Channel: identity.ChannelSMS, Address: c.Number, Lang: c.Lang})
	if errors.Is(err, identity.ErrTooManyCodes) {
		c.note("talk.code.many")
		c.reset(stepMenu)
		return nil
	}
	if err != nil {
		return err
	}
	c.Code, c.Step, c.Sheet = code, stepCode, 0
	return nil
}

// shut tells somebody whose account cannot be opened by a number alone where to go instead.
func (c *call) shut(err error) error {
	site, siteErr := c.s.deps.PublicURL(c.ctx, c.tx)
	if siteErr != nil {
		return siteErr
	}
	key := "talk.suspended"
	if errors.Is(err, identity.ErrCallerSecond) {
		key = "talk.second"
	}
	c.note(key, "link", site)
	c.reset(stepMenu)
	return nil
}

// attach makes the conversation that of a person, who goes on where the proof was asked; who has no name yet is asked for it first.
func (c *call) attach(person uuid.UUID) error {
	if c.Person != zeroID && c.Person != person { // the number is another's now: nothing of the one before goes on
		c.reset(stepMenu)
		c.Bill, c.BillLink, c.After, c.Chosen = zeroID, "", stepMenu, false
	}
	c.Person, c.Proved, c.acted, c.again = person, &c.tx.Now, "prove", true
	lang, err := c.s.deps.Identity.Language(c.ctx, c.tx, person)
	if err != nil {
		return err
	}
	if !c.Chosen {
		c.Lang = i18n.Match(lang, c.set.Languages)
	}
	name, err := c.s.deps.Identity.Name(c.ctx, c.tx, person)
	if err != nil {
		return err
	}
	if c.Step = c.After; name == "" {
		c.Step = stepName
		return nil
	}
	c.After = ""
	return nil
}

func (c *call) showCode() (dialogue.Screen, error) {
	return dialogue.Screen{Text: c.say("talk.code"), Free: true, Foot: c.foot(true)}, nil
}

func (c *call) takeCode() error {
	person, err := c.s.deps.Identity.FinishCaller(c.ctx, c.tx, c.Code, c.in.Text)
	switch {
	case err == nil:
		return c.attach(person)
	case errors.Is(err, identity.ErrCodeWrong):
		c.note("talk.code.wrong", "left", fault.Of(err).Args["left"])
		return nil
	case errors.Is(err, identity.ErrCodeExpired), errors.Is(err, identity.ErrCodeTries), errors.Is(err, identity.ErrCodeUsed):
		c.note("talk.code.over")
		return c.sendCode()
	}
	if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindForbidden {
		return c.shut(err)
	}
	return err
}

func (c *call) showName() (dialogue.Screen, error) {
	return dialogue.Screen{Text: c.say("talk.name"), Free: true, Foot: c.foot(true)}, nil
}

// takeName gives a new account its name, the one thing that is asked.
func (c *call) takeName() error {
	name := strings.Join(strings.Fields(c.in.Text), " ")
	err := c.s.deps.Identity.Rename(c.ctx, c.tx, c.Person, name)
	if errors.Is(err, identity.ErrName) {
		c.note("talk.name.wrong")
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.s.deps.Profiles.Ensure(c.ctx, c.tx, c.Person, name, c.Lang); err != nil {
		return err
	}
	c.Step, c.After = c.After, ""
	return nil
}
