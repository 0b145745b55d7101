package edge

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
	"digit/internal/infra/simulator"
	"digit/internal/infra/tenancy"
)

// atOnce runs the same act n times side by side and returns the answers.
func atOnce(n int, act func(i int) answer) []answer {
	out := make([]answer, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			out[i] = act(i)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
	return out
}

func TestCodes(t *testing.T) {
	t.Parallel()
	h := open(t)
	wrong := func(code string) string {
		if code == "000000" {
			return "000001"
		}
		return "000000"
	}
	t.Run("used twice", func(t *testing.T) {
		t.Parallel()
		c := h.visitor(t)
		id, code := c.askCode("/sign-in", phone())
		c.want(c.post("/sign-in/code", "id", id, "code", code), http.StatusSeeOther, "the first time")
		again := h.visitor(t)
		a := again.want(again.post("/sign-in/code", "id", id, "code", code), http.StatusUnprocessableEntity, "the second time")
		if a.header.Get("Set-Cookie") != "" {
			t.Error("a used code signs in")
		}
	})
	t.Run("wrong too often", func(t *testing.T) {
		t.Parallel()
		c := h.visitor(t)
		id, code := c.askCode("/sign-in", phone())
		for range 5 {
			c.want(c.post("/sign-in/code", "id", id, "code", wrong(code)), http.StatusUnprocessableEntity, "a wrong code")
		}
		a := c.want(c.post("/sign-in/code", "id", id, "code", code), http.StatusUnprocessableEntity, "the right one, too late")
		if a.header.Get("Set-Cookie") != "" {
			t.Error("the sixth try signs in")
		}
	})
	t.Run("guessed side by side", func(t *testing.T) {
		t.Parallel()
		c := h.visitor(t)
		id, code := c.askCode("/sign-in", phone())
		atOnce(12, func(int) answer { return c.form("/sign-in/code", "id", id, "code", wrong(code)) })
		if n := h.count(t, `SELECT tries FROM identity.code WHERE id = $1`, id); n != 5 {
			t.Errorf("%d tries were counted, want 5", n)
		}
		c.want(c.post("/sign-in/code", "id", id, "code", code), http.StatusUnprocessableEntity, "the right one, too late")
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		// A tenant of its own: the codes that others wait for meanwhile must not grow old with this one.
		slug := fmt.Sprintf("late%d", next())
		tenant, err := h.Tenancy.Create(t.Context(), h.DB, tenancy.NewTenant{Slug: slug, Kind: "sandbox", Settings: realSettings})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
			return errors.Join(h.SeedRoles(ctx, tx), h.Notification.PutProvider(ctx, tx, notification.Provider{Channel: notification.SMS, Kind: "simulator"}))
		}); err != nil {
			t.Fatal(err)
		}
		c := h.visitorAt(t, slug)
		id, code := c.askCode("/sign-in", phone())
		scope := pg.Scope{Tenant: tenant, Actor: pg.System()}
		if err := h.Tenancy.AdvanceClock(t.Context(), h.DB, scope, 11*time.Minute); err != nil {
			t.Fatal(err)
		}
		a := c.want(c.post("/sign-in/code", "id", id, "code", code), http.StatusUnprocessableEntity, "an old code")
		if a.header.Get("Set-Cookie") != "" || !strings.Contains(text(a.body), "code") {
			t.Errorf("an old code: %s", text(a.body))
		}
	})
	t.Run("asked for too often", func(t *testing.T) {
		t.Parallel()
		c := h.visitor(t)
		address := phone()
		for range 5 {
			c.want(c.post("/sign-in", "address", address), http.StatusSeeOther, "asking")
		}
		a := c.want(c.post("/sign-in", "address", address), http.StatusUnprocessableEntity, "the sixth time")
		if !strings.Contains(a.body, address) {
			t.Error("the address typed is lost")
		}
	})
}

// form posts a form from any goroutine.
func (c *client) form(path string, pairs ...string) answer {
	a, err := c.try(http.MethodPost, path, strings.NewReader(values(pairs).Encode()), map[string]string{"Content-Type": formType})
	if err != nil {
		c.t.Errorf("POST %s: %v", path, err)
	}
	return a
}

// TestTwice walks one application and does everything on its way twice, at once: impatient people, and systems that
// repeat themselves.
func TestTwice(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	for _, a := range atOnce(4, func(int) answer { return c.form("/services/birth-certificate/start") }) {
		c.want(a, http.StatusSeeOther, "beginning twice")
	}
	app := c.filled()
	if n := h.count(t, `SELECT count(*) FROM request.request r WHERE person_id = (SELECT person_id FROM request.request WHERE id = $1)`, app.ID); n != 1 {
		t.Errorf("beginning twice made %d drafts", n)
	}

	for _, a := range atOnce(4, func(int) answer { return c.form("/requests/" + app.ID + "/submit") }) {
		if c.want(a, http.StatusSeeOther, "sending twice"); a.location != "/requests/"+app.ID+"/sent" {
			t.Errorf("sending twice leads to %s", a.location)
		}
	}
	c.billed(app)
	for what, sql := range map[string]string{
		"requests with a reference": `SELECT count(DISTINCT reference) FROM request.request WHERE id = $1 AND reference <> ''`,
		"cases":                     `SELECT count(*) FROM workflow.instance WHERE id = $1`,
		"applications":              `SELECT count(*) FROM orchestration.application WHERE id = $1`,
		"demands":                   `SELECT count(*) FROM payment.demand WHERE subject_id = $1`,
		"submissions on record":     `SELECT count(*) FROM audit.entry WHERE object_id = $1 AND action = 'request.submit'`,
	} {
		if n := h.count(t, sql, app.ID); n != 1 {
			t.Errorf("%d %s, want 1", n, what)
		}
	}

	pages := map[string]bool{}
	for _, a := range atOnce(4, func(int) answer { return c.form("/requests/" + app.ID + "/pay") }) {
		c.want(a, http.StatusSeeOther, "pressing pay twice")
		pages[a.location] = true
	}
	if n := h.count(t, `SELECT count(*) FROM payment.charge c JOIN payment.demand d ON d.tenant_id = c.tenant_id AND d.id = c.demand_id WHERE d.subject_id = $1`, app.ID); n != 1 || len(pages) != 1 {
		t.Errorf("pressing pay twice made %d charges, %d pages", n, len(pages))
	}
	for page := range pages {
		for _, a := range atOnce(4, func(int) answer { return c.form(page, goodCard...) }) {
			c.want(a, http.StatusSeeOther, "paying twice")
		}
	}
	c.state(app, "verification")
	h.paidOnce(t, app)
	h.replay(t, app)
	h.paidOnce(t, app)
	if a := c.want(c.post("/requests/"+app.ID+"/pay"), http.StatusSeeOther, "paying what is paid"); strings.HasPrefix(a.location, "/sim/") {
		t.Error("what is paid can be paid again")
	}

	officer := h.staff(t, clerk)
	officer.claim(app)
	officer.act(app, "verify", checklist...)
	decider := h.staff(t, registrar)
	decider.claim(app)
	rev := decider.rev(app)
	done := 0
	for _, a := range atOnce(4, func(int) answer { return decider.form("/workbench/cases/"+app.ID+"/act/approve", "rev", rev) }) {
		switch a.status {
		case http.StatusSeeOther:
			done++
		case http.StatusConflict:
		default:
			t.Errorf("approving twice: %d %s", a.status, text(a.body))
		}
	}
	if done != 1 {
		t.Errorf("%d approvals went through, want 1", done)
	}
	c.state(app, "issued")
	eventually(t, "the wallet", func() bool {
		return h.count(t, `SELECT count(*) FROM wallet.item i JOIN certificate.credential c ON c.tenant_id = i.tenant_id AND c.id = i.credential_id WHERE c.subject_id = $1`, app.ID) > 0
	})
	h.rerun(t, app)
	for what, sql := range map[string]string{
		"decisions":    `SELECT count(*) FROM orchestration.decision WHERE application_id = $1`,
		"certificates": `SELECT count(*) FROM certificate.credential WHERE subject_id = $1`,
		"wallet items": `SELECT count(*) FROM wallet.item i JOIN certificate.credential c ON c.tenant_id = i.tenant_id AND c.id = i.credential_id WHERE c.subject_id = $1`,
		"records":      `SELECT count(*) FROM registry.version WHERE source_id = $1`,
	} {
		if n := h.count(t, sql, app.ID); n != 1 {
			t.Errorf("%d %s, want 1", n, what)
		}
	}
	h.paidOnce(t, app)
}

func (h *house) paidOnce(t *testing.T, app application) {
	t.Helper()
	for what, sql := range map[string]string{
		"payments": `SELECT count(*) FROM payment.payment p JOIN payment.demand d ON d.tenant_id = p.tenant_id AND d.id = p.demand_id WHERE d.subject_id = $1`,
		"receipts": `SELECT count(*) FROM payment.receipt p JOIN payment.demand d ON d.tenant_id = p.tenant_id AND d.id = p.demand_id WHERE d.subject_id = $1`,
		"moves":    `SELECT count(*) FROM workflow.transition WHERE instance_id = $1 AND action = 'pay'`,
	} {
		if n := h.count(t, sql, app.ID); n != 1 {
			t.Errorf("%d %s, want 1", n, what)
		}
	}
}

// replay sends the gateway's notice again, ten times at once under one id and once more under a new one, then with a
// wrong signature and too late.
func (h *house) replay(t *testing.T, app application) {
	t.Helper()
	var charge, ref string
	var minor int64
	err := h.one(t, `SELECT c.id::text, c.gateway_ref, c.amount_minor FROM payment.charge c JOIN payment.demand d ON d.tenant_id = c.tenant_id AND d.id = c.demand_id
		WHERE d.subject_id = $1`, []any{app.ID}, &charge, &ref, &minor)
	if err != nil {
		t.Fatal(err)
	}
	var shop simulator.Merchant
	tenant := h.tenant(t, "cv")
	if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		shop, err = h.Simulator.Merchant(ctx, tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	key := secretKey(t, shop.WebhookSecret)
	body := noticeBody(charge, ref, minor)
	c := h.visitor(t)
	send := func(header http.Header) answer {
		plain := map[string]string{"Content-Type": "application/json"}
		for name := range header {
			plain[name] = header.Get(name)
		}
		a, err := c.try(http.MethodPost, "/hooks/payment/sandbox", strings.NewReader(body), plain)
		if err != nil {
			t.Error(err)
		}
		return a
	}
	event := uuid.NewString()
	header := webhook.Sign(key, event, time.Now(), []byte(body))
	for _, a := range atOnce(10, func(int) answer { return send(header) }) {
		if a.status != http.StatusOK {
			t.Errorf("a replayed notice: %d %s", a.status, a.body)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM payment.webhook WHERE event_id = $1`, event); n != 1 {
		t.Errorf("the notice was taken %d times", n)
	}
	forged := webhook.Sign([]byte("another key of thirty-two bytes!"), uuid.NewString(), time.Now(), []byte(body))
	for name, a := range map[string]answer{
		"a forged notice":   send(forged),
		"an unsigned one":   send(nil),
		"a late one":        send(webhook.Sign(key, uuid.NewString(), time.Now().Add(-time.Hour), []byte(body))),
		"one of the future": send(webhook.Sign(key, uuid.NewString(), time.Now().Add(time.Hour), []byte(body))),
	} {
		if p := c.problem(a, http.StatusUnauthorized); p.Title == "" {
			t.Errorf("%s says nothing", name)
		}
	}
	foreign := c.at("sandbox")
	a := foreign.send(http.MethodPost, "/hooks/payment/sandbox", strings.NewReader(body), map[string]string{
		webhook.HeaderID: header.Get(webhook.HeaderID), webhook.HeaderTimestamp: header.Get(webhook.HeaderTimestamp), webhook.HeaderSignature: header.Get(webhook.HeaderSignature),
	})
	c.problem(a, http.StatusUnauthorized)
}

// rerun puts the finished jobs of an application back into the queue, as after a crash between the work and its note.
func (h *house) rerun(t *testing.T, app application) {
	t.Helper()
	pool := h.look(t)
	tag, err := pool.Exec(t.Context(), `UPDATE river.river_job SET state = 'available', finalized_at = NULL, attempt = 0, scheduled_at = now()
		WHERE state = 'completed' AND (args::text LIKE '%' || $1 || '%' OR kind IN ('payment.receipt', 'certificate.render', 'exchange.deliver', 'notification.deliver'))`, app.ID)
	if err != nil {
		t.Fatal(err)
	}
	if tag.RowsAffected() == 0 {
		t.Fatal("no job was found to run again")
	}
	eventually(t, "the jobs that run again", func() bool {
		return h.count(t, `SELECT count(*) FROM river.river_job WHERE state IN ('available', 'running', 'retryable') AND attempt <= 1 AND kind <> 'river' AND scheduled_at <= now()`) == 0
	})
}

func secretKey(t *testing.T, secret string) []byte {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// noticeBody is what the card provider posts when a charge is paid.
func noticeBody(charge, ref string, minor int64) string {
	return fmt.Sprintf(`{"type":"charge.paid","data":{"ref":%q,"reference":%q,"amount":{"minor":%d,"currency":"CVE"},"status":"paid"}}`, ref, charge, minor)
}
