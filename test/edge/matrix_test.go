package edge

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/tenancy"
	"digit/web/frame"
)

var param = regexp.MustCompile(`\{([a-z]+)\}`)

// fillPath puts ids into a pattern; what is not named gets an id that nothing has.
func fillPath(pattern string, ids map[string]string) string {
	return param.ReplaceAllStringFunc(pattern, func(p string) string {
		if v := ids[p[1:len(p)-1]]; v != "" {
			return v
		}
		return "00000000-0000-7000-8000-000000000000"
	})
}

// stage is everything of one citizen that a path can name.
type stage struct {
	owner *client
	done  application // issued
	open  application // at the clerk's
	item  string
	cred  string
	words map[string]string // values of path parts that are the same everywhere
	ids   map[string]string // by the pattern's beginning, what {id} is
}

func (h *house) stage(t *testing.T) stage {
	t.Helper()
	s := stage{owner: h.citizen(t, "Joana Lima")}
	s.done, s.item, s.cred = h.issued(t, s.owner)
	s.open = s.owner.paid()
	var account, demand, payment, list string
	err := h.one(t, `SELECT d.id::text, p.id::text, d.payer_id::text, (SELECT list.id::text FROM certificate.status_list list LIMIT 1)
		FROM payment.demand d JOIN payment.payment p ON p.tenant_id = d.tenant_id AND p.demand_id = d.id WHERE d.subject_id = $1`,
		[]any{s.done.ID}, &demand, &payment, &account, &list)
	if err != nil {
		t.Fatal(err)
	}
	var bystander, session, charge string // the bystander is whose account and session the staff's acts name
	draft := h.citizen(t, "Alguém de Fora").draft()
	err = h.one(t, `SELECT s.account_id::text, s.id::text FROM identity.session s JOIN request.request r ON r.person_id = s.account_id WHERE r.id = $1`,
		[]any{draft.ID}, &bystander, &session)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.one(t, `SELECT c.gateway_ref FROM payment.charge c WHERE c.demand_id = $1 LIMIT 1`, []any{demand}, &charge); err != nil {
		t.Fatal(err)
	}
	apart := fmt.Sprintf("apart-%d", next()) // a tenant that may be closed without anybody missing it
	_, err = h.Tenancy.Create(t.Context(), h.DB, tenancy.NewTenant{Slug: apart, Kind: "sandbox", Settings: realSettings})
	if err != nil {
		t.Fatal(err)
	}
	s.words = map[string]string{
		"code": "birth-certificate", "page": "who", "question": "identity_document.card", "group": "partners", "row": "0", "file": s.open.File, "provider": "simulated", "lang": "en",
		"accent": "003893.css", "action": "verify", "agency": "dgrni", "office": "praia", "account": account, "slug": apart, "gateway": "sandbox",
		"ref": charge, "list": list, "type": "birth-certificate", "token": "nobody", "act": "suspend", "share": newID(), "grant": newID(),
	}
	s.ids = map[string]string{
		"/requests": s.done.ID, "/wallet": s.item, "/workbench": s.open.ID, "/api": s.done.ID, "/profile/sessions": session, "/staff/sessions": session,
		"/console/people": bystander, "/console/payments/received": payment, "/console/payments": demand, "/console/certificates": s.cred,
		"/workbench/cases/{id}/certificate": s.done.ID, "/requests/{id}/files": s.open.ID,
	}
	return s
}

// path is where a route leads on this stage.
func (s stage) path(pattern string) string {
	ids := map[string]string{}
	for k, v := range s.words {
		ids[k] = v
	}
	best := ""
	for begin, id := range s.ids {
		if strings.HasPrefix(pattern, begin) && len(begin) > len(best) {
			best, ids["id"] = begin, id
		}
	}
	switch {
	case strings.HasPrefix(pattern, "/console/roles"):
		ids["code"] = "registrar"
	case strings.HasPrefix(pattern, "/services/") && strings.HasSuffix(pattern, "/check"):
		ids["code"] = "trade-licence" // which asks who may have it
	case strings.HasPrefix(pattern, "/verify/"):
		ids["code"] = "XXXX-XXXX"
	}
	return fillPath(pattern, ids)
}

// class is what an answer amounts to.
func class(a answer) string {
	switch {
	case a.status == http.StatusSeeOther && (strings.HasPrefix(a.location, "/sign-in?") || strings.HasPrefix(a.location, "/staff/sign-in?")):
		return "sign-in"
	case a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/sim/cards/pay/"):
		return "303"
	}
	return fmt.Sprint(a.status)
}

// shut reports whether a permission keeps somebody out whatever grants there are: strangers from everything but what is
// public, people from staff's doors and staff from people's.
func shut(permission, name string) bool {
	switch name {
	case "anonymous", "other-tenant":
		return permission != frame.Public
	case "citizen", "other-citizen":
		return permission == frame.Staff || strings.Contains(permission, ":")
	}
	return permission == frame.Citizen
}

func refused(a answer) bool {
	return class(a) == "sign-in" || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status == http.StatusNotFound
}

// mutates reports whether a route may change the stage under the feet of the others: those are asked last.
func mutates(method string) bool { return method == http.MethodPost }

// TestMatrix asks every route as everybody. Posts have an empty body. What may be opened, by whom, stands in a golden
// file; that nobody gets a 500, and that nobody's post succeeds without the permission, is checked besides.
func TestMatrix(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.stage(t)
	people := []struct {
		name string
		c    *client
	}{
		{"anonymous", h.visitor(t)},
		{"other-citizen", h.citizen(t, "Outro Cidadão")},
		{"other-tenant", h.staff(t, administrator).at("sandbox")},
		{"other-clerk", h.staff(t, otherClerk)},
		{"auditor", h.staff(t, auditor)},
		{"agency-admin", h.staff(t, agencyAdmin)},
		{"registrar", h.staff(t, registrar)},
		{"clerk", h.staff(t, clerk)},
		{"administrator", h.staff(t, administrator)},
		{"citizen", s.owner},
	}
	got := map[string][]string{} // by route
	routes := sorted(h.Routes)
	for _, posts := range []bool{false, true} {
		for _, p := range people {
			for _, r := range routes {
				if mutates(r.Method) != posts || skipped(r.Method+" "+r.Pattern) {
					continue
				}
				key := r.Method + " " + r.Pattern
				a := p.c.send(r.Method, s.path(r.Pattern), strings.NewReader(""), map[string]string{"Content-Type": formType})
				if a.status >= 500 {
					t.Errorf("%s as %s: %d %s", key, p.name, a.status, h.why(a))
				}
				if shut(r.Permission, p.name) && !refused(a) {
					t.Errorf("%s as %s: %d, but it asks for %s", key, p.name, a.status, r.Permission)
				}
				got[key] = append(got[key], p.name+"="+class(a))
			}
		}
	}
	var table []string
	for _, r := range routes {
		key := r.Method + " " + r.Pattern
		if len(got[key]) > 0 {
			table = append(table, fmt.Sprintf("%s [%s] %s", key, r.Permission, strings.Join(got[key], " ")))
		}
	}
	golden(t, "matrix.golden", table)
}

// skipped are the routes whose success would end the very people who ask: signing out, and the clock that all tests
// share. Others have their own tests.
func skipped(route string) bool {
	return route == "POST /sign-out" || route == "POST /console/clock"
}

// TestForeign: what is somebody else's is not there, and what is another agency's cannot be touched.
func TestForeign(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.stage(t)
	before := h.fingerprint(t, s)
	others := map[string]*client{
		"another citizen":            h.citizen(t, "Outra Pessoa"),
		"the citizen at the sandbox": s.owner.at("sandbox"),
		"a citizen of the sandbox":   h.visitorAt(t, "sandbox").signIn("/sign-in", phone()),
	}
	for name, c := range others {
		for _, r := range h.Routes {
			mine := strings.HasPrefix(r.Pattern, "/requests/{id}") || strings.HasPrefix(r.Pattern, "/wallet/{id}") || r.Pattern == "/api/v1/requests/{id}"
			if !mine {
				continue
			}
			a := c.send(r.Method, s.path(r.Pattern), strings.NewReader("for_whom=me"), map[string]string{"Content-Type": formType})
			signedOut := class(a) == "sign-in" || a.status == http.StatusUnauthorized
			if a.status != http.StatusNotFound && !(signedOut && name == "the citizen at the sandbox") {
				t.Errorf("%s %s as %s: got %d, want 404", r.Method, r.Pattern, name, a.status)
			}
		}
	}
	vera := h.staffAt(t, "sandbox", sandboxAdmin)
	for name, c := range map[string]*client{"another agency's clerk": h.staff(t, otherClerk), "the sandbox's administrator": vera} {
		for _, r := range h.Routes {
			if !strings.HasPrefix(r.Pattern, "/workbench/cases/") {
				continue
			}
			path := strings.ReplaceAll(s.path(r.Pattern), s.done.ID, s.open.ID)
			a := c.send(r.Method, path, strings.NewReader("rev=1&comment=x&note=x&reason=x&checklist=record-found"), map[string]string{"Content-Type": formType})
			if a.status != http.StatusForbidden && a.status != http.StatusNotFound {
				t.Errorf("%s %s as %s: got %d, want 403 or 404", r.Method, r.Pattern, name, a.status)
			}
			if strings.Contains(a.body, "Maria da Luz") {
				t.Errorf("%s %s as %s shows an answer", r.Method, r.Pattern, name)
			}
		}
	}
	if after := h.fingerprint(t, s); after != before {
		t.Errorf("something changed:\n%s\n%s", before, after)
	}
	if a := s.owner.get("/requests/" + s.done.ID); a.status != http.StatusOK {
		t.Errorf("the citizen's own request: %d", a.status)
	}
}

// fingerprint is the state of all that is on the stage.
func (h *house) fingerprint(t *testing.T, s stage) string {
	t.Helper()
	var out string
	err := h.one(t, `SELECT string_agg(x, E'\n' ORDER BY x) FROM (
		SELECT md5(r::text) FROM request.request r WHERE id = ANY($1) UNION ALL
		SELECT md5(i::text) FROM workflow.instance i WHERE id = ANY($1) UNION ALL
		SELECT md5(i::text) FROM wallet.item i WHERE credential_id = $2 UNION ALL
		SELECT count(*)::text || ' shares' FROM wallet.share sh JOIN wallet.item i ON i.tenant_id = sh.tenant_id AND i.id = sh.item_id WHERE i.credential_id = $2 UNION ALL
		SELECT count(*)::text || ' notes' FROM workbench.note n WHERE n::text LIKE '%' || $3 || '%' UNION ALL
		SELECT md5(c::text) FROM certificate.credential c WHERE id = $2) AS all_of_it (x)`,
		[]any{[]string{s.done.ID, s.open.ID}, s.cred, s.open.ID}, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
