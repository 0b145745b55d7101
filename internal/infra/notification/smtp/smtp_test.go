package smtp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/uuid"

	"digit/internal/infra/notification/smtp"
	"digit/internal/infra/platform/carrier"
)

// post is a mail server in this process: it keeps what it takes and refuses some recipients.
type post struct {
	mails chan received
}

type received struct {
	from, to string
	data     string
}

func (p *post) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &session{post: p}, nil }

type session struct {
	post *post
	got  received
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "digit" || password != "s3cret" {
			return gosmtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Reset()        { s.got = received{} }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	s.got.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "gone@"):
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox " + to}
	case strings.HasPrefix(to, "full@"):
		return &gosmtp.SMTPError{Code: 452, EnhancedCode: gosmtp.EnhancedCode{4, 2, 2}, Message: "mailbox full " + to}
	}
	s.got.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.got.data = string(b)
	s.post.mails <- s.got
	return err
}

// serve starts a mail server and returns the settings with which to reach it.
func serve(t *testing.T, encrypted bool) (*post, map[string]string) {
	t.Helper()
	p := &post{mails: make(chan received, 10)}
	srv := gosmtp.NewServer(p)
	srv.Domain = "localhost"
	srv.AllowInsecureAuth = true
	settings := map[string]string{"host": "localhost", "from": "Estado <no-reply@gov.example>", "tls": "none"}
	if encrypted {
		cert, ca := certificate(t)
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		settings["tls"], settings["ca"] = "starttls", ca
	}
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	settings["port"] = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	return p, settings
}

func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(4_000_000_000, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func out(to string) carrier.Out {
	return carrier.Out{
		ID: uuid.MustParse("0199a000-0000-7000-8000-000000000001"), Channel: "email", To: to,
		Subject: "O seu pedido está pronto", Text: "Bom dia.\nJá pode levantar a certidão. شكرا\n", Lang: "pt",
	}
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	for name, encrypted := range map[string]bool{"plain": false, "starttls": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, settings := serve(t, encrypted)
			if encrypted {
				settings["user"], settings["password"] = "digit", "s3cret"
			}
			ref, err := smtp.New().Deliver(context.Background(), settings, out("maria@example.org"))
			if err != nil {
				t.Fatal(err)
			}
			got := <-server.mails
			if got.from != "no-reply@gov.example" || got.to != "maria@example.org" {
				t.Errorf("envelope: from %q to %q", got.from, got.to)
			}
			msg, err := mail.ReadMessage(strings.NewReader(got.data))
			if err != nil {
				t.Fatal(err)
			}
			if id := msg.Header.Get("Message-ID"); id != "<"+ref+">" || ref != "0199a000-0000-7000-8000-000000000001@gov.example" {
				t.Errorf("Message-ID %q, ref %q", id, ref)
			}
			body, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
			if err != nil || !strings.Contains(string(body), "certidão. شكرا") {
				t.Errorf("body %q (%v)", body, err)
			}
		})
	}
}

func TestDeliverRefused(t *testing.T) {
	t.Parallel()
	_, settings := serve(t, false)
	_, encrypted := serve(t, true)
	change := func(from map[string]string, pairs ...string) map[string]string {
		c := map[string]string{}
		for k, v := range from {
			c[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			c[pairs[i]] = pairs[i+1]
		}
		return c
	}
	for name, c := range map[string]struct {
		settings map[string]string
		to       string
		final    bool
	}{
		"no such mailbox":         {settings, "gone@example.org", true},
		"no address":              {settings, "nobody", true},
		"mailbox full":            {settings, "full@example.org", false},
		"wrong password":          {change(encrypted, "user", "digit", "password", "wrong"), "a@example.org", false},
		"unknown authority":       {change(encrypted, "ca", ""), "a@example.org", false},
		"server without starttls": {change(settings, "tls", "starttls"), "a@example.org", false},
		"nobody listens":          {change(settings, "port", "1"), "a@example.org", false},
		"bad tls setting":         {change(settings, "tls", "maybe"), "a@example.org", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := smtp.New().Deliver(context.Background(), c.settings, out(c.to))
			if err == nil || errors.Is(err, carrier.ErrRefused) != c.final {
				t.Fatalf("got %v, final should be %v", err, c.final)
			}
			if strings.Contains(err.Error(), c.to) {
				t.Errorf("the error quotes the address: %v", err)
			}
		})
	}
}

// TestHeadersCannotBeAdded: whatever stands in an address, a subject or a text, the message has the headers it should and
// one recipient.
func TestHeadersCannotBeAdded(t *testing.T) {
	t.Parallel()
	server, settings := serve(t, false)
	for name, change := range map[string]func(*carrier.Out){
		"a line in the subject":  func(o *carrier.Out) { o.Subject = "Olá\r\nBcc: evil@example.org\r\nX-Evil: 1" },
		"a bare line in it":      func(o *carrier.Out) { o.Subject = "Olá\nX-Evil: 1" },
		"a long subject":         func(o *carrier.Out) { o.Subject = strings.Repeat("Olá ", 300) + "\rX-Evil: 1" },
		"a line in the language": func(o *carrier.Out) { o.Lang = "pt\r\nX-Evil: 1" },
		"a message in the text": func(o *carrier.Out) {
			o.Text = "fim\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<evil@example.org>\r\n"
		},
		"a line in the address":    func(o *carrier.Out) { o.To = "maria@example.org\r\nBcc: evil@example.org" },
		"two addresses":            func(o *carrier.Out) { o.To = "maria@example.org, evil@example.org" },
		"a command in the address": func(o *carrier.Out) { o.To = "\"a> RCPT TO:<evil@example.org>\"@example.org" },
	} {
		o := out("maria@example.org")
		change(&o)
		if _, err := smtp.New().Deliver(context.Background(), settings, o); err != nil {
			continue // refused is safe as well
		}
		got := <-server.mails
		msg, err := mail.ReadMessage(strings.NewReader(got.data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if msg.Header.Get("Bcc") != "" || msg.Header.Get("X-Evil") != "" || strings.Contains(got.to, "evil@example.org") && got.to == "evil@example.org" {
			t.Errorf("%s: to %s, headers %v", name, got.to, msg.Header)
		}
	}
	select {
	case more := <-server.mails:
		t.Errorf("one message more than was sent: to %s", more.to)
	default:
	}
}
