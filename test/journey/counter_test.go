package journey_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"digit/test/browser"
)

var toldCode = regexp.MustCompile(`diga-lhe este código: (\d{6})`)

// TestCounter serves somebody at the counter with the keyboard alone: registers them, has them agree by a code, fills in the whole
// form on one page, takes cash and holds the receipt.
func TestCounter(t *testing.T) {
	t.Parallel()
	p := hand{shared.officer(t, "celina.fortes@demo.example", browser.Options{JS: true})}
	number := newPhone(t)
	enter := func(selector string) {
		t.Helper()
		then := p.path()
		p.to(selector)
		p.Key("\r")
		p.gone(then)
	}
	const send = "main form .actions button[type=submit]"
	p.visit("/desk/till")
	p.write("[name=counter]", "Balcão 1")
	p.write("[name=float]", "2000")
	enter(send)

	p.visit("/desk")
	p.checked()
	enter("main a[href='/desk/people/new']")
	p.write("[name=name]", "Guilhermina Évora Lopes")
	p.write("[name='born.day']", "9")
	p.write("[name='born.month']", "7")
	p.write("[name='born.year']", "1947")
	p.write("[name=phone]", number)
	p.checked()
	enter(send)
	enter("main form[action$='/code'] button[type=submit]")
	code := ""
	for deadline := time.Now().Add(15 * time.Second); code == "" && time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if found := toldCode.FindStringSubmatch(p.house.messages(t, number)); found != nil {
			code = found[1]
		}
	}
	p.write("[name=text]", code)
	enter(send)
	p.See("Guilhermina Évora Lopes")
	p.checked()
	p.Shot("desk-visit")

	enter("main form[action$='/start/birth-certificate'] button")
	p.See("A pagar")
	p.to("[name=for_whom]")
	p.Key(" ")
	for _, field := range [][2]string{
		{"full_name", "Guilhermina Évora Lopes"}, {"birth_date.day", "9"}, {"birth_date.month", "7"}, {"birth_date.year", "1947"},
	} {
		p.write("[name='"+field[0]+"']", field[1])
	}
	p.write("[name=birth_place]", "Nossa Senhora da G")
	p.write("[name=mother_name]", "Bertina Évora")
	p.to("[name=purpose]")
	p.Key(" ")
	p.to("[name=delivery]")
	p.Key(" ")
	p.to("[name=true_statement]")
	p.Key(" ")
	p.See("250")
	p.checked()
	p.Shot("desk-form")
	p.Resize(tablet)
	p.Fits()
	p.Resize(phone)
	p.Fits()
	p.Resize(desk)
	enter("#application .actions button:not([name])")
	p.See("Pedido enviado")
	p.See("Receber pagamento")
	p.Shot("desk-sent")
	enter("main a[href^='/desk/bills/']")
	p.write("[name=tendered]", "")
	p.checked()
	p.Shot("desk-pay")
	enter(send)
	p.See("Pagamento recebido")
	if !strings.Contains(p.Text(), "REC-") {
		t.Errorf("no receipt is shown:\n%s", p.Text())
	}
	p.checked()
	p.Shot("desk-receipt")
}
