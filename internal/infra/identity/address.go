package identity

import (
	"net/netip"
	"strings"
	"unicode"

	"digit/internal/infra/encryption/blind"
)

// The channels by which somebody is reached.
const (
	ChannelSMS   = "sms"
	ChannelEmail = "email"
)

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
	var ok bool
	switch channel {
	case ChannelSMS:
		text, ok = blind.Phone(text, region)
	case ChannelEmail:
		text, ok = blind.Email(text)
	}
	if !ok {
		return address{}, ErrAddress.With("channel", channel)
	}
	return address{channel, text}, nil
}

// Names of staff are found by beginnings of two to ten letters.
const (
	tokenMin = 2
	tokenMax = 10
)

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
