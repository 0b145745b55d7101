package journey_test

import (
	"strings"
	"testing"
	"time"

	"digit/test/browser"
)

// TestStudio designs a paid service with states and a certificate in the browser, translates it, has it approved by a second person,
// and takes a request for it to the end: no file is touched.
func TestStudio(t *testing.T) {
	t.Parallel()
	name := "Atestado de morada " + time.Now().Format("150405.000")
	lena := shared.officer(t, "lena.cardoso@demo.example", browser.Options{JS: true, Width: desk})
	see := func(p *person, shot string) {
		t.Helper()
		p.checked()
		p.Shot(shot)
	}
	lena.visit("/studio")
	see(lena, "studio-1-list")
	lena.Press("Começar um serviço")
	see(lena, "studio-2-begin")
	lena.Press("Do zero")
	lena.Page.Fill("name", name)
	lena.Fill("agency", "dgrni")
	lena.Do(`document.querySelector("[name=others][value=en]").click() || document.querySelector("[name=kind][value=certificate]").click() || document.querySelector("[name=fee]").value.length || document.querySelector("main form").requestSubmit()`)
	lena.See("Escreva quanto custa")
	see(lena, "studio-3-wrong")
	lena.Fill("fee", "250,00")
	lena.Fill("role", "registrar")
	lena.Submit("name")
	lena.See("O serviço foi começado.")
	see(lena, "studio-4-overview")
	draft, _, _ := strings.Cut(lena.path(), "?")
	code := draftCode(t, lena)

	lena.visit(draft + "/form?page=request&at=page")
	lena.Unfold("Acrescentar uma pergunta")
	lena.Page.Fill("new_label", "Desde quando mora aí?")
	lena.Page.Fill("new_kind", "date")
	lena.Submit("new_label")
	lena.See("Pergunta: Desde quando mora aí?")
	see(lena, "studio-5-question")
	moveByKeyboard(t, lena)
	lena.Press("Desfazer")
	lena.See("Refazer")

	translate(t, lena, draft, see)
	lena.visit(draft + "/publish")
	see(lena, "studio-7-publish")
	lena.Page.Fill("comment", "Primeira versão")
	lena.Submit("comment")
	lena.See("Proposto. Outra pessoa decide.")
	lena.See("Decide outra pessoa")
	see(lena, "studio-8-proposal")
	proposal, _, _ := strings.Cut(lena.path(), "?")

	boss := shared.officer(t, "mario.fonseca@demo.example", browser.Options{JS: true, Width: tablet})
	boss.visit(proposal)
	see(boss, "studio-9-decide")
	boss.Press("Aprovar")
	boss.See("Publicado")
	applyAndIssue(t, code)
	others(t, lena, draft)
}

// draftCode is the code of the service whose overview is open.
func draftCode(t *testing.T, p *person) string {
	t.Helper()
	code, ok := p.Eval(`document.querySelector(".properties dd").textContent.trim()`).(string)
	if !ok || code == "" {
		t.Fatal("the overview does not name the code")
	}
	return code
}

// moveByKeyboard moves the question that was added before the one above it, with Alt and an arrow.
func moveByKeyboard(t *testing.T, p *person) {
	t.Helper()
	const order = `[...document.querySelectorAll("#questions-title ~ ol [data-move]")].map((x) => x.dataset.move).join(" ")`
	if got := p.Eval(order); got != "details desde_quando_mora_ai" {
		t.Fatalf("the questions are %v", got)
	}
	p.Do(`document.querySelector("[data-move=desde_quando_mora_ai] a").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", altKey: true, bubbles: true }))`)
	if got := p.Eval(order); got != "desde_quando_mora_ai details" {
		t.Errorf("moved by keyboard the questions are %v", got)
	}
	if said := p.Eval(`document.getElementById("said").textContent`); !strings.Contains(said.(string), "lugar 1 de 2") {
		t.Errorf("the move is said so: %q", said)
	}
}

// translate fills in the English of every text that lacks it.
func translate(t *testing.T, p *person, draft string, see func(*person, string)) {
	t.Helper()
	p.visit(draft + "/translations")
	see(p, "studio-6-translations")
	for range 5 {
		if n, _ := p.Eval(`document.querySelectorAll(".pairs textarea").length`).(float64); n == 0 {
			p.See("Está tudo traduzido")
			return
		}
		p.Do(`[...document.querySelectorAll(".pairs textarea")].forEach((x, i) => { x.value = "English " + i }) || document.querySelector("form:has(.pairs)").requestSubmit()`)
	}
	t.Error("there is always more to translate")
}

// applyAndIssue asks for the service as a citizen, pays, and approves the request as the registrar.
func applyAndIssue(t *testing.T, code string) {
	t.Helper()
	p := shared.somebody(t, newPhone(t), browser.Options{JS: true, Width: phone})
	p.visit("/services/" + code + "/start")
	p.register("Marta Sofia Tavares")
	p.next()
	p.next()
	p.Fill("details", "Para abrir uma conta no banco")
	p.FillDate("desde_quando_mora_ai", "1", "2", "2020")
	p.next()
	p.See("Verifique as suas respostas")
	p.Press("Enviar o pedido")
	p.See("Pedido enviado")
	request := uuidPattern.FindString(p.URL())
	payByCard(t, p, request, "4242 4242 4242 4242")
	registrar := shared.officer(t, "carlos.semedo@demo.example", browser.Options{JS: true, Width: desk})
	registrar.reach("/workbench/cases/"+request, "Ficar com o pedido")
	registrar.Press("Ficar com o pedido")
	registrar.Press("Aprovar e emitir")
	registrar.See("O pedido avançou")
	p.reach("/wallet", "Atestado de morada")
}

// others look at the pages of the draft from right to left, on a telephone and wide, and in English.
func others(t *testing.T, wide *person, draft string) {
	t.Helper()
	narrow := shared.officer(t, "lena.cardoso@demo.example", browser.Options{JS: true, Width: phone})
	for _, look := range []struct {
		lang, name string
		p          *person
	}{{"ar", "phone", narrow}, {"ar", "desk", wide}, {"en", "desk", wide}} {
		look.p.visit("/language/" + look.lang + "?next=/studio")
		for _, part := range []string{"", "/texts", "/form", "/form?page=request&question=details", "/translations", "/publish", "/history"} {
			look.p.visit(draft + part)
			look.p.checked()
			look.p.Shot("studio-" + look.lang + "-" + look.name + strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace(part))
		}
	}
}

// TestStudioWithoutJavaScript begins a service and adds to its form on a small telephone whose scripts never arrive.
func TestStudioWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := shared.officer(t, "edna.brito@demo.example", browser.Options{Width: phone})
	p.visit("/studio/new/blank")
	p.Page.Fill("name", "Reclamação "+time.Now().Format("150405.000"))
	p.Fill("agency", "cmp")
	p.Choose("Queixa ou aviso")
	p.Fill("role", "licence-clerk")
	p.Submit("name")
	p.See("O serviço foi começado.")
	p.checked()
	draft, _, _ := strings.Cut(p.path(), "?")
	p.visit(draft + "/form?page=request&at=page")
	p.checked()
	p.Unfold("Acrescentar uma pergunta")
	p.Page.Fill("new_label", "Onde foi?")
	p.Submit("new_label")
	p.See("Pergunta: Onde foi?")
	p.checked()
	p.visit(draft + "/form?page=request&at=page")
	p.Press("Mover para cima Onde foi?")
	p.See("Pergunta")
	p.visit(draft + "/publish")
	p.Submit("comment")
	p.See("Proposto. Outra pessoa decide.")
	p.checked()
	p.Press("Retirar a proposta")
	p.See("A proposta foi retirada.")
}
