package edge

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/cmd/digit/app"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
	"digit/internal/provider/studio"
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
	var bystander, session, charge string // the bystander is whose account and session the staff's acts name, and whom the owner asks for help
	number := phone()
	asked := h.visitor(t).signIn("/sign-in", number)
	draft := asked.draft()
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
	directory, rule := h.ways(t), h.rule(t)
	post, holding := h.post(t)
	reference, register, key := h.written(t, s)
	s.words = map[string]string{
		"code": "birth-certificate", "page": "who", "question": "identity_document.card", "group": "partners", "row": "0", "file": s.open.File, "provider": "simulated", "lang": "en",
		"accent": "003893.css", "action": "verify", "agency": "dgrni", "office": "praia", "account": account, "slug": apart, "gateway": "sandbox",
		"ref": charge, "list": list, "type": "birth-certificate", "token": "nobody", "act": "suspend", "contact": newID(), "share": newID(), "grant": newID(), "directory": directory,
		"position": post, "holding": holding, "reference": reference, "register": register, "key": key, "rule": rule,
		"bulk": newID(), "other": newID(), "template": newID(),
	}
	s.words["draft"], s.words["proposal"] = h.designed(t)
	s.words["absence"], s.words["import"] = h.furnished(t)
	s.ids = map[string]string{
		"/requests": s.done.ID, "/wallet": s.item, "/workbench": s.open.ID, "/api": s.done.ID, "/profile/security/sessions": session, "/staff/security/sessions": session,
		"/console/people": bystander, "/console/payments/received": payment, "/console/payments": demand, "/console/certificates": s.cred,
		"/workbench/cases/{id}/certificate": s.done.ID, "/requests/{id}/files": s.open.ID,
		"/console/machines": h.machineRow(t), "/console/emergencies": h.emergency(t),
	}
	s.ids["/profile/representatives"] = s.owner.invite(asked, number)
	s.ids["/representing"] = s.ids["/profile/representatives"]
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
	case strings.HasPrefix(pattern, "/agencies/"):
		ids["code"] = s.words["agency"]
	case strings.HasPrefix(pattern, "/console/agencies/{agency}/exports/"):
		ids["kind"] = string(agency.ImportOffices)
	case strings.HasPrefix(pattern, "/console/agencies/{agency}/absences/"):
		ids["act"] = "end"
	case strings.HasPrefix(pattern, "/console/agencies/{agency}/imports/"):
		ids["act"] = "discard"
	case strings.HasPrefix(pattern, "/staff/absences/"):
		ids["id"] = s.words["absence"]
	case strings.HasPrefix(pattern, "/console/policies"):
		ids["code"] = s.words["rule"]
	case strings.HasPrefix(pattern, "/console/sign-in/"):
		ids["code"] = s.words["directory"]
	case strings.HasPrefix(pattern, "/services/") && strings.HasSuffix(pattern, "/check"):
		ids["code"] = "trade-licence" // which asks who may have it
	case strings.HasPrefix(pattern, "/verify/"):
		ids["code"] = "XXXX-XXXX"
	}
	return fillPath(pattern, ids)
}

// designed begins a service in the Studio and proposes it.
func (h *house) designed(t *testing.T) (draft, proposal string) {
	t.Helper()
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		d, err := h.Studio.BeginBlank(ctx, tx, identity.Principal{}, studio.Blank{
			Name: fmt.Sprintf("Stage %d", next()), Agency: "dgrni", Kind: studio.KindDecision, Role: "registrar", Languages: []string{"pt"},
		})
		if err != nil {
			return err
		}
		p, err := h.Studio.Propose(ctx, tx, identity.Principal{}, d.ID, d.Head, civil.Date{}, "")
		draft, proposal = d.ID.String(), p.ID.String()
		return err
	})
	return draft, proposal
}

// ways enters a provider and a directory of one code, which nobody offers and nobody misses, and whose machine is away.
func (h *house) ways(t *testing.T) (code string) {
	t.Helper()
	code = fmt.Sprintf("way-%d", next())
	away, name := "http://localhost:1", i18n.Text{"pt": "Fora de serviço"}
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		err := h.Identity.PutProvider(ctx, tx, identity.Provider{
			Code: code, Name: name, Issuer: away, ClientID: "digit", AuthorizeURL: away, TokenURL: away, KeysURL: away, Staff: true,
		})
		if err != nil {
			return err
		}
		return h.Identity.PutDirectory(ctx, tx, identity.Directory{
			Code: code, Name: name, URL: "ldap://localhost:1", Base: "dc=away", Filter: "(uid=*)", Logins: []string{"uid"}, IDAttribute: "entryUUID", NameAttribute: "cn",
		})
	})
	return code
}

// rule is a policy of the tenant's own, which does not count.
func (h *house) rule(t *testing.T) string {
	t.Helper()
	code := fmt.Sprintf("apart-%d", next())
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		return h.Identity.PutPolicy(ctx, tx, identity.OwnPolicy{
			Code: code, Reason: i18n.Text{"pt": "Ensaio", "en": "Rehearsal", "ar": "تجربة"}, Text: `forbid (principal, action == Action::"payment:refund", resource);`,
		})
	})
	return code
}

// post is a position that somebody holds whom nobody else knows.
func (h *house) post(t *testing.T) (code, holding string) {
	t.Helper()
	code = fmt.Sprintf("apart-%d", next())
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		err := h.Agency.PutPosition(ctx, tx, identity.Principal{}, agency.Position{
			Agency: "dgrni", Code: code, Title: i18n.Text{"pt": "Estagiário", "en": "Trainee", "ar": "متدرب"}, Roles: []string{"registry-clerk"}, Seats: 1,
		})
		if err != nil {
			return err
		}
		trainee, err := h.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: "Zé Alves", Email: code + "@demo.example", Lang: "pt"})
		if err != nil {
			return err
		}
		id, err := h.Agency.Hold(ctx, tx, identity.Principal{}, agency.Hold{Agency: "dgrni", Position: code, Account: trainee})
		holding = id.String()
		return err
	})
	return code, holding
}

// written is by what number an agency's systems find the open application, and the entry that the other one made.
func (h *house) written(t *testing.T, s stage) (reference, register, key string) {
	t.Helper()
	if err := h.one(t, `SELECT reference FROM workflow.instance WHERE id = $1`, []any{s.open.ID}, &reference); err != nil {
		t.Fatal(err)
	}
	err := h.one(t, `SELECT r.register, r.key FROM registry.record r JOIN registry.version v ON v.tenant_id = r.tenant_id AND v.record_id = r.id
		WHERE v.source_id = $1`, []any{s.done.ID}, &register, &key)
	if err != nil {
		t.Fatal(err)
	}
	return reference, register, key
}

var emergencies sync.Mutex

// emergency is one that is over.
func (h *house) emergency(t *testing.T) (id string) {
	t.Helper()
	emergencies.Lock() // one at a time is all that somebody may have
	defer emergencies.Unlock()
	c := h.staff(t, dispatcher)
	a := c.want(c.post("/staff/emergency", "role", "lighting-technician", "agency", "iluminacao", "hours", "1", "reason", "A rua toda está às escuras"), http.StatusSeeOther, "an emergency")
	c.want(c.post("/staff/emergency/end"), http.StatusSeeOther, "its end "+a.location)
	if err := h.one(t, `SELECT id::text FROM identity.emergency ORDER BY began_at DESC, id DESC LIMIT 1`, nil, &id); err != nil {
		t.Fatal(err)
	}
	return id
}

// machineRow is a system that nobody here uses.
func (h *house) machineRow(t *testing.T) string {
	t.Helper()
	id, _ := h.addMachine(t, "", identity.NewMachine{Name: "Ensaio", Kind: identity.MachineKey, Permissions: []string{"registry:read"}})
	return id.String()
}

// machine is a system that calls with a key for all that a machine may do in the whole tenant.
func (h *house) machine(t *testing.T, slug string) *client {
	t.Helper()
	all := identity.NewMachine{Name: "Ensaio", Kind: identity.MachineKey}
	for _, list := range app.Policies {
		for _, p := range list {
			if identity.Grantable(p.Code) {
				all.Permissions = append(all.Permissions, p.Code)
			}
		}
	}
	c := h.visitorAt(t, slug)
	_, c.bearer = h.addMachine(t, slug, all)
	return c
}

func (h *house) addMachine(t *testing.T, slug string, m identity.NewMachine) (id uuid.UUID, secret string) {
	t.Helper()
	h.do(t, slug, func(ctx context.Context, tx *pg.Tx) (err error) {
		m.ExpiresAt = tx.Wall.Add(24 * time.Hour)
		id, secret, err = h.Identity.AddMachine(ctx, tx, m)
		return err
	})
	return id, secret
}

// do is as that must not fail; "" is the demonstration's tenant.
func (h *house) do(t *testing.T, slug string, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	if slug == "" {
		slug = "cv"
	}
	if err := h.as(t, h.tenant(t, slug), work); err != nil {
		t.Fatal(err)
	}
}

var invitation = regexp.MustCompile(`/representing/([0-9a-f-]{36})/accept`)

// invite asks somebody at a number to act for the citizen, in everything, and returns the delegation's id.
func (c *client) invite(whom *client, number string) string {
	c.t.Helper()
	c.want(c.post("/profile/representatives/new", "address", number, "kind", "helper", "scope", "all"), http.StatusSeeOther, "asking for help")
	a := whom.want(whom.get("/representing"), http.StatusOK, "who asks")
	m := invitation.FindStringSubmatch(a.body)
	if m == nil {
		c.t.Fatalf("nobody asks: %s", text(a.body))
	}
	return m[1]
}

// representative is somebody who acts for a citizen.
func (h *house) representative(t *testing.T, of *client) *client {
	t.Helper()
	number := phone()
	c := h.visitor(t).signIn("/sign-in", number)
	id := of.invite(c, number)
	c.want(c.post("/representing/"+id+"/accept"), http.StatusSeeOther, "saying yes")
	c.want(c.post("/representing/"+id+"/act"), http.StatusSeeOther, "beginning to act")
	return c
}
