package channel

import (
	"digit/internal/consumer/channel/dialogue"
)

// The steps of a conversation.
const (
	stepWelcome   = "welcome"
	stepMenu      = "menu"
	stepLanguage  = "language"
	stepFind      = "find"
	stepList      = "list"
	stepService   = "service"
	stepScreen    = "screen"
	stepCode      = "code"
	stepName      = "name"
	stepBegin     = "begin"
	stepAsk       = "ask"
	stepCheck     = "check"
	stepRead      = "read"
	stepChange    = "change"
	stepSent      = "sent"
	stepMine      = "mine"
	stepReference = "reference"
	stepStatus    = "status"
	stepResume    = "resume"
)

// step is a moment of a conversation: what is shown, what becomes of what is written, and where back leads.
type step struct {
	show     func(c *call) (dialogue.Screen, error)
	take     func(c *call) error
	back     func(c *call) error
	personal bool // for who proved the number alone
	form     bool // somebody who comes back later is asked whether to go on
}

// to leads back to a step.
func to(name string) func(c *call) error {
	return func(c *call) error { c.Step = name; return nil }
}

var steps map[string]step

func init() {
	steps = map[string]step{
		stepWelcome:   {show: (*call).showWelcome, take: (*call).takeMenu},
		stepMenu:      {show: (*call).showMenu, take: (*call).takeMenu},
		stepLanguage:  {show: (*call).showLanguage, take: (*call).takeLanguage},
		stepFind:      {show: (*call).showFind, take: (*call).takeFind},
		stepList:      {show: (*call).showList, take: (*call).takeList, back: to(stepFind)},
		stepService:   {show: (*call).showService, take: (*call).takeService, back: to(stepList)},
		stepScreen:    {show: (*call).showScreening, take: (*call).takeScreening, back: to(stepService), form: true},
		stepCode:      {show: (*call).showCode, take: (*call).takeCode},
		stepName:      {show: (*call).showName, take: (*call).takeName, personal: true},
		stepBegin:     {show: (*call).showBegin, personal: true},
		stepAsk:       {show: (*call).showAsk, take: (*call).takeAsk, back: (*call).backAsk, personal: true, form: true},
		stepCheck:     {show: (*call).showCheck, take: (*call).takeCheck, back: (*call).backAsk, personal: true, form: true},
		stepRead:      {show: (*call).showRead, take: (*call).takeRead, back: to(stepCheck), personal: true, form: true},
		stepChange:    {show: (*call).showChange, take: (*call).takeChange, back: to(stepCheck), personal: true, form: true},
		stepSent:      {show: (*call).showSent, take: (*call).takeStatus, personal: true},
		stepMine:      {show: (*call).showMine, take: (*call).takeMine, personal: true},
		stepReference: {show: (*call).showReference, take: (*call).takeReference},
		stepStatus:    {show: (*call).showStatus, take: (*call).takeStatus, back: to(stepMine), personal: true},
		stepResume:    {show: (*call).showResume, take: (*call).takeResume},
	}
	for name, s := range steps {
		steps[name] = s.guarded()
	}
}

// guarded keeps the personal steps for who proved the number.
func (s step) guarded() step {
	if !s.personal {
		return s
	}
	show, take := s.show, s.take
	s.show = func(c *call) (dialogue.Screen, error) {
		if !c.is() {
			if err := c.prove(c.Step); err != nil || c.again {
				return dialogue.Screen{}, err
			}
			return steps[c.Step].show(c)
		}
		return show(c)
	}
	s.take = func(c *call) error {
		if !c.is() {
			return nil // what is written counts once it is known who writes; the screen asks
		}
		if take == nil {
			return nil
		}
		return take(c)
	}
	return s
}

// is reports whether this unit of work is of who proved the number.
func (c *call) is() bool { return c.Person != zeroID && c.tx.Actor.ID == c.Person }

// options are answers by value, with their words in the catalogue.
func (c *call) options(values ...string) []dialogue.Option {
	var out []dialogue.Option
	for _, v := range values {
		out = append(out, dialogue.Option{Value: v, Label: c.say("talk.option." + v)})
	}
	return out
}

// chose is the value of the one number that came; "" for none.
func (c *call) chose() string {
	if len(c.in.Values) == 1 {
		return c.in.Values[0]
	}
	return ""
}
