package notification_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// pigeon keeps what it is given; fail says what becomes of a try.
type pigeon struct {
	mu       sync.Mutex
	got      []carrier.Out
	settings map[string]string
	fail     func(try int) error
}

func (p *pigeon) Kind() string { return "pigeon" }

func (p *pigeon) Deliver(_ context.Context, settings map[string]string, out carrier.Out) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got, p.settings = append(p.got, out), settings
	if p.fail != nil {
		return "", p.fail(len(p.got))
	}
	return "ring-" + out.ID.String(), nil
}

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	bird   *pigeon
	keys   *encryption.Service
	jobs   *job.Registry
	*notification.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: pgtest.New(t), bird: &pigeon{}, jobs: job.NewRegistry(), keys: encryption.New(encryption.Deps{Root: root})}
	b.tenant = pgtest.Tenant(t, b.db)
	b.Service = notification.New(notification.Deps{Encryption: b.keys, Carriers: []notification.Carrier{b.bird}})
	b.Register(b.jobs)
	return b
}

func (b *bundle) as(kind string, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: pg.Actor{Kind: kind}}, work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.as("staff", work); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) provide() {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return b.PutProvider(ctx, tx, notification.Provider{Channel: "email", Kind: "pigeon", Settings: map[string]string{"password": "corn"}})
	})
}

func (b *bundle) send(m notification.Message) (message uuid.UUID) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		message, err = b.Send(ctx, tx, m)
		return err
	})
	return message
}

func (b *bundle) rows(f notification.Filter) []notification.Row {
	b.t.Helper()
	var p page.Page[notification.Row]
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = b.Messages(ctx, tx, f, page.Request{})
		return err
	})
	return p.Rows
}

func letter(person uuid.UUID) notification.Message {
	return notification.Message{
		Person: person, Channel: "email", Address: "maria.tavares@posta.cv", Subject: "Certidão",
		Text: "Pode levantar a certidão.", Lang: "pt", Purpose: "request.decided",
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.provide()
	person := id.New()
	message := b.send(letter(person))
	if len(b.bird.got) != 0 {
		t.Fatal("carried before the transaction was over")
	}
	pgtest.Work(t, b.db, b.jobs)
	want := []carrier.Out{{
		Tenant: b.tenant, ID: message, Channel: "email", To: "maria.tavares@posta.cv", Subject: "Certidão",
		Text: "Pode levantar a certidão.", Lang: "pt",
	}}
	if diff := cmp.Diff(want, b.bird.got); diff != "" {
		t.Error(diff)
	}
	if b.bird.settings["password"] != "corn" {
		t.Errorf("settings: %v", b.bird.settings)
	}
	rows := b.rows(notification.Filter{Person: person, Channel: "email", Status: notification.Sent})
	if len(rows) != 1 || rows[0].Address != "ma•••@posta.cv" || rows[0].Tries != 1 || rows[0].Finished == nil || rows[0].Carrier != "pigeon" {
		t.Errorf("rows: %+v", rows)
	}
}

// TestSealed shows that nothing of a message can be read in the database, and nothing at all once its person is forgotten.
func TestSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.provide()
	person := id.New()
	message := b.send(letter(person))
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		var row string // bytea columns in it are written as hex
		err := tx.QueryRow(ctx, `SELECT m::text || p::text FROM notification.message m, notification.provider p WHERE m.id = $1`, message).Scan(&row)
		for _, secret := range []string{"maria", "posta", "certid", "corn"} {
			if strings.Contains(row, secret) || strings.Contains(row, hex.EncodeToString([]byte(secret))) {
				t.Errorf("%q can be read", secret)
			}
		}
		return errors.Join(err, b.keys.Forget(ctx, tx, person))
	})
	if rows := b.rows(notification.Filter{Person: person}); len(rows) != 1 || rows[0].Address != "" {
		t.Errorf("a forgotten person's message: %+v", rows)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.provide()
	m := letter(uuid.Nil)
	m.Once = "request/7/decided"
	ids := map[uuid.UUID]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			message := b.send(m)
			mu.Lock()
			defer mu.Unlock()
			ids[message] = true
		})
	}
	wg.Wait()
	pgtest.Work(t, b.db, b.jobs)
	if len(ids) != 1 || len(b.bird.got) != 1 {
		t.Errorf("%d ids, carried %d times", len(ids), len(b.bird.got))
	}
}

func TestWaitsForAProvider(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 3 {
		b.send(letter(id.New()))
	}
	pgtest.Work(t, b.db, b.jobs)
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		got, err := b.Backlogs(ctx, tx)
		if diff := cmp.Diff([]notification.Backlog{{Channel: "email", Status: notification.Waiting, Count: 3}}, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
	b.provide()
	pgtest.Work(t, b.db, b.jobs)
	if rows := b.rows(notification.Filter{Status: notification.Sent}); len(rows) != 3 {
		t.Errorf("sent %d", len(rows))
	}
}

func TestTriesAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail    func(try int) error
		status  notification.Status
		tries   int
		problem string
	}{
		"away once": {func(try int) error {
			if try == 1 {
				return errors.New("no wind")
			}
			return nil
		}, notification.Sent, 2, ""},
		"away always": {func(int) error { return errors.New("no wind") }, notification.Failed, 8, "unreachable"},
		"refused":     {func(int) error { return fmt.Errorf("nobody there: %w", carrier.ErrRefused) }, notification.Failed, 1, "refused"},
		"refused later": {func(try int) error {
			return map[bool]error{true: carrier.ErrRefused, false: errors.New("no wind")}[try == 2]
		}, notification.Failed, 2, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.bird.fail = c.fail
			b.provide()
			b.send(letter(id.New()))
			given := pgtest.TryWork(t, b.db, b.jobs)
			rows := b.rows(notification.Filter{})
			if len(rows) != 1 || rows[0].Status != c.status || rows[0].Tries != c.tries || rows[0].Problem != c.problem {
				t.Errorf("rows: %+v", rows)
			}
			if (len(given) == 1) != (c.status == notification.Failed) {
				t.Errorf("given up: %+v", given)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		change func(*notification.Message)
		want   error
	}{
		"channel":           {func(m *notification.Message) { m.Channel = "fax" }, notification.ErrChannel},
		"no address":        {func(m *notification.Message) { m.Address = "" }, notification.ErrMessage},
		"no text":           {func(m *notification.Message) { m.Text = "" }, notification.ErrMessage},
		"header in subject": {func(m *notification.Message) { m.Subject = "a\r\nBcc: x@y" }, notification.ErrMessage},
		"header in address": {func(m *notification.Message) { m.Address = "a@b\nBcc: x@y" }, notification.ErrMessage},
	} {
		m := letter(uuid.Nil)
		c.change(&m)
		err := b.as("system", func(ctx context.Context, tx *pg.Tx) error { _, err := b.Send(ctx, tx, m); return err })
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, p := range []notification.Provider{{Channel: "fax", Kind: "pigeon"}, {Channel: "email", Kind: "owl"}} {
		if err := b.as("staff", func(ctx context.Context, tx *pg.Tx) error { return b.PutProvider(ctx, tx, p) }); err == nil {
			t.Errorf("%+v was taken", p)
		}
	}
	for what, f := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"messages": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Messages(ctx, tx, notification.Filter{}, page.Request{})
			return err
		},
		"providers": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Providers(ctx, tx); return err },
		"put":       func(ctx context.Context, tx *pg.Tx) error { return b.PutProvider(ctx, tx, notification.Provider{}) },
	} {
		if err := b.as("person", f); !errors.Is(err, notification.ErrForbidden) {
			t.Errorf("a person reaches %s: %v", what, err)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person := id.New()
	for range 5 {
		b.send(letter(person))
	}
	seen := map[uuid.UUID]bool{}
	r := page.Request{Size: 2}
	for range 3 {
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			p, err := b.Messages(ctx, tx, notification.Filter{Person: person}, r)
			for _, m := range p.Rows {
				seen[m.ID] = true
			}
			r.After = p.Next
			return err
		})
	}
	if len(seen) != 5 || r.After != "" {
		t.Errorf("saw %d, next %q", len(seen), r.After)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"maria@posta.cv": "ma•••@posta.cv", "m@posta.cv": "m•••@posta.cv", "@posta.cv": "•••@posta.cv",
		"+2389912345": "+238•••••45", "112": "•••12", "": "•••", "مريم@posta.cv": "مر•••@posta.cv",
	} {
		if got := notification.Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}
