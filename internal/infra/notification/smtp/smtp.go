// Package smtp carries e-mails through a mail server.
//
// Settings: host; port (587, or 465 with tls); from, an address with or without a name; tls: starttls (the default,
// and never sent without), tls, or none (for a server on the same machine); user and password, where the server asks
// for them; ca, the PEM of a private authority that signed the server's certificate.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"digit/internal/infra/platform/carrier"
)

// Kind is how a provider names this carrier.
const Kind = "smtp"

const timeout = 30 * time.Second

// Carrier sends e-mails by SMTP; it keeps nothing between two messages.
type Carrier struct{}

// New returns the carrier.
func New() Carrier { return Carrier{} }

// Kind returns "smtp".
func (Carrier) Kind() string { return Kind }

// Settings are what it must be told; nil for other channels.
func (Carrier) Settings(channel string) []carrier.Setting {
	if channel != "email" {
		return nil
	}
	return []carrier.Setting{
		{Name: "host", Required: true}, {Name: "port"}, {Name: "from", Required: true}, {Name: "tls"}, {Name: "user"}, {Name: "password", Secret: true}, {Name: "ca"},
	}
}

// Deliver sends one e-mail and returns its Message-ID, which is made of out.ID: a server that is given the same
// message twice can tell. Errors never quote the address: they end up in logs.
func (Carrier) Deliver(ctx context.Context, settings map[string]string, out carrier.Out) (ref string, err error) {
	if out.Channel != "email" {
		return "", fmt.Errorf("smtp: carries no %s: %w", out.Channel, carrier.ErrRefused)
	}
	msg, ref, err := compose(settings["from"], out)
	if err != nil {
		return "", err
	}
	client, err := dialer(settings)
	if err != nil {
		return "", err
	}
	return ref, outcome(client.DialAndSendWithContext(ctx, msg))
}

func compose(from string, out carrier.Out) (*mail.Msg, string, error) {
	msg := mail.NewMsg()
	if err := msg.From(from); err != nil {
		return nil, "", errors.New("smtp: the sender's address in the settings is none")
	}
	if err := msg.To(out.To); err != nil {
		return nil, "", fmt.Errorf("smtp: the address is none: %w", carrier.ErrRefused)
	}
	ref := out.ID.String() + "@" + domain(msg)
	msg.SetMessageIDWithValue(ref)
	msg.SetDate()
	msg.Subject(out.Subject)
	msg.SetGenHeader("Content-Language", out.Lang)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies to a machine
	msg.SetBodyString(mail.TypeTextPlain, out.Text)
	return msg, ref, nil
}

// domain is what stands behind the @ of the sender.
func domain(msg *mail.Msg) string {
	address := msg.GetFrom()[0].Address
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return "localhost"
}

func dialer(settings map[string]string) (*mail.Client, error) {
	host := settings["host"]
	opts := []mail.Option{mail.WithTimeout(timeout)}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if ca := settings["ca"]; ca != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(ca)) {
			return nil, errors.New("smtp: ca in the settings is no PEM certificate")
		}
	}
	opts = append(opts, mail.WithTLSConfig(config))
	port := 587
	switch settings["tls"] {
	case "", "starttls":
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	case "tls":
		port = 465
		opts = append(opts, mail.WithSSL())
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("smtp: tls is %q in the settings; write starttls, tls or none", settings["tls"])
	}
	if p := settings["port"]; p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil, fmt.Errorf("smtp: port %q in the settings is no number", p)
		}
		port = n
	}
	opts = append(opts, mail.WithPort(port))
	if settings["user"] != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(settings["user"]), mail.WithPassword(settings["password"]))
	}
	return mail.NewClient(host, opts...)
}

// outcome turns the library's error into one without the address. Only what the server says about this message for
// good (5xx to sender, recipient or content) is final; a server that is away or refuses our password may be mended.
func outcome(err error) error {
	if err == nil {
		return nil
	}
	var send *mail.SendError
	if !errors.As(err, &send) {
		return fmt.Errorf("smtp: connecting: %w", err)
	}
	said := fmt.Errorf("smtp: the server answered %d (%s)", send.ErrorCode(), send.Reason)
	if send.ErrorCode()/100 == 5 {
		return errors.Join(said, carrier.ErrRefused)
	}
	return said
}
