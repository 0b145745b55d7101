package edge

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"digit/cmd/digit/app"
)

// TestNoDatabaseNoAnswer: while the database is away nobody is let in, on somebody's old word or as nobody; every door says
// that it is for now, and afterwards everything is as before.
func TestNoDatabaseNoAnswer(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	citizen, admin := h.citizen(t, "Joana Lima"), h.staff(t, administrator)
	draft := citizen.draft()
	at, err := url.Parse(h.super)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(at.Path, "/")
	at.Path = "/postgres"
	conn, err := pgx.Connect(t.Context(), at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	shut := func(closed bool) {
		t.Helper()
		allow := map[bool]string{true: "false", false: "true"}[closed]
		if _, err := conn.Exec(t.Context(), `ALTER DATABASE `+pgx.Identifier{name}.Sanitize()+` WITH ALLOW_CONNECTIONS `+allow); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
			t.Fatal(err)
		}
	}
	shut(true)
	for _, c := range []struct {
		who  *client
		path string
	}{
		{citizen, "/profile"}, {citizen, "/requests/" + draft.ID}, {admin, "/console"}, {admin, "/console/people"}, {h.visitor(t), "/services"}, {citizen, "/api/v1/requests"},
	} {
		a := c.who.get(c.path)
		if a.status != http.StatusServiceUnavailable {
			t.Errorf("%s: got %d %s", c.path, a.status, a.location)
		}
		for _, tell := range []string{"Joana", "SQLSTATE", "pgx", "dial", h.Address()} {
			if strings.Contains(a.body, tell) {
				t.Errorf("%s shows %q", c.path, tell)
			}
		}
	}
	for path, a := range map[string]answer{
		"a post": citizen.post("/profile", "name", "Evil", "lang", "en"), "an act": admin.post("/console/settings", "name.en", "Evil"), "a hook": h.visitor(t).json("/hooks/exchange", `{}`),
	} {
		if a.status != http.StatusServiceUnavailable {
			t.Errorf("%s: got %d", path, a.status)
		}
	}
	if a := h.visitor(t).get("/readyz"); a.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", a.status)
	}
	shut(false)
	eventually(t, "the database", func() bool { return citizen.get("/profile").status == http.StatusOK })
	if a := citizen.get("/profile"); !strings.Contains(a.body, "Joana Lima") || strings.Contains(a.body, "Evil") {
		t.Error("something was changed meanwhile")
	}
	if a := admin.get("/console"); a.status != http.StatusOK {
		t.Errorf("the administrator afterwards: %d", a.status)
	}
}
