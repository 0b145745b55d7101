package journey_test

import (
	"bytes"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"digit/test/browser"
)

var referencePattern = regexp.MustCompile(`RC-\d{4}-\d{6}`)

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// TestCertificate goes the whole way of one request: from the front page to a certificate that anybody can verify, and
// to its end when it is revoked.
func TestCertificate(t *testing.T) {
	t.Parallel()
	h := shared
	maria := h.somebody(t, newPhone(t), browser.Options{JS: true, Width: desk})
	request := applyForCertificate(t, maria)
	payForRequest(t, maria, request)
	decide(t, maria, request)
	trust(t, maria, request)
}

// applyForCertificate finds the service, signs up, fills in the form, leaves and comes back, checks and submits.
func applyForCertificate(t *testing.T, p *person) (request string) {
	t.Helper()
	p.visit("/")
	p.See("O que precisa de fazer?")
	p.checked()
	p.Shot("portal-home")
	p.Fill("Procurar um serviço", "nascimento")
	p.Press("Procurar")
	p.checked()
	p.Press("Certidão de nascimento")
	p.See("Emolumento da certidão: 250,00 CVE")
	p.checked()
	p.Shot("portal-service")
	p.Press("Começar")
	p.checked()

	p.Fill("Número de telefone ou e-mail", p.address)
	p.Press("Enviar código")
	p.See("Escreva o código")
	p.checked()
	// The phone is another window, as it would be another thing in the hand.
	inHand := p.house.somebody(t, p.address, browser.Options{JS: true, Width: phone})
	inHand.visit("/simulator/messages")
	inHand.Fill("Número de telefone ou e-mail", p.address)
	inHand.Press("Procurar")
	inHand.See("é o seu código para entrar")
	inHand.checked()
	p.Fill("Código", p.house.code(t, p.address, ""))
	p.Press("Entrar")
	p.See("Como se chama?")
	p.checked()
	p.Fill("Nome completo", "Maria Celeste Tavares")
	p.Press("Continuar")
	p.checked()
	p.Press("Começar o pedido")

	p.See("A certidão é para")
	p.checked()
	p.Choose("Outra pessoa")
	p.Press("Continuar")
	p.See("Que ligação tem a essa pessoa?")
	p.checked()
	p.Fill("Que ligação tem a essa pessoa?", "Neta")
	p.Press("Continuar")
	p.See("A pessoa que nasceu")
	p.Press("Continuar")
	p.See("Há um problema")
	p.checked()
	p.Fill("full_name", "José Maria Pina")
	p.FillDate("birth_date", "3", "5", "1980")
	p.Fill("birth_place", "CV-PR-01")
	p.Fill("mother_name", "Ana Maria Pina")

	// What is written is kept when she leaves, and is there when she comes back.
	p.Press("Guardar e continuar mais tarde")
	p.See("Guardámos o que escreveu")
	p.checked()
	p.visit("/requests")
	p.checked()
	p.Press("Certidão de nascimento")
	p.Press("A pessoa que nasceu")
	if got := p.Value("mother_name"); got != "Ana Maria Pina" {
		t.Errorf("the mother's name is %q after coming back", got)
	}
	p.Shot("portal-question")
	p.Press("Continuar")

	p.See("Finalidade e entrega")
	p.Choose("Documento de identificação ou passaporte")
	p.Choose("Em formato digital")
	p.checked()
	p.Press("Continuar")
	p.See("Escolha o que tem à mão.")
	p.checked()
	p.Choose("Cartão Nacional de Identificação ou bilhete de identidade, frente e verso")
	p.Upload("identity_document.card", aPDF(t, "bi.pdf", "Bilhete de identidade"), aJPEG(t, "verso.jpg"))
	p.Press("Continuar")
	p.See("Como podemos contactá-lo?")
	if got := p.Value("applicant_name"); got != "Maria Celeste Tavares" {
		t.Errorf("the form does not know her name: %q", got)
	}
	p.checked()
	p.Press("Continuar")
	p.Choose("Declaro que os dados que escrevi são verdadeiros.")
	p.checked()
	p.Press("Continuar")

	p.See("Verifique as suas respostas")
	p.See("bi.pdf")
	p.checked()
	p.Shot("portal-check")
	p.Press("Alterar Nome completo da mãe")
	p.Fill("mother_name", "Ana Joaquina Pina")
	p.Press("Continuar")
	p.See("Verifique as suas respostas")
	p.See("Ana Joaquina Pina")
	p.Press("Enviar o pedido")
	p.See("Pedido enviado")
	p.See("RC-2")
	p.checked()
	return uuidPattern.FindString(p.URL())
}

// payForRequest is refused with a bad card, pays with a good one and reads the receipt.
func payForRequest(t *testing.T, p *person, request string) {
	t.Helper()
	p.reach("/requests/"+request, "Falta pagar 250,00")
	p.checked()
	p.Press("Pagar agora")
	p.See("Emolumento da certidão")
	p.checked()
	p.Click(`main form[action$="/pay"] button`)
	p.arrive("/sim/cards/pay/")
	p.checked()
	p.Shot("simulator-card")
	p.Fill("number", "4242 4242 4242 4242")
	p.Submit("number")
	p.arrive("/requests/")
	p.checked()
	p.reach("/requests/"+request, "Em verificação")
	if body := p.download(p.link("Recibo")); !bytes.HasPrefix(body, []byte("%PDF-")) {
		t.Errorf("the receipt is no PDF: %.40q", body)
	}
	p.checked()
	p.Shot("portal-status")
}

// lookAt turns and enlarges the picture that was handed in, blackens a part of it, and goes back to the case.
func lookAt(t *testing.T, clerk *person) {
	t.Helper()
	back := clerk.URL()
	clerk.Press("Verificar as respostas")
	clerk.See("verso.jpg")
	clerk.Click(`[data-view="right"]`)
	clerk.Click(`[data-view="larger"]`)
	if how, _ := clerk.Eval(`document.querySelector("[data-viewer] img").style.transform`).(string); !strings.Contains(how, "rotate(90deg)") {
		t.Errorf("the picture is not turned: %q", how)
	}
	clerk.checked()
	clerk.Shot("workbench-check")
	clerk.Resize(phone)
	clerk.Fits()
	clerk.Shot("workbench-check-360")
	clerk.Resize(desk)
	clerk.Press("Ocultar partes")
	clerk.Click("[data-redact-add]")
	clerk.Do(`document.querySelector(".black").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", bubbles: true}))`)
	clerk.See("Retângulos pretos: 1")
	clerk.checked()
	clerk.Shot("workbench-redact")
	clerk.Resize(phone)
	clerk.Fits()
	clerk.Shot("workbench-redact-360")
	clerk.Resize(desk)
	clerk.Choose("Falam de outras pessoas")
	clerk.Press("Fazer a cópia")
	clerk.See("A cópia está a ser feita.")
	clerk.Open(back)
	clerk.See("Processo em PDF")
}

// decide is the work of three officers, each with a role of their own, and of the citizen whom they ask to correct.
func decide(t *testing.T, p *person, request string) {
	t.Helper()
	reference := referencePattern.FindString(p.Text())
	clerk := p.house.officer(t, "ana.tavares@demo.example", browser.Options{JS: true, Width: desk})
	clerk.See("Comigo")
	clerk.Press("Por atribuir")
	clerk.See(reference)
	clerk.checked()
	clerk.Shot("workbench-inbox")
	clerk.Press(reference)
	clerk.checked()
	clerk.Press("Ficar com o pedido")
	clerk.See("O pedido está agora consigo.")
	clerk.See("Ana Joaquina Pina")
	clerk.See("bi.pdf")
	clerk.checked()
	clerk.Shot("workbench-case")
	if body := clerk.download(clerk.link("Processo em PDF")); !bytes.HasPrefix(body, []byte("%PDF-")) {
		t.Errorf("the case is no PDF: %.40q", body)
	}
	lookAt(t, clerk)

	clerk.Unfold("Pedir correção ao requerente")
	clerk.Choose("Os dados não coincidem")
	clerk.Choose("Nome completo da mãe")
	clerk.Fill("ask-correction-comment", "O nome da mãe não coincide com o registo.")
	clerk.checked()
	clerk.Press("Pedir correção ao requerente")
	clerk.See("O pedido avançou")
	p.house.told(t, p.address, "Precisamos que corrija o pedido "+reference)

	p.visit("/requests/" + request)
	p.See("O nome da mãe não coincide com o registo.")
	p.checked()
	p.Press("Corrigir as respostas")
	p.checked()
	if n, ok := p.Eval(`document.querySelectorAll("main input:not([type=hidden]), main select, main textarea").length`).(float64); !ok || n != 1 {
		t.Errorf("%v fields can be changed; only the one asked for should", n)
	}
	p.Fill("mother_name", "Ana Maria Pina")
	p.Press("Continuar")
	p.See("Verifique as suas respostas")
	p.checked()
	p.Press("Enviar")
	p.See("Pedido enviado")

	clerk.visit("/workbench/cases/" + request)
	clerk.See("O que o cidadão corrigiu")
	clerk.checked()
	if strings.Contains(clerk.Text(), "Ficar com o pedido") {
		clerk.Press("Ficar com o pedido")
	}
	clerk.Unfold("Enviar para verificação no local")
	clerk.Fill("send-to-field-comment", "Consultar o livro na Praia.")
	clerk.Press("Enviar para verificação no local")
	clerk.See("O pedido avançou")

	field := p.house.officer(t, "joao.lopes@demo.example", browser.Options{JS: true, Width: phone})
	field.visit("/workbench/cases/" + request)
	field.checked()
	field.Press("Ficar com o pedido")
	field.Unfold("Registo confirmado no livro")
	field.Choose("O livro de registo foi consultado e fotografado")
	field.Fill("confirm-in-field-comment", "Assento 214 do livro de 1980.")
	field.checked()
	field.Press("Registo confirmado no livro")
	field.See("O pedido avançou")

	registrar := p.house.officer(t, "carlos.semedo@demo.example", browser.Options{JS: true, Width: desk})
	registrar.visit("/workbench/cases/" + request)
	registrar.Press("Ficar com o pedido")
	registrar.checked()
	registrar.Unfold("Aprovar e emitir a certidão")
	registrar.Press("Aprovar e emitir a certidão")
	registrar.See("O pedido avançou")
	p.house.told(t, p.address, "A certidão do pedido "+reference+" foi emitida")
}

// trust takes the certificate out of the wallet and has it verified by somebody who has no account: by its code, by the
// file, by a file that was tampered with, and after it was revoked. Then those look who count and who audit.
func trust(t *testing.T, p *person, request string) {
	t.Helper()
	p.reach("/wallet", "Certidão de nascimento")
	p.checked()
	p.Press("Certidão de nascimento")
	p.reach(p.path(), "Descarregar PDF")
	p.checked()
	p.Shot("wallet")
	pdf := p.download(p.link("Descarregar PDF"))
	code := codeOf(t, pdf)
	if !strings.HasPrefix(code, p.house.url+"/verify/") {
		t.Fatalf("the QR code leads to %q", code)
	}

	anybody := p.house.somebody(t, "", browser.Options{Width: phone})
	anybody.Open(code)
	anybody.See("O documento é verdadeiro e está válido.")
	anybody.checked()
	anybody.Resize(desk)
	anybody.Shot("verify")
	verify := func(file []byte, want string) {
		t.Helper()
		anybody.visit("/verify")
		anybody.Upload("file", write(t, "certidao.pdf", file))
		anybody.Submit("file")
		anybody.See(want)
		anybody.checked()
	}
	verify(pdf, "O documento é verdadeiro e está válido.")
	altered := bytes.Clone(pdf)
	altered[len(altered)/2] ^= 1
	verify(altered, "Não aceite este documento.")

	registrar := p.house.officer(t, "carlos.semedo@demo.example", browser.Options{JS: true, Width: desk})
	registrar.visit("/workbench/cases/" + request)
	registrar.See("Certificado")
	registrar.checked()
	registrar.Press("Revogar")
	registrar.checked()
	registrar.Fill("Porque é revogado?", "Assento anulado por sentença.")
	registrar.Press("Revogar o certificado")
	registrar.See("O certificado foi revogado.")
	anybody.Open(code)
	anybody.See("a entidade anulou-o")
	anybody.checked()
	verify(pdf, "a entidade anulou-o")

	analyst := p.house.officer(t, "helena.pires@demo.example", browser.Options{JS: true, Width: desk})
	analyst.reach("/insight", "Pedidos recebidos")
	analyst.See("Certidão de nascimento")
	analyst.checked()
	analyst.Shot("insight")
	analyst.visit("/insight/ratings")
	analyst.checked()
	admin := p.house.officer(t, "sofia.andrade@demo.example", browser.Options{JS: true, Width: desk})
	admin.visit("/console")
	admin.checked()
	admin.Shot("console")
	admin.visit("/console/audit?person=&object_id=" + url.QueryEscape(request))
	admin.checked()
	admin.visit("/console/audit/verify")
	admin.See("O registo está inteiro")
	admin.checked()
	admin.visit("/console/elsewhere/new")
	admin.checked()
	admin.Shot("console-elsewhere")
	p.visit("/requests/" + request + "/rate")
	p.See("Como correu?")
	p.checked()
	p.Shot("rate")
	inHand := p.house.somebody(t, p.address, browser.Options{JS: true, Width: phone})
	inHand.visit("/simulator/messages?address=" + url.QueryEscape(p.address))
	inHand.Shot("simulator-phone")
}

// codeOf reads the QR code that is printed on a PDF, as a telephone's camera does.
func codeOf(t *testing.T, pdf []byte) string {
	t.Helper()
	file := write(t, "certificate.pdf", pdf)
	image := filepath.Join(filepath.Dir(file), "page")
	for _, tool := range []string{"pdftoppm", "zbarimg"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("to read the QR code the journeys need %s: install poppler-utils and zbar-tools", tool)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "pdftoppm", "-png", "-r", "150", "-f", "1", "-singlefile", file, image).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), "zbarimg", "--quiet", "--raw", image+".png").Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSpace(string(out))
}
