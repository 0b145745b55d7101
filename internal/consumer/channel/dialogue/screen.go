package dialogue

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Option is an answer that is chosen by its number.
type Option struct{ Value, Label string }

// Screen is what is said at one moment: words, and the answers to choose from.
type Screen struct {
	Text    string
	Options []Option
	Free    bool   // something is typed, rather than chosen
	Foot    string // how to go back, the last line
	End     bool   // nothing is asked: a session is over
}

// Shape is what a channel shows at once.
type Shape struct {
	sept, ucs, runes int // most septets, or UCS-2 characters where there are others; or characters at all; 0 for no such bound
	options          int // most answers to choose from
	fold             bool
}

// The shapes of the channels. A USSD string is of 160 octets: 182 septets or, in UCS-2 with room for the language, 70
// characters that all networks pass (3GPP TS 23.038 and 24.090). A text message is of up to three parts of 153 septets or
// 67 characters. Meta takes 1,024 characters beside buttons, and ten of them.
var (
	USSD     = Shape{sept: 182, ucs: 70, options: 9, fold: true}
	SMS      = Shape{sept: 459, ucs: 201, options: 9}
	WhatsApp = Shape{runes: 1024, options: 9}
)

// Fits reports whether a text can be shown at once.
func (s Shape) Fits(text string) bool {
	if s.runes > 0 {
		return utf8.RuneCountInString(text) <= s.runes
	}
	if n, ok := Septets(text); ok {
		return n <= s.sept
	}
	return units(text) <= s.ucs
}

// More is the value of the number that leads to the next sheet.
const More = "~more"

// Sheet is what is shown at once of a screen. Values are what its numbers stand for, from 1; Options the same in words.
type Sheet struct {
	Text    string
	Options []Option
	Last    bool
}

// Sheets cuts a screen into what the channel shows at once. Numbers begin with 1 on each, and the last one leads on where there
// is more.
func (s Screen) Sheets(shape Shape, more string) []Sheet {
	if shape.fold {
		s.Text, s.Foot, more = Fold(s.Text), Fold(s.Foot), Fold(more)
	}
	options := make([]Option, len(s.Options))
	for i, o := range s.Options {
		if o.Label = strings.Join(strings.Fields(o.Label), " "); shape.fold {
			o.Label = Fold(o.Label)
		}
		options[i] = o
	}
	c := cutter{shape: shape, more: more, foot: s.Foot}
	head := strings.TrimSpace(s.Text)
	for {
		if sheet, left := c.sheet(head, options); sheet != nil {
			c.sheets = append(c.sheets, *sheet)
			if len(left) == 0 {
				break
			}
			head, options = "", left
			continue
		}
		var first string
		first, head = c.split(head)
		c.sheets = append(c.sheets, c.lay(first, nil, true))
	}
	c.sheets[len(c.sheets)-1].Last = true
	return c.sheets
}

// cutter cuts one screen.
type cutter struct {
	shape      Shape
	more, foot string
	sheets     []Sheet
}

// lay writes a sheet.
func (c *cutter) lay(head string, options []Option, more bool) Sheet {
	if more {
		options = append(options[:len(options):len(options)], Option{More, c.more})
	}
	var lines []string
	if head != "" {
		lines = append(lines, head)
	}
	for i, o := range options {
		lines = append(lines, strconv.Itoa(i+1)+". "+o.Label)
	}
	if c.foot != "" {
		lines = append(lines, c.foot)
	}
	return Sheet{Text: strings.Join(lines, "\n"), Options: options}
}

// sheet puts as many answers below a text as there is room for, and returns the others; nil where the text itself leaves no room for one.
func (c *cutter) sheet(head string, options []Option) (*Sheet, []Option) {
	if len(options) == 0 {
		if whole := c.lay(head, nil, false); c.shape.Fits(whole.Text) || head == "" {
			return &whole, nil
		}
		return nil, nil
	}
	for n := min(len(options), c.shape.options); n > 0; n-- {
		rest := options[n:]
		if n == c.shape.options && len(rest) > 0 {
			continue // one number leads on
		}
		if sheet := c.lay(head, options[:n], len(rest) > 0); c.shape.Fits(sheet.Text) {
			return &sheet, rest
		}
	}
	if head != "" {
		return nil, nil
	}
	for label := []rune(options[0].Label); len(label) > 1; { // a label longer than a screen
		label = label[:len(label)-1]
		short := []Option{{options[0].Value, string(label)}}
		if sheet := c.lay("", short, len(options) > 1); c.shape.Fits(sheet.Text) {
			return &sheet, options[1:]
		}
	}
	sheet := c.lay("", options[:1], len(options) > 1)
	return &sheet, options[1:]
}

// split cuts a text where a line or a word ends, so that the first part fits a sheet.
func (c *cutter) split(text string) (first, rest string) {
	fits := func(n int) bool { return c.shape.Fits(c.lay(strings.TrimSpace(text[:n]), nil, true).Text) }
	line, word, any := 0, 0, 0
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		if !fits(end) {
			break
		}
		any = end
		switch r {
		case '\n':
			line = end
		case ' ':
			word = end
		}
	}
	at := any
	switch {
	case line > any/2:
		at = line
	case word > 0:
		at = word
	case line > 0:
		at = line
	}
	if at == 0 { // no room at all: one character at least, or it would never end
		_, at = utf8.DecodeRuneInString(text)
	}
	return strings.TrimSpace(text[:at]), strings.TrimSpace(text[at:])
}
