package dialogue

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"digit/internal/infra/platform/i18n"
)

// Commands are words that mean something at any moment.
const (
	Menu     = "menu"
	Back     = "back"
	Help     = "help"
	Stop     = "stop"
	Start    = "start"
	Status   = "status"
	Language = "language"
	Skip     = "skip"
	Yes      = "yes"
	No       = "no"
)

var commands = []string{Menu, Back, Help, Stop, Start, Status, Language, Skip, Yes, No}

// Vocabulary knows the words of commands in every language of the catalogue (keys talk.word.<command>, words parted by commas).
type Vocabulary map[string]string

// NewVocabulary reads the words of the catalogue.
func NewVocabulary(texts *i18n.Catalog) Vocabulary {
	v := Vocabulary{}
	for _, lang := range texts.Languages() {
		for _, command := range commands {
			for word := range strings.SplitSeq(texts.T(lang.Code, "talk.word."+command, nil), ",") {
				v[Plain(word)] = command
			}
		}
	}
	return v
}

// Command returns the command that a text is, and what stands behind it; "" for none. Only status takes something.
func (v Vocabulary) Command(text string) (command, rest string) {
	text = strings.TrimSpace(text)
	if c := v[Plain(text)]; c != "" {
		return c, ""
	}
	word, rest, ok := strings.Cut(text, " ")
	if c := v[Plain(word)]; ok && c == Status {
		return c, strings.TrimSpace(rest)
	}
	return "", ""
}

// Plain writes a text without accents, in small letters, one space between words: what is compared.
func Plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
			return -1
		case r == 'ـ': // the stroke that stretches Arabic words
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// Digits writes the digits of any script as 0 to 9.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 128 || !unicode.IsDigit(r) {
			return r
		}
		for _, zero := range []rune{'٠', '۰', '०', '০', '૦', '௦'} {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
		}
		return r
	}, s)
}
