package edge

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/cmd/digit/app"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// shortTimes are what real processes need to learn of a key by the database's notices, and no more.
var shortTimes = encryption.Times{
	Spread: 2 * time.Second, Settle: 2 * time.Second, Publish: 2 * time.Second, Retention: time.Second, Standstill: 5 * time.Second,
}

// traveller is somebody who is served by either of two processes, as a balancer decides: by the other one where one is dead.
type traveller struct {
	doors  []*client
	turn   int
	failed *atomic.Int64
	made   *atomic.Int64
}

func (w *traveller) send(method, path, body string, header map[string]string) (a answer, ok bool) {
	w.turn++
	var err error
	for try := range w.doors {
		if a, err = w.doors[(w.turn+try)%len(w.doors)].try(method, path, strings.NewReader(body), header); err == nil {
			break
		}
	}
	w.made.Add(1)
	return a, err == nil
}

// ask fails the test where the answer has another status, or does not say what it should.
func (w *traveller) ask(t *testing.T, method, path, body string, header map[string]string, status int, says string) answer {
	a, ok := w.send(method, path, body, header)
	if !ok || a.status != status || !strings.Contains(a.body, says) {
		w.failed.Add(1)
		t.Errorf("%s %s: %d, and not %q: %s", method, path, a.status, says, text(a.body))
	}
	return a
}

// door is the same browser before another process.
func (c *client) door(p *house) *client {
	c.t.Helper()
	other := p.visitor(c.t)
	other.http.Jar.SetCookies(mustURL(c.t, other.base), c.http.Jar.Cookies(mustURL(c.t, c.base)))
	return other
}

// api asks for something to be done with keys and returns a field of the answer.
func (w *traveller) api(t *testing.T, act, field string, body map[string]string) string {
	body["agency"], body["purpose"] = "dgrni", "tax.assessment"
	b, err := json.Marshal(body)
	if err != nil {
		t.Error(err)
		return ""
	}
	a := w.ask(t, http.MethodPost, "/api/v1/encryption/"+act, string(b), map[string]string{"Content-Type": "application/json"}, http.StatusOK, field)
	var got map[string]any
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		return ""
	}
	s, _ := got[field].(string)
	return s
}

// system is a machine of the registry's that may encrypt and sign.
func (h *house) system(t *testing.T) *client {
	t.Helper()
	if err := h.as(t, h.tenant(t, "cv"), func(ctx context.Context, tx *pg.Tx) error {
		if err := h.Identity.PutRole(ctx, tx, identity.Role{Code: "tax-system", Name: i18n.Text{"en": "Tax system"}, Permissions: []string{
			encryption.Encrypts, encryption.Decrypts, encryption.Signs, encryption.Verifies,
		}}); err != nil {
			return err
		}
		account, err := h.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: "Tax system", Email: "tax.system@demo.example", Lang: "en"})
		if err != nil {
			return err
		}
		return h.Identity.Grant(ctx, tx, account, "tax-system", "dgrni", "")
	}); err != nil {
		t.Fatal(err)
	}
	return h.staff(t, "tax.system@demo.example")
}

// TestKeysChangeUnderTraffic changes every key of a tenant, one after the other, while two processes serve people, officers
// and another system; one of the two is killed in the middle and a new one takes its place. No request fails, nothing stays
// under an old key, and what was signed and given out before is still believed.
func TestKeysChangeUnderTraffic(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{KeyTimes: shortTimes})
	tenant := h.tenant(t, "cv")
	first := h.citizen(t, "Joana Lima")
	issued, item, credential := h.issued(t, first)
	code := h.verifyCode(t, tenant, credential)
	var person uuid.UUID
	if err := h.one(t, `SELECT person_id FROM request.request WHERE id = $1`, []any{issued.ID}, &person); err != nil {
		t.Fatal(err)
	}
	for range 8 { // that there is something to renew
		h.citizen(t, "Mais Alguém").filled()
	}
	admin, machine := h.staff(t, administrator), h.system(t)
	second := h.another(t)

	var failed, made atomic.Int64
	var doors sync.RWMutex // the second process, while it is replaced
	stop := make(chan struct{})
	var traffic sync.WaitGroup
	halt := sync.OnceFunc(func() {
		close(stop)
		traffic.Wait()
	})
	defer halt()
	walk := func(who *client, step func(*traveller)) {
		traffic.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				doors.RLock()
				p := second
				doors.RUnlock()
				w := &traveller{doors: []*client{who, who.door(&p.house)}, failed: &failed, made: &made, turn: int(made.Load())}
				for range 5 {
					step(w)
				}
			}
		})
	}
	traffic.Go(func() { // all of it comes from three browsers, and is as much as from many
		pool := h.look(t)
		for {
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Millisecond):
			}
			if _, err := pool.Exec(context.WithoutCancel(t.Context()), `DELETE FROM platform.quota`); err != nil {
				t.Error(err)
			}
		}
	})
	data, bound := base64.StdEncoding.EncodeToString([]byte("salary 1234")), base64.StdEncoding.EncodeToString([]byte("case 1"))
	draft := first.draft()
	form := map[string]string{"Content-Type": formType}
	walk(first, func(w *traveller) {
		w.ask(t, http.MethodPost, "/requests/"+draft.ID+"/pages/who", values(answers()["who"]).Encode(), form, http.StatusSeeOther, "")
		w.ask(t, http.MethodGet, "/requests/"+issued.ID, "", nil, http.StatusOK, issued.ID)
		w.ask(t, http.MethodGet, "/wallet/"+item, "", nil, http.StatusOK, "Maria da Luz")
		w.ask(t, http.MethodGet, "/verify/"+code, "", nil, http.StatusOK, "Maria da Luz")
	})
	walk(admin, func(w *traveller) {
		w.ask(t, http.MethodGet, "/console/people?q=ana.tavares%40demo.example", "", nil, http.StatusOK, "Ana Tavares")
		w.ask(t, http.MethodGet, "/console/people?q=tavar+ana", "", nil, http.StatusOK, "Ana Tavares")
		w.ask(t, http.MethodGet, "/console/messages", "", nil, http.StatusOK, "")
	})
	given := &traveller{doors: []*client{machine}, failed: &failed, made: &made}
	old := given.api(t, "encrypt", "ciphertext", map[string]string{"plaintext": data, "associated_data": bound})
	signed := given.api(t, "sign", "jws", map[string]string{"payload": data})
	walk(machine, func(w *traveller) {
		sealed := w.api(t, "encrypt", "ciphertext", map[string]string{"plaintext": data, "associated_data": bound})
		for _, c := range []string{sealed, old} {
			if got := w.api(t, "decrypt", "plaintext", map[string]string{"ciphertext": c, "associated_data": bound}); got != data {
				failed.Add(1)
				t.Errorf("it opens to %q", got)
			}
		}
		w.api(t, "verify", "kid", map[string]string{"jws": w.api(t, "sign", "jws", map[string]string{"payload": data})})
		w.api(t, "verify", "kid", map[string]string{"jws": signed})
	})

	killed := false
	for _, change := range []struct {
		purpose encryption.Purpose
		person  uuid.UUID
	}{{encryption.ForSealing, uuid.Nil}, {encryption.ForIndexes, uuid.Nil}, {encryption.ForPerson, person}, {encryption.ForMACs, uuid.Nil}, {encryption.ForAPI, uuid.Nil}} {
		var id uuid.UUID
		if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
			id, err = h.Encryption.Rotate(ctx, tx, change.purpose, change.person)
			return err
		}); err != nil {
			t.Fatalf("%s: %v", change.purpose, err)
		}
		p := h.rotated(t, tenant, id, func(p encryption.Progress) bool {
			if p.PromotedAt != nil && !killed {
				killed = true
				second.kill()
				fresh := h.another(t)
				doors.Lock()
				second = fresh
				doors.Unlock()
			}
			return p.State == encryption.Done
		})
		t.Logf("%s: %d values renewed, none left under %s", p.Purpose, p.Total, p.OldKey)
		if p.Remaining > 0 || (change.purpose == encryption.ForSealing || change.purpose == encryption.ForIndexes || change.purpose == encryption.ForPerson) && p.Total == 0 {
			t.Errorf("%s: %d of %d left", p.Purpose, p.Remaining, p.Total)
		}
		if change.purpose == encryption.ForSealing || change.purpose == encryption.ForPerson {
			h.gone(t, p.OldKey)
		}
	}
	if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
		return h.Encryption.RotateSigning(ctx, tx, encryption.Signer{Owner: "dgrni", Use: encryption.UseCredential})
	}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * shortTimes.Publish)
	if err := h.as(t, tenant, h.Encryption.Tend); err != nil {
		t.Fatal(err)
	}
	if fresh := h.verifyCode(t, tenant, credential); encryption.KeyID(fresh) == encryption.KeyID(code) {
		t.Error("the signing key did not change")
	}
	time.Sleep(time.Second)
	halt()
	t.Logf("%d requests, %d failed", made.Load(), failed.Load())
	if made.Load() < 500 || !killed {
		t.Errorf("%d requests: that proves little", made.Load())
	}
}

// rotated waits until a change of a key has come where it should, and looks after the tenant's keys more often than the job
// of every minute does.
func (h *house) rotated(t *testing.T, tenant, id uuid.UUID, there func(encryption.Progress) bool) (p encryption.Progress) {
	t.Helper()
	eventually(t, "the change of a key", func() bool {
		time.Sleep(300 * time.Millisecond)
		if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
			if err := h.Encryption.Tend(ctx, tx); err != nil {
				return err
			}
			p, err = h.Encryption.Rotation(ctx, tx, id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if p.State == encryption.Blocked {
			t.Fatalf("blocked: %+v", p)
		}
		return there(p)
	})
	return p
}

// gone looks through every table for a value that a key sealed.
func (h *house) gone(t *testing.T, key string) {
	t.Helper()
	pool := h.look(t)
	rows, err := pool.Query(t.Context(), `SELECT c.table_schema || '.' || c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.data_type = 'bytea' AND t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		t.Fatal(err)
	}
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	for _, c := range columns {
		var n int
		if err := pool.QueryRow(t.Context(), fmt.Sprintf(`SELECT count(*) FROM %s WHERE substring(%s FROM 1 FOR 6) = '\x0101%s'`, c[0], c[1], key)).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			t.Errorf("%d values of %s.%s are still under %s", n, c[0], c[1], key)
		}
	}
}
