package journey_test

import (
	"context"
	"crypto/sha256"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"digit/test/browser"
)

// signOut leaves through the account's menu, which is on the pages of a surface.
func (p *person) signOut(surface string) {
	p.t.Helper()
	p.visit(surface)
	p.Click("header details.menu:has(form[action='/sign-out']) summary")
	p.Click("form[action='/sign-out'] button")
	p.arrive("/?done=signed_out")
}

// looked opens the page to axe, at every width, and takes pictures of it.
func (p *person) looked(name string) {
	p.t.Helper()
	p.checked()
	for _, width := range []int{phone, tablet, desk} {
		p.Resize(width)
		p.Fits()
		p.Shot(name + "-" + map[int]string{phone: "360", tablet: "768", desk: "1280"}[width])
	}
}

// TestPasskeys makes passkeys with Chromium's own authenticator and signs in with them: a first and a second device, one
// that its owner does not unlock, and a copy that falls behind in counting.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	p := shared.officer(t, "ines.monteiro@demo.example", browser.Options{JS: true, Width: desk})
	p.arrive("/workbench")
	p.visit("/staff/security")
	p.looked("security-staff")
	first := p.Plug(true)
	p.Press("Adicionar chave de acesso")
	p.looked("passkey-new")
	p.Fill("name", "Telefone de serviço")
	p.Press("Criar a chave de acesso")
	p.See("Só são mostrados agora")
	p.looked("recovery-codes")
	p.Press("Já os guardei, continuar")
	p.See("Telefone de serviço")
	p.See("Restam 10 códigos")

	enter := func() {
		p.visit("/staff/sign-in?next=/staff/security")
		p.Press("Entrar com uma chave de acesso")
	}
	p.signOut("/workbench")
	p.visit("/staff/sign-in")
	p.looked("sign-in-staff")
	enter()
	p.arrive("/staff/security")
	p.See("usada pela última vez")
	copied := first.Passkeys()[0]

	// A second device: the first is not asked, since it is not there.
	first.Pull()
	second := p.Plug(true)
	p.Press("Adicionar chave de acesso")
	p.Fill("name", "Portátil")
	p.Press("Criar a chave de acesso")
	p.See("A chave de acesso foi adicionada.")
	p.looked("security-staff-two")
	p.signOut("/workbench")
	enter()
	p.arrive("/staff/security")

	p.signOut("/workbench")
	second.Unlock(false)
	enter()
	p.See("Não foi usada nenhuma chave de acesso.")
	if !strings.HasPrefix(p.path(), "/staff/sign-in") {
		t.Errorf("one that was not unlocked leads to %s", p.path())
	}
	second.Unlock(true)
	second.Pull()

	// The first device signs in twice more, then its copy of before does.
	original := *copied
	again := p.Plug(true)
	again.Add(&original)
	for range 2 {
		enter()
		p.arrive("/staff/security")
		p.signOut("/workbench")
	}
	again.Pull()
	p.Plug(true).Add(copied)
	enter()
	p.See("parece ter sido copiada")
	p.looked("passkey-copied")
	shared.told(t, "ines.monteiro@demo.example", "parece ter sido copiada")
}

// TestPasskeyFromTheField: where the browser can, a citizen's passkey is among the suggestions of the address field.
func TestPasskeyFromTheField(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, newPhone(t), browser.Options{JS: true, Width: phone})
	p.visit("/sign-in")
	p.register("Zenaida Rocha Pires")
	p.visit("/profile/security/passkeys/new")
	p.Plug(true)
	p.Press("Criar a chave de acesso")
	p.arrive("/profile/security?done")
	p.signOut("/profile")
	p.visit("/sign-in?next=/profile/security") // Chromium's own authenticator chooses by itself
	p.arrive("/profile/security")
	p.See("Linux")
}

// code asks the outside authenticator app.
func appCode(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	bin, err := exec.LookPath("oathtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("oathtool is missing: scripts/need.sh peers")
		}
		t.Skip("oathtool is not installed: scripts/need.sh peers")
	}
	out, err := exec.Command(bin, "--totp", "--base32", "--now", at.UTC().Format("2006-01-02 15:04:05 UTC"), secret).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestPasswordAndAppWithoutScripts sets a password and an authenticator app and signs in with both, in a browser whose
// scripts never arrive.
func TestPasswordAndAppWithoutScripts(t *testing.T) {
	t.Parallel()
	const passphrase = "nevoeiro na serra, milho no pilão"
	p := shared.somebody(t, newPhone(t), browser.Options{Width: phone})
	p.visit("/sign-in")
	p.looked("sign-in")
	p.register("Albertina Lopes Vaz")
	p.visit("/profile")
	p.looked("profile")
	p.visit("/profile/security")
	p.See("Um código pode ir parar a outra pessoa")
	p.looked("security-empty")
	p.visit("/profile/security/password")
	p.looked("password-new")
	p.Fill("password", "benfica")
	p.Submit("password")
	p.See("pelo menos 15 caracteres")
	p.looked("password-short")
	p.Fill("password", passphrase)
	p.Submit("password")
	p.See("A palavra-passe está definida.")
	shared.told(t, p.address, "A palavra-passe da sua conta foi definida")

	p.visit("/profile/security/passkeys/new")
	p.See("Este navegador não consegue usar chaves de acesso.")
	p.visit("/profile/security/app")
	p.looked("app-new")
	secret := strings.ReplaceAll(p.Eval(`document.querySelector("code.secret").textContent`).(string), " ", "")
	p.Fill("code", "000000")
	p.Submit("code")
	p.See("Este não é o código")
	now := time.Now()
	p.Fill("code", appCode(t, secret, now))
	p.Submit("code")
	p.See("Só são mostrados agora")
	paper := strings.Fields(p.Eval(`[...document.querySelectorAll(".codes code")].map((e) => e.textContent).join(" ")`).(string))
	if len(paper) != 10 {
		t.Fatalf("%d recovery codes", len(paper))
	}
	p.visit("/profile/security")
	p.looked("security-full")
	p.visit("/confirm?next=/profile")
	p.looked("confirm")
	p.Press("Usar a palavra-passe")
	p.looked("confirm-password")
	p.Fill("password", passphrase)
	p.Submit("password")
	p.arrive("/profile")

	enter := func() {
		p.signOut("/profile")
		p.visit("/sign-in/password?next=/profile/security")
		p.Fill("address", p.address)
		p.Fill("password", passphrase)
		p.Submit("address")
		p.See("Mais um passo")
	}
	p.signOut("/profile")
	p.visit("/sign-in/password")
	p.looked("sign-in-password")
	p.Fill("address", p.address)
	p.Fill("password", passphrase+"!")
	p.Submit("address")
	p.See("não correspondem")
	p.looked("sign-in-password-wrong")
	p.Fill("address", p.address)
	p.Fill("password", passphrase)
	p.Submit("address")
	p.looked("sign-in-second")
	p.Fill("code", appCode(t, secret, now)) // it was good to set the app up, and is good no more
	p.Submit("code")
	p.See("Este não é o código")
	next := now.Add(30 * time.Second) // a telephone that is a little ahead, where not even half a minute has passed
	if later := time.Now(); later.After(next) {
		next = later
	}
	p.Fill("code", appCode(t, secret, next))
	p.Submit("code")
	p.arrive("/")
	enter()
	p.Press("usar um código de recuperação")
	p.looked("sign-in-recovery")
	p.Fill("code", strings.ToUpper(paper[4]))
	p.Submit("code")
	p.See("Restam 9 códigos")
	shared.told(t, p.address, "Foi usado um código de recuperação")
	enter()
	p.Press("usar um código de recuperação")
	p.Fill("code", paper[4])
	p.Submit("code")
	p.See("já foi usado")
}

// TestContacts adds an address in Arabic, signs in with it, and takes the old one away.
func TestContacts(t *testing.T) {
	t.Parallel()
	p := shared.somebody(t, newPhone(t), browser.Options{Width: phone, Lang: "ar"})
	p.visit("/sign-in")
	p.looked("sign-in-ar")
	p.register("أمينة لوبيز")
	old, mail := p.address, "amina"+strings.TrimPrefix(p.address, "+")+"@exemplo.example"
	p.visit("/profile/contacts/new")
	p.looked("contact-new-ar")
	p.Fill("address", "nobody")
	p.Submit("address")
	p.looked("contact-wrong-ar")
	p.Fill("address", mail)
	p.Submit("address")
	p.looked("contact-code-ar")
	p.Fill("code", shared.code(t, mail, ""))
	p.Submit("code")
	p.arrive("/profile?done=contact.added")
	p.looked("profile-ar")
	shared.told(t, old, "أُضيف رقم هاتف أو بريد إلكتروني")
	p.visit("/profile/security")
	p.looked("security-ar")
	p.visit("/profile/security/app")
	p.looked("app-new-ar")
	p.visit("/confirm?next=/profile")
	p.looked("confirm-code-ar")
	p.visit("/profile")
	p.Click("dl.facts div:first-of-type dd.change a")
	p.looked("contact-remove-ar")
	p.Click("main form button[type=submit]")
	p.arrive("/profile?done=contact.removed")
	p.DontSee(old)
	p.signOut("/profile")
	p.address = mail
	p.visit("/sign-in?next=/profile")
	p.signIn()
	p.See("أمينة لوبيز")
}

// TestTwoFactorsAtWork: an administrator asks for two factors and is the first to be led to making the second; a colleague
// who has lost hers is let begin anew.
func TestTwoFactorsAtWork(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(shared.url)
	if err != nil {
		t.Fatal(err)
	}
	sandbox := &house{url: "http://sandbox.localhost:" + at.Port()} // nobody else works there
	p := sandbox.officer(t, "vera.lima@sandbox.example", browser.Options{JS: true, Width: desk})
	p.arrive("/console")
	p.visit("/console/settings")
	p.Choose("Obrigatório: chave de acesso, ou aplicação de autenticação além do código")
	p.Fill("approval_step_up_over", "muito")
	p.Submit("approval_step_up_over")
	p.See("Escreva um montante")
	p.looked("console-settings")
	p.Fill("approval_step_up_over", "5000,00")
	p.Submit("approval_step_up_over")
	p.arrive("/staff/second-factor")
	p.looked("second-factor")
	p.Plug(true)
	p.Press("Chave de acesso (recomendada)")
	p.Fill("name", "Chave da Vera")
	p.Press("Criar a chave de acesso")
	p.Press("Já os guardei, continuar")
	p.arrive("/confirm")
	p.looked("confirm-passkey")
	p.Press("Usar a chave de acesso")
	p.arrive("/console/settings")

	p.visit("/console/people/new")
	p.Fill("name", "Dulce Tavares")
	p.Fill("email", "dulce.tavares@sandbox.example")
	p.Submit("email")
	p.arrive("/console/people/")
	person := strings.Split(p.path(), "?")[0]
	p.See("Com que entra")
	p.looked("console-person")

	dulce := sandbox.officer(t, "dulce.tavares@sandbox.example", browser.Options{JS: true, Width: phone})
	dulce.arrive("/staff/second-factor")
	dulce.looked("second-factor-phone")
	dulce.Press("Aplicação de autenticação")
	secret := strings.ReplaceAll(dulce.Eval(`document.querySelector("code.secret").textContent`).(string), " ", "")
	dulce.Fill("code", appCode(t, secret, time.Now()))
	dulce.Submit("code")
	dulce.See("Só são mostrados agora")
	p.visit(person)
	p.Press("Repor os meios de entrada")
	p.looked("console-reset")
	p.Click("main form button[type=submit]")
	p.See("A pessoa pode entrar de novo com um código.")
	sandbox.told(t, "dulce.tavares@sandbox.example", "Um administrador removeu")
	dulce.visit("/staff/security")
	dulce.arrive("/staff/sign-in")
	dulce.See("A sua sessão terminou")
}

// TestSecurityByKeyboard makes and changes a password with Tab, Enter and letters alone.
func TestSecurityByKeyboard(t *testing.T) {
	t.Parallel()
	p := hand{shared.somebody(t, newPhone(t), browser.Options{JS: true, Lang: "en"})}
	p.visit("/sign-in?next=/profile/security")
	enter := func(selector string) {
		t.Helper()
		then := p.path()
		p.to(selector)
		p.Key("\r")
		p.gone(then)
	}
	p.write("[name=address]", p.address)
	enter("main form .actions button[type=submit]")
	p.write("[name=code]", p.house.code(t, p.address, ""))
	enter("main form .actions button[type=submit]")
	p.write("[name=name]", "Edna Brito")
	enter("main form .actions button[type=submit]")
	p.arrive("/profile/security")
	enter("a[href$='/security/password']")
	p.write("[name=password]", "mist on the hill, maize in the mortar")
	enter("main form .actions button[type=submit]")
	p.See("The password is set.")
	enter("a[href$='/password/remove']")
	enter("main form .actions button[type=submit]")
	p.See("The password was removed.")
	enter("a[href$='/security/app']")
	p.to("[name=code]")
	p.checked()
	p.visit("/confirm?next=/profile")
	p.to("[name=contact]")
	enter("main form .actions button[type=submit]")
	p.See("We have sent a code of 6 digits.")
	p.checked()
}

// aged makes it an hour ago that a client last proved who they are: the database of the house is asked as its superuser.
func (c *client) aged() {
	c.t.Helper()
	at, err := url.Parse(c.house.url)
	if err != nil {
		c.t.Fatal(err)
	}
	pid, err := os.ReadFile(filepath.Join(c.house.dir, "data", "postgres", "postmaster.pid"))
	lines := strings.Split(string(pid), "\n")
	if err != nil || len(lines) < 5 {
		c.t.Fatalf("where the database listens: %v", err)
	}
	conn, err := pgx.Connect(c.t.Context(), "postgres:///digit?user=postgres&host="+url.QueryEscape(lines[4]))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(c.t.Context()))
	for _, k := range c.http.Jar.Cookies(at) {
		sum := sha256.Sum256([]byte(k.Value))
		if _, err := conn.Exec(c.t.Context(), `UPDATE identity.session SET authenticated_at = now() - interval '1 hour' WHERE token_hash = $1`, sum[:]); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestConfirmKeepsWhatWasTyped: an address typed into a page that was opened an hour ago is sent after all, once its owner
// has proved that it is them.
func TestConfirmKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		c := newClient(t, shared)
		c.signIn(newPhone(t), "Bela Gomes Neves")
		p := c.window(browser.Options{JS: scripts, Width: phone})
		p.address = c.address
		p.visit("/profile/contacts/new")
		c.aged()
		mail := "bela" + strings.TrimPrefix(p.address, "+") + "@exemplo.example"
		p.Fill("address", mail)
		p.Submit("address")
		p.See("Nada do que escreveu se perde")
		p.looked("confirm-post")
		before := newest(shared.messages(t, p.address))
		p.Click("main form[action='/confirm/send'] button[type=submit]")
		p.Fill("code", shared.code(t, p.address, before))
		p.Submit("code")
		if !scripts { // where they run, the rest goes by itself
			p.See("está confirmado")
			p.looked("confirm-resume")
			p.Press("Enviar agora")
		}
		p.arrive("/profile/contacts/code")
		p.Fill("code", shared.code(t, mail, ""))
		p.Submit("code")
		p.arrive("/profile?done=contact.added")
		p.See(mail)
	}
}
