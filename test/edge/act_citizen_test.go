package edge

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// printed is the path behind the code on a certificate.
func (h *house) printed(t *testing.T, credential string) (path string) {
	t.Helper()
	err := h.as(t, h.tenant(t, "cv"), func(ctx context.Context, tx *pg.Tx) error {
		found, err := h.Certificate.Credential(ctx, tx, uuid.MustParse(credential))
		if err != nil {
			return err
		}
		url, err := h.Certificate.VerifyURL(ctx, tx, found)
		path = url[strings.Index(url, "/verify/"):]
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (h *house) citizensActs(t *testing.T, c *client, item, credential string) {
	t.Helper()
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return c.want(c.post(path, pairs...), http.StatusSeeOther, path)
	}
	must("/wallet/" + item + "/hide")
	must("/wallet/" + item + "/restore")
	day := time.Now().AddDate(0, 1, 0)
	shared := c.want(c.post("/wallet/"+item+"/share", "claims", "full_name", "purpose", "emprego", "until.day", "1", "until.month", day.Format("1"), "until.year", day.Format("2006")), http.StatusOK, "sharing")
	link := regexp.MustCompile(`/shared/[A-Za-z0-9_-]+`).FindString(shared.body)
	stranger := h.visitor(t)
	stranger.want(stranger.get(link), http.StatusOK, "what was shared")
	page := c.want(c.get("/wallet/"+item), http.StatusOK, "the wallet")
	code := h.printed(t, credential)
	stranger.want(stranger.get(code), http.StatusOK, "verifying a code")
	stranger.want(stranger.post("/verify", "text", code), http.StatusOK, "verifying a text")
	stranger.want(stranger.json("/api/v1/verify", `{"text":"`+code+`"}`), http.StatusOK, "verifying by a program")
	share := regexp.MustCompile(`/wallet/[0-9a-f-]+/shares/[0-9a-f-]+/end`).FindString(page.body)
	must(share)

	draft := c.filled()
	must("/requests/" + draft.ID + "/files/identity_document.card/" + draft.File + "/remove")
	must("/profile/household/new", "name", "Nina Lima", "born.day", "27", "born.month", "3", "born.year", "2019", "relation", "child")
	member := c.led("/profile/household", `/profile/household/[0-9a-f-]{36}`)
	must("/requests/"+draft.ID+"/for", "who", member[len("/profile/household/"):])
	must(member + "/remove")
	must("/requests/" + draft.ID + "/discard")
	must("/requests/" + draft.ID + "/resume")
	must("/requests/" + draft.ID + "/discard")
	sent := "/requests/" + c.sent().ID
	must(sent+"/messages", "words", "Falta muito?")
	must(sent + "/withdraw")
	must("/profile/preferences", "news", "sms")
	must("/profile/data/copy")
	leaving := h.citizen(t, "Lino Leite")
	leaving.must("/profile/data/erase")
	leaving.must("/profile/data/erase/undo")
	body, err := os.ReadFile("../../web/api/testdata/streetlight.json")
	if err != nil {
		t.Fatal(err)
	}
	c.want(c.json("/api/v1/requests", string(body)), http.StatusCreated, "applying by a program")
}

// accountsActs are those of people and staff about their accounts.
func (h *house) accountsActs(t *testing.T, c *client) {
	t.Helper()
	session := func(kind string) (account, session string) {
		t.Helper()
		err := h.one(t, `SELECT s.account_id::text, s.id::text FROM identity.session s JOIN identity.account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
			WHERE a.kind = $1 ORDER BY s.created_at DESC LIMIT 1`, []any{kind}, &account, &session)
		if err != nil {
			t.Fatal(err)
		}
		return account, session
	}
	other := h.citizen(t, "Alguém de Fora")
	person, ended := session("person")
	other.want(other.post("/profile/security/sessions/"+ended+"/end"), http.StatusSeeOther, "ending a session")

	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return admin.want(admin.post(path, pairs...), http.StatusSeeOther, path)
	}
	for _, path := range []string{"/console/people", "/console/people/" + person, "/console/messages"} {
		admin.want(admin.get(path), http.StatusOK, path)
	}
	made := strings.Split(must("/console/people/new", "name", "Lina Cabral", "email", "lina.cabral@demo.example", "lang", "pt").location, "?")[0]
	must(made+"/grants/new", "role", "registrar", "agency", "dgrni")
	grant := regexp.MustCompile(`/grants/[0-9a-f-]{36}/revoke`).FindString(admin.get(made).body)
	must(made + grant)
	must(made + "/suspend")
	must(made + "/restore")
	must("/console/roles/new", "code", "curator", "name.pt", "Conservador", "permissions", "audit:read")
	must("/console/roles/curator", "code", "curator", "name.pt", "Conservador", "permissions", "audit:read")
	leaving := h.visitor(t).signIn("/staff/sign-in", "lina.cabral@demo.example")
	_, ended = session("staff")
	leaving.want(leaving.post("/staff/security/sessions/"+ended+"/end"), http.StatusSeeOther, "ending a session")
}
