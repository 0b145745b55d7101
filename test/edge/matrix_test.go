package edge

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"digit/internal/infra/identity"
	"digit/web/frame"
)

// class is what an answer amounts to.
func class(a answer) string {
	switch {
	case a.status == http.StatusSeeOther && (strings.HasPrefix(a.location, "/sign-in?") || strings.HasPrefix(a.location, "/staff/sign-in?")):
		return "sign-in"
	case a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/confirm?"):
		return "confirm"
	case a.status == http.StatusSeeOther && strings.HasPrefix(a.location, "/sim/cards/pay/"):
		return "303"
	}
	return fmt.Sprint(a.status)
}

// visitors are those as whom every route is asked, in the order in which they are: who may most, last.
func (h *house) visitors(t *testing.T, s stage) []visitor {
	t.Helper()
	list := []visitor{
		{"anonymous", h.visitor(t)},
		{"other-citizen", h.citizen(t, "Outro Cidadão")},
		{"other-tenant", h.staff(t, administrator).at("sandbox")},
		{"other-tenant-admin", h.staffAt(t, "sandbox", sandboxAdmin)},
		{"other-tenant-machine", h.machine(t, "sandbox")},
	}
	for _, staff := range []struct{ role, address string }{
		{"lighting-technician", technician},
		{"lighting-dispatcher", dispatcher},
		{"licence-clerk", otherClerk},
		{"licence-manager", otherManager},
		{"analyst", analyst},
		{"desk-operator", deskOperator},
		{"desk-supervisor", deskSupervisor},
		{"auditor", auditor},
		{"field-officer", fieldOfficer},
		{"agency-admin", agencyAdmin},
		{"registrar", registrar},
		{"designer", designer},
		{"service-approver", approver},
		{"registry-clerk", clerk},
		{"administrator", administrator},
	} {
		list = append(list, visitor{staff.role, h.staff(t, staff.address)})
	}
	return append(list, visitor{"machine", h.machine(t, "")}, visitor{"representative", h.representative(t, s.owner)}, visitor{"citizen", s.owner})
}

type visitor struct {
	name string
	c    *client
}

// shut reports whether a permission keeps somebody out whatever grants there are: strangers from everything but what is
// public, people from staff's doors, staff from people's, and machines from all that is no API.
func shut(r frame.Route, name string) bool {
	switch name {
	case "anonymous", "other-tenant":
		return r.Permission != frame.Public
	case "other-tenant-machine": // what names nothing it may do in its own tenant
		return r.Permission != frame.Public && (r.Kind != frame.API || r.Permission == frame.Citizen || strings.Contains(r.Pattern, "{"))
	case "machine":
		return r.Permission != frame.Public && (r.Kind != frame.API || r.Permission == frame.Citizen)
	case "representative":
		return r.Permission == frame.Staff || strings.Contains(r.Permission, ":") || r.Permission == frame.Citizen && !r.Representative
	case "citizen", "other-citizen":
		return r.Permission == frame.Staff || strings.Contains(r.Permission, ":")
	}
	return r.Permission == frame.Citizen
}

func refused(a answer) bool {
	return class(a) == "sign-in" || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status == http.StatusNotFound
}

// mutates reports whether a route may change the stage under the feet of the others: those are asked last.
func mutates(method string) bool { return method == http.MethodPost }

// TestMatrix asks every route as everybody, and with everybody's proof at another tenant's address. Posts have an empty body. What may
// be opened, by whom, stands in a golden file; that nobody gets a 500, and that nobody's post succeeds without the permission, is
// checked besides.
func TestMatrix(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.stage(t)
	people := h.visitors(t, s)
	if want := len(identity.DefaultRoles); len(people) != want+7 { // six strangers and others, the machine and the representative: the roles have one each
		t.Errorf("%d ask, but there are %d roles", len(people), want)
	}
	h.refresh(t)
	got := map[string]map[string][]string{} // by route, by class
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
				// elsewhere's machine may say there what it likes: what it sent is none of it, and nothing was looked up
				nothing := p.name == "other-tenant-machine" && a.status == http.StatusUnprocessableEntity
				if shut(r, p.name) && !refused(a) && !nothing {
					t.Errorf("%s as %s: %d, but it asks for %s", key, p.name, a.status, r.Permission)
				}
				if got[key] == nil {
					got[key] = map[string][]string{}
				}
				got[key][class(a)] = append(got[key][class(a)], p.name)
			}
		}
	}
	golden(t, "matrix.golden", matrix(routes, got))
}

// matrix is a line for each route: what it asks for, then each answer with those who got it; everybody, where all did.
func matrix(routes []frame.Route, got map[string]map[string][]string) (table []string) {
	for _, r := range routes {
		key := r.Method + " " + r.Pattern
		if len(got[key]) == 0 {
			continue
		}
		line := key + " [" + r.Permission + "]"
		for _, answer := range slices.Sorted(maps.Keys(got[key])) {
			who := strings.Join(got[key][answer], ",")
			if len(got[key]) == 1 {
				who = "everybody"
			}
			line += " " + answer + "=" + who
		}
		table = append(table, line)
	}
	return table
}

// abroad are those who try at another tenant's address, one for each kind of proof: a session of staff, with every permission and with a
// role's, one of a citizen, one that acts for somebody, and a machine's. What they may do at home is not looked up there.
var abroad = []string{"administrator", "registry-clerk", "citizen", "representative", "machine"}

// TestMatrixElsewhere: what proves somebody to one tenant proves nothing to another.
func TestMatrixElsewhere(t *testing.T) {
	t.Parallel()
	h := open(t)
	s := h.stage(t)
	for _, p := range h.visitors(t, s) {
		if !slices.Contains(abroad, p.name) {
			continue
		}
		there := p.c.at("sandbox")
		for _, r := range h.Routes {
			if r.Permission == frame.Public {
				continue
			}
			a := there.send(r.Method, s.path(r.Pattern), strings.NewReader(""), map[string]string{"Content-Type": formType})
			if class(a) != "sign-in" && a.status != http.StatusUnauthorized {
				t.Errorf("%s %s as %s of another tenant: %d", r.Method, r.Pattern, p.name, a.status)
			}
		}
	}
}

// skipped are the routes whose success would make others of the very people who ask: signing out, acting for somebody no more, becoming
// a guest, and the clock that all tests share. Others have their own tests.
func skipped(route string) bool {
	return route == "POST /sign-out" || route == "POST /representing/leave" || route == "POST /services/{code}/guest" || route == "POST /console/clock"
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
