package journey_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"digit/test/browser"
	"digit/test/outside"
)

// outsiders are those whom the outside provider knows.
var outsiders = map[string]map[string]any{
	"nilza":  {"name": "Nilza Fortes", "email": "nilza@example.org", "email_verified": true},
	"carlos": {"name": "Carla Évora", "email": "carla.evora@gov.example", "email_verified": true, "groups": []string{"clerks"}},
}

// TestOutsideIdentity has an administrator plug in an OpenID provider and a directory that exist, and people and staff come
// in by them: all in the browser, each new page opened to axe and looked at.
func TestOutsideIdentity(t *testing.T) {
	t.Parallel()
	h, err := startHouse(filepath.Join(filepath.Dir(shared.dir), "outside"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			h.keepLog(t.Output())
		}
	})
	node := outside.NodeProvider(t, outside.Client{Callback: h.url + "/sign-in/callback", SignedOut: h.url + "/signed-out"}, outsiders)
	admin := h.officer(t, "sofia.andrade@demo.example", browser.Options{JS: true})
	plugInProvider(t, admin, node)
	comeInByProvider(t, h, node)
	plugInDirectory(t, h, admin)
	shutTheDoor(t, h, admin, node)
}

// seen opens the page to axe and takes pictures of it at all widths, in Portuguese and in Arabic.
func (p *person) seen(name string) {
	p.t.Helper()
	p.checked()
	here := p.path()
	for _, width := range []int{phone, tablet, desk} {
		p.Resize(width)
		p.Fits()
		p.Shot(name + "-" + strconv.Itoa(width))
	}
	p.visit("/language/ar?next=" + here)
	p.checked()
	for _, width := range []int{phone, desk} {
		p.Resize(width)
		p.Fits()
		p.Shot(name + "-ar-" + strconv.Itoa(width))
	}
	p.Resize(p.wide())
	p.visit("/language/pt?next=" + here)
}

func (p *person) wide() int { return desk }

// plugInProvider enters an OpenID provider, offers it, gives it a rule and tries the rule.
func plugInProvider(t *testing.T, admin *person, node *outside.OpenID) {
	t.Helper()
	admin.visit("/console/sign-in")
	admin.seen("sign-in-console")
	admin.Press("Acrescentar um fornecedor")
	admin.seen("provider-new")
	admin.Fill("code", "node")
	admin.Fill("name.pt", "Identidade Nacional")
	admin.Fill("name.ar", "الهوية الوطنية")
	admin.Fill("issuer", node.Issuer+"/wrong")
	admin.Fill("client_id", node.ClientID)
	admin.Fill("client_secret", node.ClientSecret)
	admin.Fill("scopes", "profile email groups")
	for _, box := range []string{`[name=for][value=staff]`, `[name=create][value=staff]`, `[name=trust][value=email]`} {
		admin.Click("input" + box)
	}
	admin.Submit("code")
	admin.See("Não houve resposta")
	admin.checked()
	admin.Fill("issuer", node.Issuer)
	admin.Fill("client_secret", node.ClientSecret) // a password is not given back
	admin.Submit("code")
	admin.See("Guardado")
	admin.See("redirect_uri")
	admin.Press("Testar a ligação")
	admin.See("A ligação funciona")
	admin.Press("Acrescentar uma regra")
	admin.Fill("condition", `"clerks" in claims.groups &&`)
	admin.Fill("role", "registrar")
	admin.Fill("agency", "dgrni")
	admin.Submit("condition")
	admin.See("A condição não se consegue ler")
	admin.seen("rule-wrong")
	admin.visit("/console/sign-in/providers/node/rules/new")
	admin.Fill("condition", `"clerks" in claims.groups`)
	admin.Fill("role", "registrar")
	admin.Fill("agency", "dgrni")
	admin.Submit("condition")
	admin.See("Guardado")
	admin.Press("Experimentar as regras")
	admin.Submit("facts")
	admin.See("Uma regra dá uma função")
	admin.checked()
	admin.Shot("rule-try")
	admin.visit("/console/sign-in/providers/node")
	admin.Press("Oferecer na entrada")
	admin.See("Guardado")
	admin.visit("/console/sign-in/providers/node")
	admin.seen("provider")
	admin.visit("/console/sign-in/providers/node/remove")
	admin.seen("provider-remove")
	admin.visit("/console/sign-in/providers/simulated")
	admin.Press("Deixar de oferecer")
}

// there goes through the outside provider's own pages.
func (p *person) there(subject string) {
	p.t.Helper()
	p.Fill("login", subject)
	p.Fill("password", "any")
	p.Submit("login")
	p.Click("form button[type=submit]")
}

// comeInByProvider signs a citizen and a clerk in, without scripts too, and out here and there.
func comeInByProvider(t *testing.T, h *house, node *outside.OpenID) {
	t.Helper()
	nilza := h.somebody(t, "", browser.Options{JS: true, Errors: true})
	nilza.visit("/sign-in?next=/profile")
	nilza.seen("door-people")
	nilza.Press("Entrar com Identidade Nacional")
	nilza.there("nilza")
	nilza.arrive("/profile")
	nilza.See("nilza@example.org")
	nilza.visit("/profile/security")
	nilza.See("Contas ligadas")
	nilza.seen("linked")
	nilza.Press("Desligar")
	nilza.See("Desligar Identidade Nacional?")
	nilza.seen("unlink")
	nilza.visit("/profile")
	nilza.Eval(`document.querySelector('form[action="/sign-out"]').requestSubmit()`)
	nilza.arrive("/signed-out")
	nilza.See("Ainda pode ter sessão aberta em Identidade Nacional")
	nilza.seen("signed-out")
	nilza.Press("Sair de Identidade Nacional")
	nilza.Click("button[name=logout][value=yes]")
	nilza.arrive("/signed-out")
	nilza.See("Ninguém pode usar a sua conta neste aparelho")

	carla := h.somebody(t, "", browser.Options{Errors: true}) // no scripts
	carla.visit("/staff/sign-in")
	carla.Press("Entrar com Identidade Nacional")
	carla.there("carlos")
	carla.arrive("/workbench")
	carla.visit("/staff/security")
	carla.See("Identidade Nacional")
}

// plugInDirectory enters an LDAP directory; a clerk signs in by it and is out when the directory says so.
func plugInDirectory(t *testing.T, h *house, admin *person) {
	t.Helper()
	d := outside.NewDirectory(t)
	d.AddPerson("dulce", "Dulce Ramos", "dulce@gov.example", "correct horse")
	d.AddGroup("clerks", "dulce")
	admin.visit("/console/sign-in/directories/new")
	admin.seen("directory-new")
	for name, value := range map[string]string{
		"code": "work", "name.pt": "Diretório do Governo", "name.ar": "دليل الحكومة", "url": d.SecureURL, "authority": d.Authority, "bind_dn": d.ReaderDN(),
		"password": d.ReaderPW(), "base": d.Base, "disabled_when": `"out" in attributes.employeeType`,
	} {
		admin.Fill(name, value)
	}
	admin.Submit("code")
	admin.See("Guardado")
	admin.Press("Testar a ligação")
	admin.See("A ligação funciona")
	admin.visit("/console/sign-in/directories/work/rules/new")
	admin.Fill("condition", `"clerks" in group_names`)
	admin.Fill("role", "registrar")
	admin.Fill("agency", "dgrni")
	admin.Submit("condition")
	admin.Press("Oferecer na entrada")
	admin.See("Guardado")

	dulce := h.somebody(t, "", browser.Options{JS: true})
	dulce.visit("/staff/sign-in")
	dulce.Press("Entrar com Diretório do Governo")
	dulce.Fill("login", "dulce")
	dulce.Fill("password", "wrong")
	dulce.Submit("login")
	dulce.See("não correspondem")
	dulce.checked()
	dulce.Fill("password", "correct horse")
	dulce.Submit("login")
	dulce.arrive("/workbench")

	d.Modify("dn: "+d.Person("dulce"), "changetype: modify", "add: employeeType", "employeeType: out")
	admin.visit("/console/sign-in/directories/work")
	admin.Press("Comparar agora")
	admin.See("Feita")
	admin.See("Desativado no diretório")
	admin.seen("comparison")
	admin.visit("/console/sign-in/directories/work")
	admin.seen("directory")
	admin.visit("/console/sign-in/directories/work/syncs")
	admin.checked()
	dulce.visit("/workbench")
	dulce.arrive("/staff/sign-in")
	dulce.visit("/staff/sign-in/at/work")
	dulce.Fill("login", "dulce")
	dulce.Fill("password", "correct horse")
	dulce.Submit("login")
	dulce.See("A sua conta não pode entrar de momento")
	dulce.checked()
	dulce.visit("/staff/sign-in/at/work")
	dulce.seen("directory-door")
}

// shutTheDoor lets staff in through others alone; when those are away, an emergency account comes in and is noticed.
func shutTheDoor(t *testing.T, h *house, admin *person, node *outside.OpenID) {
	t.Helper()
	admin.visit("/console/sign-in")
	admin.Fill("address", "rui.barros@demo.example")
	admin.Submit("address")
	admin.See("Guardado")
	admin.visit("/console/sign-in/door")
	admin.Choose("Só contas de emergência")
	admin.Submit("door")
	admin.See("Guardado")
	admin.visit("/console/sign-in/door")
	admin.seen("door-console")

	rui := h.somebody(t, "rui.barros@demo.example", browser.Options{JS: true})
	rui.visit("/staff/sign-in")
	rui.seen("door-staff")
	node.Stop()
	rui.Press("Entrar com Identidade Nacional")
	rui.See("Identidade Nacional não responde")
	rui.checked()
	rui.Shot("provider-away")
	rui.Press("Entrar com uma conta de emergência")
	rui.Unfold("Entrar com uma conta de emergência")
	rui.signIn()
	rui.arrive("/workbench")
	h.told(t, "sofia.andrade@demo.example", "conta de emergência")
	ana := h.somebody(t, "ana.tavares@demo.example", browser.Options{JS: true})
	ana.visit("/staff/sign-in")
	ana.Unfold("Entrar com uma conta de emergência")
	ana.signIn()
	ana.See("Aqui o pessoal entra com a sua conta de trabalho")
}
