package simulator_test

import (
	"context"
	"flag"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "4") // each of them talks to the whole platform; the command line has its say after this
	hooktest.Main(m)
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt", "en", "ar"} {
		v := hooktest.Visit(t, lang)
		for _, path := range []string{"/simulator", "/simulator/messages", "/simulator/cards", "/simulator/people", "/simulator/agency", "/simulator/agency?status=open"} {
			v.Get(path, http.StatusOK)
		}
	}
	v := hooktest.Visit(t, "en")
	if hub := hooktest.Text(v.Get("/simulator", http.StatusOK)); !strings.Contains(hub, "This is a simulator") || !strings.Contains(hub, "sofia.andrade@demo.example") {
		t.Errorf("the hub does not say what it is or whom there is:\n%s", hub)
	}
	for _, path := range []string{"/sim/cards/pay/" + id.New().String(), "/simulator/cards/nothing", "/simulator/agency/" + id.New().String()} {
		v.Get(path, http.StatusNotFound)
	}
}

func TestSignInByMailbox(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("tome.gomes@demo.example", true)
	v.Get("/console", http.StatusOK)
}

// order orders a payment of 12.50 as a merchant's program does.
func order(t *testing.T, v *hooktest.Visitor) (c simulator.CardCharge, merchant simulator.Merchant) {
	t.Helper()
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		merchant, err = hooktest.App(t).Simulator.Merchant(ctx, tx)
		return err
	})
	reference := id.New().String()
	body := `{"reference":"` + reference + `","amount":{"minor":1250,"currency":"CVE"},"description":"Licence","return_url":"` + v.Base + `/help","webhook_url":"` + v.Base + `/hooks/payment/sandbox"}`
	if a := v.Send(http.MethodPost, "/sim/cards/charges", "application/json", body, "Authorization", "Bearer wrong"); a.Status != http.StatusUnauthorized {
		t.Fatalf("a wrong key: %d %s", a.Status, a.Body)
	}
	for range 2 { // the same order again is the same charge
		a := v.Send(http.MethodPost, "/sim/cards/charges", "application/json", body, "Authorization", "Bearer "+merchant.Key)
		if a.Status != http.StatusCreated {
			t.Fatalf("order: %d %s", a.Status, a.Body)
		}
		first := c.Ref
		decode(t, a.Body, &c)
		if first != uuid.Nil && first != c.Ref {
			t.Fatalf("the same order made two charges")
		}
	}
	return c, merchant
}

func TestCardPayment(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	c, merchant := order(t, v)
	page := strings.TrimPrefix(c.URL, v.Base)
	v.Get(page, http.StatusOK)
	refused := v.Post(page, url.Values{"number": {"1234"}, "expiry": {"1/20"}, "cvc": {"x"}}, http.StatusUnprocessableEntity)
	for _, id := range []string{`href="#number"`, `href="#expiry"`, `href="#cvc"`} {
		if !strings.Contains(refused, id) {
			t.Errorf("the error summary does not lead to %s", id)
		}
	}
	card := url.Values{"number": {"4242 4242 4242 4242"}, "expiry": {"12 / 30"}, "cvc": {"123"}}
	for range 2 { // pressing twice pays once and leads back both times
		if to := v.Post(page, card, http.StatusSeeOther); to != v.Base+"/help" {
			t.Errorf("paid: to %s", to)
		}
	}
	a := v.Send(http.MethodGet, "/sim/cards/charges/"+c.Ref.String(), "", "", "Authorization", "Bearer "+merchant.Key)
	decode(t, a.Body, &c)
	if c.Status != simulator.ChargePaid {
		t.Errorf("the charge is %s, want paid", c.Status)
	}
	if s := hooktest.Text(v.Get(page, http.StatusOK)); !strings.Contains(s, "Paid") || strings.Contains(s, "Security code") {
		t.Errorf("a paid charge still asks to pay:\n%s", s)
	}
}

func TestBankDoesNotAnswer(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	c, _ := order(t, v)
	page := strings.TrimPrefix(c.URL, v.Base)
	card := url.Values{"number": {"4000 0000 0000 0119"}, "expiry": {"12/30"}, "cvc": {"123"}}
	for range 2 {
		if s := hooktest.Text(v.Post(page, card, http.StatusOK)); !strings.Contains(s, "The bank did not answer") {
			t.Errorf("no answer is not told:\n%s", s)
		}
	}
}

func TestIdentityProvider(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	to := v.Post("/sign-in/with/simulated", url.Values{"next": {"/"}}, http.StatusSeeOther)
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	if s := hooktest.Text(v.Get(at.RequestURI(), http.StatusOK)); !strings.Contains(s, "Maria Celeste Tavares") {
		t.Fatalf("nobody to choose:\n%s", s)
	}
	form := at.Query()
	form.Set("subject", "maria-tavares")
	back := v.Post("/sim/idp/authorize", form, http.StatusSeeOther)
	a := v.Send(http.MethodGet, back, "", "")
	if a.Status != http.StatusSeeOther || len(a.Header["Set-Cookie"]) == 0 {
		t.Fatalf("the callback: %d %s", a.Status, hooktest.Text(a.Body))
	}
	if again := v.Send(http.MethodGet, back, "", ""); again.Status == http.StatusSeeOther && len(again.Header["Set-Cookie"]) > 0 {
		t.Error("the same answer signed in twice")
	}
	for body, want := range map[string]string{
		"grant_type=authorization_code&client_id=digit&client_secret=wrong&code=x": `{"error":"invalid_client"}`,
	} {
		a := v.Send(http.MethodPost, "/sim/idp/token", "application/x-www-form-urlencoded", body)
		if strings.TrimSpace(a.Body) != want {
			t.Errorf("token: %d %s, want %s", a.Status, a.Body, want)
		}
	}
	form.Set("redirect_uri", "https://elsewhere.example/")
	if a := v.Send(http.MethodGet, "/sim/idp/authorize?"+form.Encode(), "", ""); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a redirect elsewhere: %d", a.Status)
	}
}
