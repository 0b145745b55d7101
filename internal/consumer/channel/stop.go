package channel

import (
	"errors"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
)

// stop ends the conversation and the notices by this channel: nothing is said to the number any more until it begins again. That is said once.
// A number that is nobody's has no notices; a call has none either.
func (c *call) stop() error {
	c.reset(stepMenu)
	c.Stopped, c.acted, c.end = &c.tx.Now, "stop", true
	c.note("talk.stopped")
	person, err := c.owner()
	if err != nil || person == zeroID {
		return err
	}
	stopped, err := c.s.deps.Profiles.Stop(c.ctx, c.tx, person, c.Channel)
	if err != nil || !stopped {
		return err
	}
	site, err := c.s.deps.PublicURL(c.ctx, c.tx)
	c.note("talk.stopped.notices", "link", site)
	return err
}

// start begins the conversation again, and the notices that were stopped.
func (c *call) start() error {
	if c.Stopped != nil {
		c.Stopped, c.acted = nil, "start"
	}
	c.reset(stepMenu)
	person, err := c.owner()
	if err != nil || person == zeroID {
		return err
	}
	resumed, err := c.s.deps.Profiles.Resume(c.ctx, c.tx, person, c.Channel)
	if resumed {
		c.note("talk.started.notices")
	}
	return err
}

// owner is whose notices come to the number: who has proved it for their account. Nobody where no notices come this way.
func (c *call) owner() (uuid.UUID, error) {
	if c.Channel == USSD || c.tx.Actor.Kind != "system" {
		return zeroID, nil
	}
	person, err := c.s.deps.Identity.Known(c.ctx, c.tx, c.Number)
	if errors.Is(err, identity.ErrAddress) {
		return zeroID, nil
	}
	return person, err
}
