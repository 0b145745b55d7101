package notification_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/notification"
	"digit/internal/infra/notification/whatsapp"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// meta is a server that takes messages as Meta's Cloud API does, in the shapes of its documentation.
type meta struct {
	*bundle
	mu       sync.Mutex
	got      []map[string]any
	lastWord time.Duration // how long ago the person wrote
}

func newMeta(t *testing.T, templates string) *meta {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	m := &meta{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent map[string]any
		if err != nil || json.Unmarshal(body, &sent) != nil || r.Method != http.MethodPost || r.URL.Path != "/42/messages" ||
			r.Header.Get("Authorization") != "Bearer t" || sent["messaging_product"] != "whatsapp" || sent["to"] != "2389911111" {
			t.Errorf("%s %s %s", r.Method, r.URL, body)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.got = append(m.got, sent)
		_, _ = fmt.Fprintf(w, `{"messaging_product":"whatsapp","contacts":[{"input":"2389911111","wa_id":"2389911111"}],"messages":[{"id":"wamid.%d"}]}`, len(m.got))
	}))
	t.Cleanup(server.Close)
	b := &bundle{t: t, db: pgtest.New(t), bird: &pigeon{}, jobs: job.NewRegistry(), keys: encryption.New(encryption.Deps{Root: root})}
	b.tenant = pgtest.Tenant(t, b.db)
	b.Service = notification.New(notification.Deps{
		Encryption: b.keys, Carriers: []notification.Carrier{b.bird, whatsapp.New(server.Client())},
		LastWord: func(_ context.Context, tx *pg.Tx, _, _ string) (time.Time, error) {
			return tx.Wall.Add(-m.lastWord), nil
		},
	})
	b.Register(b.jobs)
	m.bundle = b
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		err := b.PutProvider(ctx, tx, notification.Provider{Channel: "sms", Kind: "pigeon"})
		if err != nil {
			return err
		}
		return b.PutProvider(ctx, tx, notification.Provider{Channel: "whatsapp", Kind: "whatsapp", Settings: map[string]string{
			"phone_number_id": "42", "token": "t", "app_secret": "s", "verify_token": "v", "api_url": server.URL, "templates": templates,
		}})
	})
	return m
}

// notice sends a notice by WhatsApp that may go as a text message instead, and has it carried.
func (m *meta) notice(person uuid.UUID) notification.Row {
	m.t.Helper()
	once := id.New().String()
	message := m.send(notification.Message{
		Person: person, Channel: "whatsapp", Address: "+2389911111", Lang: "pt", Purpose: "request.decided", Text: "O pedido R-1\nfoi decidido.",
		Once: once + ":whatsapp", Fill: map[string]string{"reference": "R-1", "service": "Certidão", "receipt": ""},
		Instead: &notification.Instead{Channel: "sms", Once: once + ":sms"},
	})
	pgtest.TryWork(m.t, m.db, m.jobs)
	return m.row(message)
}

func (m *meta) row(message uuid.UUID) notification.Row {
	m.t.Helper()
	for _, r := range m.rows(notification.Filter{Channel: "whatsapp"}) {
		if r.ID == message {
			return r
		}
	}
	m.t.Fatal("the message is not listed")
	return notification.Row{}
}

// report brings the status of a message, signed as Meta signs.
func (m *meta) report(ref, status string) {
	m.t.Helper()
	body := `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","statuses":[{"id":"` + ref +
		`","status":"` + status + `","timestamp":"1504902988","recipient_id":"2389911111"}]}}]}]}`
	mac := hmac.New(sha256.New, []byte("s"))
	mac.Write([]byte(body))
	if err := m.as("system", func(ctx context.Context, tx *pg.Tx) error {
		_, err := m.Hear(ctx, tx, "whatsapp", carrier.Call{Body: []byte(body), Header: http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}})
		return err
	}); err != nil {
		m.t.Fatal(err)
	}
	pgtest.TryWork(m.t, m.db, m.jobs)
}

// TestTemplates: who wrote within a day gets free words, others an approved template of the purpose or of any, and where there is none that can
// be filled the notice goes as a text message, and the list of messages tells why.
func TestTemplates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		templates string
		lastWord  time.Duration
		want      string // stands in what Meta gets; "" for nothing
	}{
		"within a day":          {"", 23 * time.Hour, `"text":{"body":"O pedido R-1\nfoi decidido.","preview_url":false},"to":"2389911111","type":"text"`},
		"a template":            {"request.decided pt decisao pt_PT service reference", 25 * time.Hour, `"template":{"components":[{"parameters":[{"text":"Certidão","type":"text"},{"text":"R-1","type":"text"}],"type":"body"}],"language":{"code":"pt_PT"},"name":"decisao"}`},
		"of any purpose":        {"request.paid pt pago pt_PT\n* pt aviso pt_PT text", 25 * time.Hour, `[{"text":"O pedido R-1 foi decidido.","type":"text"}]`},
		"without parameters":    {"* pt aviso pt_PT", 25 * time.Hour, `"template":{"language":{"code":"pt_PT"},"name":"aviso"}`},
		"none":                  {"", 25 * time.Hour, ""},
		"of another language":   {"request.decided en decision en", 25 * time.Hour, ""},
		"that cannot be filled": {"request.decided pt decisao pt_PT receipt", 25 * time.Hour, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMeta(t, c.templates)
			m.lastWord = c.lastWord
			row := m.notice(id.New())
			sent, err := json.Marshal(m.got)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if row.Status != notification.Failed || row.Problem != "template" || row.InsteadBy != "sms" || len(m.got) != 0 || len(m.bird.got) != 1 {
					t.Fatalf("%+v, Meta got %s, %d by text message", row, sent, len(m.bird.got))
				}
				if out := m.bird.got[0]; out.Channel != "sms" || out.To != "+2389911111" || out.Text != "O pedido R-1\nfoi decidido." {
					t.Errorf("instead went %+v", out)
				}
				return
			}
			if row.Status != notification.Sent || row.InsteadBy != "" || !strings.Contains(string(sent), c.want) || len(m.bird.got) != 0 {
				t.Errorf("%+v, Meta got %s", row, sent)
			}
		})
	}
}

// TestReports: what Meta says of a message is noted once each, and one that did not arrive goes as a text message, once.
func TestReports(t *testing.T) {
	t.Parallel()
	m := newMeta(t, "")
	row := m.notice(id.New())
	m.report("wamid.1", "sent")
	if row = m.row(row.ID); row.Delivered != nil || row.Read != nil {
		t.Errorf("sent: %+v", row)
	}
	m.report("wamid.1", "delivered")
	if row = m.row(row.ID); row.Delivered == nil || row.Read != nil {
		t.Errorf("delivered: %+v", row)
	}
	m.report("wamid.1", "read")
	if row = m.row(row.ID); row.Read == nil {
		t.Errorf("read: %+v", row)
	}
	m.report("wamid.1", "failed")
	if row = m.row(row.ID); row.Status != notification.Sent || len(m.bird.got) != 0 {
		t.Errorf("failed after it was read: %+v", row)
	}
	lost := m.notice(id.New())
	for range 2 {
		m.report("wamid.2", "failed")
	}
	if lost = m.row(lost.ID); lost.Status != notification.Failed || lost.Problem != "undelivered" || lost.InsteadBy != "sms" || len(m.bird.got) != 1 {
		t.Errorf("lost: %+v, %d by text message", lost, len(m.bird.got))
	}
}

// TestTemplatesAreRead: what is no template is refused with its field.
func TestTemplatesAreRead(t *testing.T) {
	t.Parallel()
	m := newMeta(t, "")
	for text, ok := range map[string]bool{"": true, "* pt aviso pt_PT text\n\nrequest.decided en d en": true, "request.decided pt decisao": false} {
		err := m.as("staff", func(ctx context.Context, tx *pg.Tx) error {
			return m.ChangeProvider(ctx, tx, notification.Provider{Channel: "whatsapp", Kind: "whatsapp", Settings: map[string]string{"phone_number_id": "42", "templates": text}})
		})
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
