package identity

import (
	"net/mail"
	"net/netip"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// The channels by which somebody is reached.
const (
	ChannelSMS   = "sms"
	ChannelEmail = "email"
)

const emailMax = 254 // RFC 5321

// address is a contact in the form in which it is stored and compared.
type address struct {
	channel string
	text    string // E.164, or e-mail with the domain in small letters
}

// key is what the blind index is taken of. Mailboxes do not differ by case anywhere that matters, so that people who
// write themselves with a capital letter find their account.
func (a address) key() string { return a.channel + ":" + strings.ToLower(a.text) }

// parseAddress reads an address as people write it; telephone numbers without prefix are of the region.
// Errors: ErrAddress.
func parseAddress(channel, text, region string) (address, error) {
	text = strings.TrimSpace(text)
	switch channel {
	case ChannelSMS:
		number, err := phonenumbers.Parse(text, region)
		if err != nil || !phonenumbers.IsValidNumber(number) {
			return address{}, ErrAddress.With("channel", channel)
		}
		return address{channel, phonenumbers.Format(number, phonenumbers.E164)}, nil
	case ChannelEmail:
		parsed, err := mail.ParseAddress(text)
		if err != nil || parsed.Address != text || len(text) > emailMax {
			return address{}, ErrAddress.With("channel", channel)
		}
		at := strings.LastIndexByte(text, '@')
		return address{channel, text[:at] + strings.ToLower(text[at:])}, nil
	}
	return address{}, ErrAddress.With("channel", channel)
}

const (
	tokenMin = 2
	tokenMax = 10
)

// words returns the words of a name without case and accents: "João Évora" → joao, evora.
func words(name string) []string {
	folded := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(name))
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// beginnings returns the first two to ten letters of each word of a name.
func beginnings(name string) []string {
	var all []string
	for _, word := range words(name) {
		letters := []rune(word)
		for n := tokenMin; n <= min(len(letters), tokenMax); n++ {
			all = append(all, string(letters[:n]))
		}
	}
	return all
}

// sought returns the beginnings that a search asks for: each word of it, cut to what is indexed.
func sought(query string) []string {
	seen := map[string]bool{}
	var all []string
	for _, word := range words(query) {
		letters := []rune(word)
		if len(letters) < tokenMin {
			continue
		}
		token := string(letters[:min(len(letters), tokenMax)])
		if !seen[token] {
			seen[token] = true
			all = append(all, token)
		}
	}
	return all
}

// digits returns a code as people type it in plain digits: spaces and dashes dropped, digits of other scripts read.
func digits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '٠' && r <= '٩': // Arabic
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹': // Persian, Urdu
			return '0' + r - '۰'
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, code)
}

// network is where a request came from, as its limits are counted: a network of IPv6 is one household, whose single
// addresses are as many as one likes. The machine itself is nobody's network: behind a proxy of the same machine that is
// not known as one, everybody would share it.
func network(ip string) string {
	at, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	at = at.Unmap().WithZone("")
	switch {
	case at.IsLoopback():
		return ""
	case at.Is6():
		return netip.PrefixFrom(at, 64).Masked().String()
	}
	return at.String()
}
