package channel

import (
	"slices"
	"strings"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/infra/servicespec"
)

func (c *call) showWelcome() (dialogue.Screen, error) {
	c.note("talk.welcome", "state", c.set.Name.In(c.Lang, c.set.DefaultLanguage))
	c.Step = stepMenu
	return c.showMenu()
}

func (c *call) showMenu() (dialogue.Screen, error) {
	values := []string{"find", "mine", "reference", "help"}
	screen := dialogue.Screen{Text: c.say("talk.menu"), Options: c.options(values...)}
	if len(c.set.Languages) > 1 {
		screen.Options = append(screen.Options, dialogue.Option{Value: "language", Label: c.languages()})
	}
	return screen, nil
}

// languages is the word for languages in each of them, so that whoever cannot read the menu finds it.
func (c *call) languages() string {
	var words []string
	for _, lang := range c.set.Languages {
		words = append(words, c.s.deps.Texts.T(lang, "talk.option.language", nil))
	}
	return strings.Join(slices.Compact(words), " / ")
}

// takeMenu goes where the number leads; words look for a service.
func (c *call) takeMenu() error {
	switch c.chose() {
	case "find":
		c.reset(stepFind)
	case "mine":
		c.reset(stepMine)
	case "reference":
		c.reset(stepReference)
	case "help":
		c.note("talk.help")
	case "language":
		c.After, c.Step = stepMenu, stepLanguage
	default:
		if c.Step == stepWelcome {
			c.note("talk.welcome", "state", c.set.Name.In(c.Lang, c.set.DefaultLanguage))
		}
		return c.seek(c.Step == stepWelcome)
	}
	return nil
}

// seek looks for services by the words that came. Words that nothing has are said to be none, unless they are a greeting.
func (c *call) seek(greeting bool) error {
	if len(c.in.Values) == 0 && strings.ContainsFunc(c.in.Text, func(r rune) bool { return r > '9' }) {
		found, err := c.s.deps.Catalogue.Find(c.ctx, c.tx, c.in.Text, c.Lang)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			words := c.in.Text
			c.reset(stepList)
			c.Words = words
			return nil
		}
	}
	if c.Step == stepWelcome {
		c.Step = stepMenu
	}
	if !greeting {
		c.note("talk.find.none")
	}
	return nil
}

func (c *call) showLanguage() (dialogue.Screen, error) {
	screen := dialogue.Screen{Text: c.languages(), Foot: c.foot(false)}
	for _, l := range c.s.deps.Texts.Languages() {
		if slices.Contains(c.set.Languages, l.Code) {
			screen.Options = append(screen.Options, dialogue.Option{Value: l.Code, Label: l.Name})
		}
	}
	return screen, nil
}

func (c *call) takeLanguage() error {
	lang := c.chose()
	if !slices.Contains(c.set.Languages, lang) {
		c.note("talk.choose")
		return nil
	}
	c.Lang, c.Chosen = lang, true
	if c.Step = c.After; c.Step == "" || c.Step == stepWelcome {
		c.Step = stepMenu
	}
	c.After = ""
	if c.is() {
		return c.s.deps.Identity.SetLang(c.ctx, c.tx, c.Person, lang)
	}
	return nil
}

func (c *call) showFind() (dialogue.Screen, error) {
	return dialogue.Screen{Text: c.say("talk.find"), Options: c.options("all"), Foot: c.foot(false)}, nil
}

func (c *call) takeFind() error {
	if c.chose() == "all" {
		c.Words, c.Step = "", stepList
		return nil
	}
	return c.seek(false)
}

func (c *call) showList() (dialogue.Screen, error) {
	found, err := c.s.deps.Catalogue.Find(c.ctx, c.tx, c.Words, c.Lang)
	if err != nil {
		return dialogue.Screen{}, err
	}
	screen := dialogue.Screen{Text: c.say("talk.list"), Foot: c.foot(false)}
	for _, o := range found {
		screen.Options = append(screen.Options, dialogue.Option{Value: o.Code, Label: o.Name.In(c.Lang, c.set.DefaultLanguage)})
	}
	return screen, nil
}

func (c *call) takeList() error {
	if code := c.chose(); code != "" {
		c.Service, c.Step, c.Screened, c.Request = code, stepService, nil, zeroID
		return nil
	}
	return c.seek(false)
}

// offered is the service that the conversation is about, in its newest version.
func (c *call) offered() (*servicespec.Service, error) {
	return c.s.deps.Catalogue.Service(c.ctx, c.tx, c.Service, 0)
}

func (c *call) showService() (dialogue.Screen, error) {
	spec, err := c.offered()
	if err != nil {
		return dialogue.Screen{}, err
	}
	pack := spec.Pack()
	text := pack.Name.In(c.Lang, pack.Languages[0]) + "\n" + pack.Summary.In(c.Lang, pack.Languages[0])
	return dialogue.Screen{Text: text, Options: c.options("apply"), Foot: c.foot(false)}, nil
}

func (c *call) takeService() error {
	if c.chose() != "apply" {
		c.note("talk.choose")
		return nil
	}
	spec, err := c.offered()
	if err != nil {
		return err
	}
	c.Progress = dialogue.Progress{}
	if c.Step = stepBegin; len(spec.Pack().Eligibility.Questions) > 0 {
		c.Step = stepScreen
	}
	return nil
}

func (c *call) showResume() (dialogue.Screen, error) {
	screen := dialogue.Screen{Text: c.say("talk.resume"), Options: c.options("continue", "menu")}
	if spec, err := c.offered(); err == nil && c.Service != "" {
		screen.Text = spec.Pack().Name.In(c.Lang, spec.Pack().Languages[0]) + "\n" + screen.Text
	}
	return screen, nil
}

func (c *call) takeResume() error {
	switch c.chose() {
	case "continue":
		c.Step, c.Paused = c.Paused, ""
	case "menu":
		c.reset(stepMenu)
	default:
		c.note("talk.choose")
	}
	return nil
}
