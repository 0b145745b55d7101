package channel

import (
	"cmp"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/consumer/request"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
)

// goPersonal goes to a step that speaks of a request, by its reference where one was written.
func (c *call) goPersonal(step, reference string) error {
	c.reset(step)
	if c.Words = reference; step == stepStatus && reference == "" {
		c.Step = stepReference
	}
	return nil
}

func (c *call) showReference() (dialogue.Screen, error) {
	return dialogue.Screen{Text: c.say("talk.reference"), Options: c.options("mine"), Foot: c.foot(false)}, nil
}

func (c *call) takeReference() error {
	if c.chose() == "mine" {
		c.reset(stepMine)
		return nil
	}
	return c.goPersonal(stepStatus, c.in.Text)
}

// mostMine is how many requests are listed.
const mostMine = 50

func (c *call) showMine() (dialogue.Screen, error) {
	found, err := c.s.deps.Requests.Mine(c.ctx, c.tx, c.Person, request.Filter{}, page.Request{Size: mostMine})
	if err != nil {
		return dialogue.Screen{}, err
	}
	screen := dialogue.Screen{Text: c.say("talk.mine"), Foot: c.foot(false)}
	if len(found.Rows) == 0 {
		screen.Text, screen.Options = c.say("talk.mine.none"), c.options("find")
	}
	for _, r := range found.Rows {
		name, err := c.name(r)
		if err != nil {
			return screen, err
		}
		screen.Options = append(screen.Options, dialogue.Option{Value: r.ID.String(), Label: name + ", " + cmp.Or(r.Reference, c.say("talk.status.draft"))})
	}
	return screen, nil
}

// name is what the service of a request is called.
func (c *call) name(r request.Request) (string, error) {
	spec, _, err := c.s.deps.Requests.Spec(c.ctx, c.tx, r)
	if err != nil {
		return "", err
	}
	return spec.Pack().Name.In(c.Lang, spec.Pack().Languages[0]), nil
}

func (c *call) takeMine() error {
	chosen := c.chose()
	if chosen == "find" {
		c.reset(stepFind)
		return nil
	}
	id, err := uuid.Parse(chosen)
	if err != nil {
		c.note("talk.choose")
		return nil
	}
	r, err := c.s.deps.Requests.Request(c.ctx, c.tx, c.Person, id)
	if err != nil {
		return err
	}
	c.reset(stepStatus)
	c.Request, c.Service = r.ID, r.Service
	if r.Status == request.Draft {
		c.Step = stepAsk
	}
	return nil
}

// sought is the request that the conversation asks about: the one it led to, or the person's of that reference.
func (c *call) sought() (request.Request, bool, error) {
	if c.Request != zeroID {
		r, err := c.s.deps.Requests.Request(c.ctx, c.tx, c.Person, c.Request)
		return r, err == nil, err
	}
	plain := func(s string) string {
		return strings.NewReplacer("-", "", " ", "", "/", "").Replace(strings.ToUpper(dialogue.Digits(s)))
	}
	wanted := plain(c.Words)
	for next := (page.Request{Size: 100}); wanted != ""; {
		found, err := c.s.deps.Requests.Mine(c.ctx, c.tx, c.Person, request.Filter{}, next)
		if err != nil {
			return request.Request{}, false, err
		}
		for _, r := range found.Rows {
			if plain(r.Reference) == wanted {
				c.Request, c.Service = r.ID, r.Service
				return r, true, nil
			}
		}
		if next.After = found.Next; next.After == "" {
			break
		}
	}
	return request.Request{}, false, nil
}

// showStatus tells how a request stands, and what there is to do: answer again, pay, fetch the certificate.
func (c *call) showStatus() (dialogue.Screen, error) {
	r, found, err := c.sought()
	if err != nil {
		return dialogue.Screen{}, err
	}
	if !found {
		c.note("talk.status.none")
		c.reset(stepReference)
		return c.showReference()
	}
	name, err := c.name(r)
	if err != nil {
		return dialogue.Screen{}, err
	}
	lines := []string{name, cmp.Or(r.Reference, c.say("talk.status.draft"))}
	for _, text := range []i18n.Text{r.StateName, r.StateText} {
		if words := text.In(c.Lang, c.set.DefaultLanguage); words != "" {
			lines = append(lines, words)
		}
	}
	if r.Outcome != "" {
		lines = append(lines, c.say("talk.outcome."+r.Outcome))
	} else if r.Promised != nil {
		lines = append(lines, c.say("talk.promised", "day", i18n.FormatDate(c.Lang, *r.Promised, c.set.Location())))
	}
	links, elsewhere, err := c.links(r)
	if err != nil {
		return dialogue.Screen{}, err
	}
	screen := dialogue.Screen{Options: c.options("refresh", "menu"), Foot: ""}
	if elsewhere {
		screen.Options = append(c.options("paylink"), screen.Options...)
	}
	if r.Status == request.Correction || r.Status == request.Draft {
		screen.Options = append(c.options("answer"), screen.Options...)
	}
	if r.Status == request.Correction {
		lines = append(lines, c.say("talk.correction"))
	}
	if c.Channel == USSD && len(links) > 0 { // nobody can copy an address from there
		screen.Options = append(c.options("link"), screen.Options...)
		for i, l := range links {
			links[i], _, _ = strings.Cut(l, "\n")
		}
	}
	screen.Text = strings.Join(append(lines, links...), "\n")
	return screen, nil
}

func (c *call) takeStatus() error {
	switch c.chose() {
	case "answer":
		c.Step, c.Progress = stepAsk, dialogue.Progress{}
	case "status", "refresh":
		c.Step = stepStatus
	case "menu":
		c.reset(stepMenu)
	case "link":
		return c.sendLinks()
	case "paylink":
		return c.replacePayLink()
	default:
		c.note("talk.choose")
	}
	return nil
}

// sendLinks sends the addresses as a text message to who is on the line.
func (c *call) sendLinks() error {
	r, found, err := c.sought()
	if err != nil || !found {
		return err
	}
	links, _, err := c.links(r)
	if err != nil || len(links) == 0 {
		return err
	}
	_, err = c.s.deps.Notification.Send(c.ctx, c.tx, notification.Message{
		Person: c.Person, Channel: notification.SMS, Address: c.Number, Lang: c.Lang, Purpose: "talk.link", Related: r.ID,
		Text: r.Reference + "\n" + strings.Join(links, "\n"), Once: "channel.link:" + c.tx.Actor.RequestID,
	})
	c.note("talk.link.sent")
	return err
}

func (c *call) showSent() (dialogue.Screen, error) {
	r, found, err := c.sought()
	if err != nil || !found {
		return dialogue.Screen{}, err
	}
	return dialogue.Screen{Text: c.say("talk.sent", "reference", r.Reference), Options: c.options("status", "menu")}, nil
}
