package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// bearer calls with a key or token after some time of the machine's clock.
func (b *bundle) bearer(shown string, later time.Duration) (p identity.Principal, err error) {
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		tx.Wall, tx.Now = tx.Wall.Add(later), tx.Now.Add(later)
		p, err = b.service.Bearer(ctx, tx, shown)
		return err
	})
	return p, err
}

func (b *house) machine(t *testing.T, actor pg.Actor, in identity.NewMachine) (machine uuid.UUID, secret string) {
	t.Helper()
	err := b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		if in.ExpiresAt.IsZero() {
			in.ExpiresAt = tx.Wall.AddDate(0, 6, 0)
		}
		machine, secret, err = b.service.AddMachine(ctx, tx, in)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return machine, secret
}

func (b *bundle) token(client uuid.UUID, secret string, scope ...string) (tok identity.Token, err error) {
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		tok, err = b.service.IssueToken(ctx, tx, client.String(), secret, scope)
		return err
	})
	return tok, err
}

func TestKey(t *testing.T) {
	t.Parallel()
	b := build(t)
	machine, key := b.machine(t, pg.System(), identity.NewMachine{
		Name: " Revenue  authority ", Kind: identity.MachineKey, Permissions: []string{"orchestration:read", "audit:read"}, Agency: "",
	})
	p, err := b.bearer(key, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != identity.KindMachine || p.Account != machine || p.Name != "Revenue authority" || p.Actor().Kind != "machine" || !p.MayIn("orchestration:read", "dgrni") || p.May("payment:refund") {
		t.Errorf("principal = %+v", p)
	}
	if len(key) != 4+43 || !strings.HasPrefix(key, "dgk_") {
		t.Errorf("key %d characters", len(key))
	}
	for name, shown := range map[string]string{"nothing": "", "another": "dgk_" + strings.Repeat("A", 43), "its beginning": key[:20], "another case": strings.ToUpper(key)} {
		if _, err := b.bearer(shown, 0); !errors.Is(err, identity.ErrBearer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(dump(t), key) {
		t.Error("the key stands in the database")
	}
	var m identity.Machine
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		m, err = b.service.Machine(ctx, tx, machine)
		return err
	})
	if len(m.Secrets) != 1 || !strings.HasPrefix(key, m.Secrets[0].Prefix) || len(m.Secrets[0].Prefix) != 10 || m.UsedAt == nil || !m.Working(time.Now()) {
		t.Errorf("machine = %+v", m)
	}
	if _, err := b.bearer(key, 300*24*time.Hour); !errors.Is(err, identity.ErrBearer) {
		t.Errorf("after its end: %v", err)
	}
}

func TestKeyRotates(t *testing.T) {
	t.Parallel()
	b := build(t)
	machine, old := b.machine(t, pg.System(), identity.NewMachine{Name: "Bank", Kind: identity.MachineKey, Permissions: []string{"orchestration:read"}})
	rotate := func(overlap time.Duration, expires time.Time) (fresh string, err error) {
		err = b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			fresh, err = b.service.RotateMachine(ctx, tx, machine, overlap, expires)
			return err
		})
		return fresh, err
	}
	fresh, err := rotate(24*time.Hour, time.Now().AddDate(0, 11, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key   string
		later time.Duration
		works bool
	}{{old, 0, true}, {fresh, 0, true}, {old, 23 * time.Hour, true}, {old, 25 * time.Hour, false}, {fresh, 25 * time.Hour, true}, {fresh, 300 * 24 * time.Hour, true}} {
		if _, err := b.bearer(c.key, c.later); (err == nil) != c.works {
			t.Errorf("old %v after %s: %v", c.key == old, c.later, err)
		}
	}
	third, err := rotate(0, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.bearer(fresh, 0); !errors.Is(err, identity.ErrBearer) {
		t.Errorf("without overlap the old one counts on: %v", err)
	}
	for name, c := range map[string]struct {
		overlap time.Duration
		expires time.Time
	}{"too long an overlap": {8 * 24 * time.Hour, time.Time{}}, "two years": {0, time.Now().AddDate(2, 0, 0)}, "yesterday": {0, time.Now().AddDate(0, 0, -1)}} {
		if _, err := rotate(c.overlap, c.expires); !errors.Is(err, identity.ErrMachine) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.RevokeMachine(ctx, tx, machine) })
	if _, err := b.bearer(third, 0); !errors.Is(err, identity.ErrBearer) {
		t.Errorf("revoked: %v", err)
	}
	if _, err := rotate(0, time.Time{}); !errors.Is(err, identity.ErrMachineRevoked) {
		t.Errorf("rotated after it was revoked: %v", err)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	b := build(t)
	client, secret := b.machine(t, pg.System(), identity.NewMachine{Name: "Bank", Kind: identity.MachineClient, Permissions: []string{"orchestration:read", "registry:read"}, Agency: "dgrni"})
	if _, err := b.bearer(secret, 0); !errors.Is(err, identity.ErrBearer) {
		t.Errorf("a client's secret is no key: %v", err)
	}
	whole, err := b.token(client, secret)
	if err != nil || whole.Expires != 10*time.Minute || !slices.Equal(whole.Scope, []string{"orchestration:read", "registry:read"}) {
		t.Fatalf("token = %+v, %v", whole, err)
	}
	part, err := b.token(client, secret, "registry:read")
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.bearer(part.Text, 9*time.Minute)
	if err != nil || !p.MayIn("registry:read", "dgrni") || p.MayIn("registry:read", "cmp") || p.May("orchestration:read") {
		t.Errorf("principal = %+v, %v", p, err)
	}
	if _, err := b.bearer(part.Text, 10*time.Minute); !errors.Is(err, identity.ErrBearer) {
		t.Errorf("after ten minutes: %v", err)
	}
	_, key := b.machine(t, pg.System(), identity.NewMachine{Name: "Key", Kind: identity.MachineKey, Permissions: []string{"registry:read"}})
	for name, c := range map[string]struct {
		id     string
		secret string
		scope  string
		want   error
	}{
		"another secret": {client.String(), key, "", identity.ErrClient}, "no id": {"bank", secret, "", identity.ErrClient},
		"another id": {uuid.NewString(), secret, "", identity.ErrClient}, "more than it has": {client.String(), secret, "payment:refund", identity.ErrScope},
	} {
		err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
			var scope []string
			if c.scope != "" {
				scope = []string{c.scope}
			}
			_, err := b.service.IssueToken(ctx, tx, c.id, c.secret, scope)
			return err
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.RevokeMachine(ctx, tx, client) })
	if _, err := b.bearer(whole.Text, 0); !errors.Is(err, identity.ErrBearer) {
		t.Errorf("its token outlives it: %v", err)
	}
	if _, err := b.token(client, secret); !errors.Is(err, identity.ErrClient) {
		t.Errorf("revoked: %v", err)
	}
}

// TestMachinesAreCounted: many at once do not slip through together, and each machine has a limit of its own.
func TestMachinesAreCounted(t *testing.T) {
	t.Parallel()
	b := build(t)
	b.service = b.rated(20)
	_, key := b.machine(t, pg.System(), identity.NewMachine{Name: "Busy", Kind: identity.MachineKey, Permissions: []string{"registry:read"}})
	_, other := b.machine(t, pg.System(), identity.NewMachine{Name: "Idle", Kind: identity.MachineKey, Permissions: []string{"registry:read"}})
	minute := time.Now().Truncate(time.Minute).Add(time.Minute)
	call := func(key string, at time.Time) error {
		return b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
			tx.Wall = at
			_, err := b.service.Bearer(ctx, tx, key)
			return err
		})
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var passed, refused int
	for range 50 {
		wg.Go(func() {
			err := call(key, minute.Add(10*time.Second))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				passed++
			case errors.Is(err, identity.ErrRate) && fault.Of(err).Args[fault.RetryAfter] == 51:
				refused++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if passed != 20 || refused != 30 {
		t.Errorf("%d passed, %d refused", passed, refused)
	}
	if err := call(other, minute.Add(10*time.Second)); err != nil {
		t.Errorf("another machine: %v", err)
	}
	if err := call(key, minute.Add(time.Minute)); err != nil {
		t.Errorf("in the next minute: %v", err)
	}
}

func TestWhoGivesMachines(t *testing.T) {
	t.Parallel()
	b := build(t)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		for code, permissions := range map[string][]string{
			"machinist": {"identity:machines", "orchestration:read", "identity:read", "audit:read"}, "reader": {"identity:read"},
		} {
			if err := b.service.PutRole(ctx, tx, identity.Role{Code: code, Name: textOf(code), Permissions: permissions}); err != nil {
				return err
			}
		}
		return nil
	})
	local := b.addStaff(t, "Local", "local@gov.example")
	b.grant(t, local, "machinist", "dgrni")
	chief := b.addStaff(t, "Chefe", "chefe@gov.example")
	b.grant(t, chief, "machinist", "")
	reader := b.addStaff(t, "Leitor", "leitor@gov.example")
	b.grant(t, reader, "reader", "")
	in := identity.NewMachine{Name: "Bank", Kind: identity.MachineKey, Permissions: []string{"orchestration:read"}, Agency: "dgrni", ExpiresAt: time.Now().AddDate(0, 1, 0)}
	with := func(change func(*identity.NewMachine)) identity.NewMachine {
		m := in
		change(&m)
		return m
	}
	for name, c := range map[string]struct {
		who  pg.Actor
		in   identity.NewMachine
		want error
	}{
		"their agency's":        {staff(local), in, nil},
		"the state's":           {staff(chief), with(func(m *identity.NewMachine) { m.Agency = "" }), nil},
		"another agency's":      {staff(local), with(func(m *identity.NewMachine) { m.Agency = "cmp" }), identity.ErrForbidden},
		"the state's, local":    {staff(local), with(func(m *identity.NewMachine) { m.Agency = "" }), identity.ErrForbidden},
		"what one has not":      {staff(local), with(func(m *identity.NewMachine) { m.Permissions = []string{"payment:refund"} }), identity.ErrForbidden},
		"no permission":         {staff(reader), in, identity.ErrForbidden},
		"a stranger":            {visitor(), in, identity.ErrForbidden},
		"a machine":             {pg.Actor{ID: uuid.New(), Kind: "machine"}, in, identity.ErrForbidden},
		"hands":                 {staff(chief), with(func(m *identity.NewMachine) { m.Permissions = []string{"identity:machines"} }), identity.ErrMachine},
		"the state's record":    {staff(chief), with(func(m *identity.NewMachine) { m.Permissions = []string{"audit:read"} }), identity.ErrMachine},
		"nothing":               {staff(chief), with(func(m *identity.NewMachine) { m.Permissions = nil }), identity.ErrMachine},
		"no name":               {staff(chief), with(func(m *identity.NewMachine) { m.Name = " " }), identity.ErrMachine},
		"another kind":          {staff(chief), with(func(m *identity.NewMachine) { m.Kind = "robot" }), identity.ErrMachine},
		"for two years":         {staff(chief), with(func(m *identity.NewMachine) { m.ExpiresAt = time.Now().AddDate(2, 0, 0) }), identity.ErrMachine},
		"until before it began": {staff(chief), with(func(m *identity.NewMachine) { m.ExpiresAt = time.Now().Add(-time.Hour) }), identity.ErrMachine},
	} {
		err := b.as(c.who, func(ctx context.Context, tx *pg.Tx) error {
			_, _, err := b.service.AddMachine(ctx, tx, c.in)
			return err
		})
		if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	count := func(actor pg.Actor, f identity.MachineFilter) (n int) {
		err := b.as(actor, func(ctx context.Context, tx *pg.Tx) error {
			found, err := b.service.Machines(ctx, tx, f, page.Request{})
			n = len(found.Rows)
			return err
		})
		if errors.Is(err, identity.ErrForbidden) {
			return -1
		}
		return n
	}
	if a, c, d, e, f := count(staff(local), identity.MachineFilter{}), count(staff(chief), identity.MachineFilter{Working: true}), count(staff(reader), identity.MachineFilter{}),
		count(staff(chief), identity.MachineFilter{Query: "ban"}), count(staff(chief), identity.MachineFilter{Query: "tax"}); a != 1 || c != 2 || d != -1 || e != 2 || f != 0 {
		t.Errorf("machines: local %d, chief %d, reader %d, by name %d and %d", a, c, d, e, f)
	}
	var state uuid.UUID
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		found, err := b.service.Machines(ctx, tx, identity.MachineFilter{}, page.Request{})
		for _, m := range found.Rows {
			if m.Agency == "" {
				state = m.ID
			}
		}
		return err
	})
	if err := b.as(staff(local), func(ctx context.Context, tx *pg.Tx) error { return b.service.RevokeMachine(ctx, tx, state) }); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("an agency's administrator revokes the state's: %v", err)
	}
	if err := b.as(staff(local), func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.Machine(ctx, tx, state); return err }); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("an agency's administrator opens the state's: %v", err)
	}
}

func TestMachinesAreWarnedOf(t *testing.T) {
	t.Parallel()
	b := build(t)
	chief := b.addStaff(t, "Chefe", "chefe@gov.example")
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.PutRole(ctx, tx, identity.Role{Code: "machinist", Name: textOf("x"), Permissions: []string{"identity:machines"}})
	})
	b.grant(t, chief, "machinist", "")
	end := time.Now().AddDate(0, 0, 20)
	machine, _ := b.machine(t, pg.System(), identity.NewMachine{Name: "Bank", Kind: identity.MachineKey, Permissions: []string{"registry:read"}, ExpiresAt: end})
	if due := b.timers(t, "identity.warn_machine:"+machine.String()); len(due) != 2 || !due[0].Before(end.AddDate(0, 0, -13)) || !due[1].Before(end) {
		t.Errorf("warned at %v of %v", due, end)
	}
	b.travel(t, 7*24*time.Hour)
	if got := b.alerts.kinds(); !slices.Equal(got, []string{identity.AlertMachineEnds + " to chefe@gov.example"}) {
		t.Errorf("two weeks before: %v", got)
	}
	b.travel(t, 12*24*time.Hour+time.Hour)
	if got := b.alerts.kinds(); len(got) != 2 {
		t.Errorf("a day before: %v", got)
	}
}
