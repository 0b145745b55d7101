package identity_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// postbox takes one-time codes and notices instead of notification, and like it writes a row with the sender's transaction.
type postbox struct {
	mu      sync.Mutex
	sent    []identity.CodeMessage
	notices []identity.Notice
}

func (p *postbox) SendCode(ctx context.Context, tx *pg.Tx, to identity.CodeMessage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, to)
	_, err := tx.Exec(ctx, `INSERT INTO platform.timer (key, due_at, kind, args) VALUES ($1, now() + interval '1 year', 'test.send', '{}') ON CONFLICT DO NOTHING`, "send:"+to.Address)
	return err
}

func (p *postbox) SendNotice(_ context.Context, _ *pg.Tx, n identity.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notices = append(p.notices, n)
	return nil
}

// told returns the kinds of the notices sent so far and forgets them, each with its address.
func (p *postbox) told() (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.notices {
		list = append(list, n.Kind+" "+n.Address)
	}
	p.notices = nil
	return list
}

func (p *postbox) last(t *testing.T) identity.CodeMessage {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	return p.sent[len(p.sent)-1]
}

type bundle struct {
	db      *pg.DB
	tenant  uuid.UUID
	service *identity.Service
	box     *postbox
	root    encryption.Root
	began   time.Time
	alarms  *alarms
}

func (b *bundle) encryption() *encryption.Service {
	return encryption.New(encryption.Deps{Root: b.root})
}

func (b *bundle) tenancy() *tenancy.Service { return tenancy.New(tenancy.Deps{}) }

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{db: pgtest.New(t), box: &postbox{}, root: root, began: clock.Now(), alarms: &alarms{}}
	b.service = identity.New(identity.Deps{
		Encryption: b.encryption(), Tenancy: b.tenancy(), Codes: b.box, Notices: b.box, Alerts: b.alarms,
		Outbound:    outbound.New(outbound.Options{Networks: outbound.Loopback}),
		Permissions: append(decision.Named(), "orchestration:read", "payment:refund"),
	})
	b.tenant = b.newTenant(t)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		for code, permissions := range map[string][]string{
			"administrator": {"identity:read", "identity:manage", "tenancy:change"}, "agency-admin": {"identity:read", "identity:manage"},
			"registrar": {"workflow:act"}, "auditor": {"audit:read"},
		} {
			if err := b.service.PutRole(ctx, tx, identity.Role{Code: code, Name: i18n.Text{"pt": code}, Permissions: permissions}); err != nil {
				return err
			}
		}
		return nil
	})
	return b
}

func (b *bundle) newTenant(t *testing.T) uuid.UUID {
	t.Helper()
	tenant, err := tenancy.New(tenancy.Deps{}).Create(context.Background(), b.db, tenancy.NewTenant{
		Slug: "t" + strings.ReplaceAll(id.New().String(), "-", "")[8:], Kind: "demo",
		Settings: tenancy.Settings{
			Name: i18n.Text{"pt": "Cabo Verde"}, Languages: []string{"pt", "en", "ar"}, DefaultLanguage: "pt",
			Currency: "CVE", Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV", Accent: "#003893",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

func (b *bundle) as(actor pg.Actor, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: actor}, work)
}

func (b *bundle) in(t *testing.T, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	if err := b.as(pg.System(), work); err != nil {
		t.Fatal(err)
	}
}

// visitor is a browser that nobody has signed in with, at an address of its own.
func visitor() pg.Actor { return pg.Actor{Kind: "anonymous", IP: id.Token(9)} }

func (b *bundle) start(actor pg.Actor, in identity.StartCode) (code uuid.UUID, err error) {
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		code, err = b.service.StartCode(ctx, tx, in)
		return err
	})
	return code, err
}

// finish enters a code after some time has passed.
func (b *bundle) finish(code uuid.UUID, text string, later time.Duration) (in identity.SignedIn, err error) {
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		tx.Now = tx.Now.Add(later)
		in, err = b.service.FinishCode(ctx, tx, code, text)
		return err
	})
	return in, err
}

// relax makes the codes asked for so far older, so that their limits forget them.
func (b *bundle) relax(t *testing.T) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity.code SET asked_at = asked_at - interval '2 days'`)
		return err
	})
}

func (b *bundle) signIn(t *testing.T, in identity.StartCode) identity.SignedIn {
	t.Helper()
	b.relax(t)
	code, err := b.start(visitor(), in)
	if err != nil {
		t.Fatal(err)
	}
	signedIn, err := b.finish(code, b.box.last(t).Code, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return signedIn
}

// session asks who is signed in, after some time of the machine's clock.
func (b *bundle) session(token string, later time.Duration) (p identity.Principal, err error) {
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		tx.Wall = tx.Wall.Add(later)
		p, err = b.service.Session(ctx, tx, token)
		return err
	})
	return p, err
}

func (b *bundle) addStaff(t *testing.T, name, email string) (account uuid.UUID) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		account, err = b.service.AddStaff(ctx, tx, identity.AddStaff{Name: name, Email: email, Lang: "pt"})
		return err
	})
	return account
}

func (b *bundle) grant(t *testing.T, account uuid.UUID, role, agency string) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Grant(ctx, tx, account, role, agency, "") })
}

func staff(account uuid.UUID) pg.Actor { return pg.Actor{ID: account, Kind: identity.KindStaff} }

// dump returns every row of the module's tables, and of the audit record, as text.
func dump(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	super, err := pgx.Connect(ctx, pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(ctx)
	rows, _ := super.Query(ctx, `SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN ('identity', 'audit', 'encryption')`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	var all strings.Builder
	for _, table := range tables {
		rows, _ := super.Query(ctx, `SELECT r::text || coalesce(encode(convert_to(r::text, 'UTF8'), 'escape'), '') FROM `+table+` r`)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(strings.Join(lines, "\n"))
	}
	return all.String()
}

// act runs work as whoever signed in, after some time of the machine's clock.
func (b *bundle) act(in identity.SignedIn, later time.Duration, work func(ctx context.Context, tx *pg.Tx) error) error {
	actor := in.Principal.Actor()
	actor.IP = "203.0.113.9"
	return b.as(actor, func(ctx context.Context, tx *pg.Tx) error {
		tx.Wall = tx.Wall.Add(later)
		return work(ctx, tx)
	})
}

// must is act where nothing may fail.
func (b *bundle) must(t *testing.T, in identity.SignedIn, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	if err := b.act(in, 0, work); err != nil {
		t.Fatal(err)
	}
}

// clerk is a member of staff, signed in by a code.
func (b *bundle) clerk(t *testing.T, email string) identity.SignedIn {
	t.Helper()
	b.addStaff(t, "Nelson Brito", email)
	return b.signIn(t, identity.StartCode{Channel: "email", Address: email, Staff: true})
}

// require makes the tenant ask its staff for two factors.
func (b *bundle) require(t *testing.T, factor string) {
	t.Helper()
	service := tenancy.New(tenancy.Deps{})
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		settings, err := service.Settings(ctx, tx)
		if err != nil {
			return err
		}
		settings.StaffSecondFactor = factor
		return service.Change(ctx, tx, settings)
	})
}

// count answers a question about the tenant that is a number.
func (b *bundle) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&n) })
	return n
}
