package edge

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
)

// handset is a phone whose owner talks to the state.
type handset struct {
	h               *house
	c               *client // the provider's program
	channel, number string
	tenant          uuid.UUID
	line            simulator.Line
	session, typed  string
	heard           int // messages read so far
	screen          string
	log             strings.Builder
}

func (h *house) phone(t *testing.T, channel, number string) *handset {
	t.Helper()
	p := &handset{h: h, c: h.visitor(t), channel: channel, number: number, tenant: h.tenant(t, "cv")}
	err := h.as(t, p.tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		p.line, err = h.Simulator.Line(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.log.String())
		}
	})
	return p
}

// post is the call of the provider for a text.
func (p *handset) post(ref, text string) answer {
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	switch p.channel {
	case "sms":
		body := url.Values{"id": {ref}, "from": {p.number}, "text": {text}, "to": {"201"}}.Encode()
		return p.c.send(http.MethodPost, "/hooks/sms/"+p.line.Secret, strings.NewReader(body), form)
	case "ussd":
		body := url.Values{"sessionId": {p.session}, "phoneNumber": {p.number}, "text": {text}, "serviceCode": {"*201#"}}.Encode()
		return p.c.send(http.MethodPost, "/hooks/ussd/"+p.line.Secret, strings.NewReader(body), form)
	}
	body, err := json.Marshal(map[string]any{"entry": []any{map[string]any{"changes": []any{map[string]any{"value": map[string]any{
		"messages": []any{map[string]any{"id": ref, "from": strings.TrimPrefix(p.number, "+"), "type": "text", "text": map[string]any{"body": text}}},
	}}}}}})
	if err != nil {
		p.c.t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(p.line.AppSecret))
	mac.Write(body)
	return p.c.send(http.MethodPost, "/hooks/whatsapp", strings.NewReader(string(body)), map[string]string{
		"Content-Type": "application/json", "X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)),
	})
}

// say writes something and waits for what is said back; a code that comes beside it is no answer.
func (p *handset) say(text string) string {
	p.c.t.Helper()
	fmt.Fprintf(&p.log, "> %s\n", text)
	if p.channel == "ussd" {
		if p.session == "" {
			p.session, p.typed = uuid.NewString(), text
		} else if p.typed != "" {
			p.typed += "*" + text
		} else {
			p.typed = text
		}
		a := p.c.want(p.post("", p.typed), http.StatusOK, "a USSD step")
		kind, screen, _ := strings.Cut(a.body, " ")
		if kind == "END" {
			p.session = ""
		}
		if !dialogue.USSD.Fits(screen) {
			p.c.t.Errorf("does not fit a screen: %q", screen)
		}
		p.screen = screen
	} else {
		p.c.want(p.post(uuid.NewString(), text), http.StatusOK, "a message")
		p.await()
	}
	fmt.Fprintf(&p.log, "%s\n", p.screen)
	return p.screen
}

var sentCode = regexp.MustCompile(`\b\d{6}\b`)

// replies are the answers that came to the phone, oldest first, without codes.
func (p *handset) replies() (texts []string) {
	found := p.h.messages(p.c.t, p.tenant, p.number)
	for i := len(found) - 1; i >= 0; i-- {
		if m := found[i]; m.Channel == p.channel && !m.Written && (!sentCode.MatchString(m.Text) || strings.Contains(m.Text, "\n")) {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func (p *handset) await() {
	p.c.t.Helper()
	eventually(p.c.t, "an answer by "+p.channel, func() bool { return len(p.replies()) > p.heard })
	all := p.replies()
	p.heard, p.screen = len(all), all[len(all)-1]
}

var numbered = regexp.MustCompile(`(?m)^(\d+)\. (.*)$`)

// pick chooses the option with these words, turning over as often as it takes.
func (p *handset) pick(words string) string {
	p.c.t.Helper()
	for range 60 {
		more := ""
		for _, m := range numbered.FindAllStringSubmatch(p.screen, -1) {
			if strings.Contains(m[2], words) {
				return p.say(m[1])
			}
			if m[2] == "More" || m[2] == "Mais" || m[2] == "المزيد" {
				more = m[1]
			}
		}
		if more == "" {
			break
		}
		p.say(more)
	}
	p.c.t.Fatalf("%q is not offered:\n%s", words, p.screen)
	return ""
}

// turn reads to the end of a screen that is too long.
func (p *handset) turn() string {
	p.c.t.Helper()
	whole := p.screen
	for range 40 {
		m := numbered.FindAllStringSubmatch(p.screen, -1)
		if len(m) != 1 || m[0][2] != "More" {
			break
		}
		whole += "\n" + p.say(m[0][1])
	}
	return whole
}

// prove types the code that came.
func (p *handset) prove() {
	p.c.t.Helper()
	var code string
	eventually(p.c.t, "a code", func() bool {
		for _, m := range p.h.messages(p.c.t, p.tenant, p.number) {
			if m.Channel == "sms" && !strings.Contains(m.Text, "REC-") && code == "" {
				code = sentCode.FindString(m.Text)
			}
		}
		return code != ""
	})
	p.say(code)
}

// certificate asks for a birth certificate for whom it is, up to the check of the answers.
func (p *handset) certificate(whom string) {
	p.c.t.Helper()
	p.say("menu")
	p.pick("Find a service")
	p.say("birth")
	p.pick("irth certificate")
	p.turn()
	p.pick("Apply")
	for range 60 {
		switch has := func(words string) bool { return strings.Contains(p.screen, words) }; {
		case has("Check your answers") || has("answers. Send?"):
			return
		case has("sent a code"):
			p.prove()
		case has("What is your full name"):
			p.say("Joana Lima")
		case has("certificate is for"):
			p.pick(whom)
		case has("connection to this person"):
			p.say("neta")
		case has("Date of birth"):
			p.say("27/3/1985")
		case has("arish of birth"):
			p.say("1")
		case has("other's full name") && has("send -"):
			p.say("-")
		case has("Father's full name"):
			p.say("-")
		case has("other's full name"):
			p.say("Ana da Luz")
		case has("Full name") || has("Your full name"):
			p.say("Maria da Luz")
		case has("need the certificate for"):
			p.pick("School")
		case has("want to receive"):
			p.pick("In digital form")
		case has("/talk/files/") || has("and type"):
			p.handIn()
		case has("Mobile phone"):
			p.say("9911234")
		case has("E-mail"):
			p.say("-")
		case has("I declare that"):
			p.pick("I declare this")
		case len(numbered.FindAllString(p.screen, -1)) == 1 && has("1. More"):
			p.say("1")
		case has("Choose what you have"):
			p.pick("Passport")
		default:
			p.c.t.Fatalf("an unknown question:\n%s", p.screen)
		}
	}
	p.c.t.Fatalf("the form does not end:\n%s", p.screen)
}

var (
	fileLink = regexp.MustCompile(`/talk/files/[A-Za-z0-9_-]+`)
	fileCode = regexp.MustCompile(`[A-Z2-7]{5}-[A-Z2-7]{5}`)
)

// handIn opens the link that came, or the one that the code leads to, and sends a file; the conversation goes on by itself.
func (p *handset) handIn() {
	p.c.t.Helper()
	reader := p.h.visitor(p.c.t)
	link := fileLink.FindString(p.screen)
	if p.channel == "ussd" {
		code := fileCode.FindString(p.screen)
		if !strings.Contains(p.screen, "/talk") || code == "" {
			p.c.t.Fatalf("no code: %s", p.screen)
		}
		link = reader.want(reader.post("/talk", "code", code), http.StatusSeeOther, "the code").location
	}
	reader.want(reader.get(link), http.StatusOK, "the page for a file")
	reader.want(reader.upload(link, nil), http.StatusUnprocessableEntity, "no file")
	reader.want(reader.upload(link, []file{{"file", "bi.png", "image/png", picture()}}), http.StatusSeeOther, "a file")
	reader.want(reader.get(link), http.StatusNotFound, "the link again")
	if p.channel == "ussd" {
		p.session = ""
		p.say("")
		p.pick("Go on")
		return
	}
	p.await()
	fmt.Fprintf(&p.log, "(file)\n%s\n", p.screen)
}

// through sends the application, pays it and has it approved, looking at its status by telephone.
func (p *handset) through() {
	p.c.t.Helper()
	t := p.c.t
	p.pick("Send the application")
	reference := regexp.MustCompile(`RC-?[0-9-]+|[A-Z]{2,4}-[0-9]{4}-[0-9]+`).FindString(p.screen)
	if reference == "" {
		t.Fatalf("no reference: %s", p.screen)
	}
	p.session = ""
	owner := p.h.visitor(t).signIn("/sign-in", p.number)
	app := application{ID: "", citizen: owner}
	if err := p.h.one(t, `SELECT id::text FROM request.request WHERE reference = $1`, []any{reference}, &app.ID); err != nil {
		t.Fatal(err)
	}
	owner.billed(app)
	status := func() string {
		if p.channel == "ussd" {
			p.session = ""
			p.say("")
			p.pick("Status of an")
			p.say(reference)
		} else {
			p.say("STATUS " + strings.ToLower(reference))
		}
		return p.turn()
	}
	pay := status()
	if !strings.Contains(pay, reference) || !strings.Contains(pay, "Pay") || p.channel != "ussd" && !payLink.MatchString(pay) {
		t.Fatalf("no way to pay: %s", pay)
	}
	if again := status(); p.channel != "ussd" && payLink.FindString(again) != payLink.FindString(pay) {
		t.Errorf("another link to pay each time: %s", again)
	}
	if p.channel == "ussd" {
		if p.pick("Get the link"); !strings.Contains(p.screen, "sent the link") {
			t.Errorf("the link is not sent: %s", p.screen)
		}
		eventually(t, "the link by text message", func() bool {
			for _, m := range p.h.messages(t, p.tenant, p.number) {
				if m.Channel == "sms" && payLink.MatchString(m.Text) {
					pay = m.Text
					return true
				}
			}
			return false
		})
	}
	stranger := p.h.visitor(t)
	if page := stranger.want(stranger.get(payLink.FindString(pay)), http.StatusOK, "the link to pay, by nobody who is signed in"); strings.Contains(page.body, "Joana") {
		t.Error("the link to pay tells whose it is")
	}
	owner.want(owner.post(owner.charge(app), goodCard...), http.StatusSeeOther, "paying")
	owner.state(app, "verification")
	officer, decider := p.h.staff(t, clerk), p.h.staff(t, registrar)
	officer.claim(app)
	officer.act(app, "verify", checklist...)
	decider.claim(app)
	decider.act(app, "approve")
	owner.state(app, "issued")
	eventually(t, "the certificate in the wallet", func() bool {
		return p.h.count(t, `SELECT count(*) FROM wallet.item i JOIN certificate.credential c ON c.id = i.credential_id WHERE c.subject_id = $1`, app.ID) == 1 &&
			p.h.count(t, `SELECT count(*) FROM request.request WHERE id = $1 AND certificate_id IS NOT NULL AND outcome IS NOT NULL`, app.ID) == 1
	})
	if p.channel == "sms" { // who is told by text message hears of it there too, between the questions
		eventually(t, "the notice of the certificate", func() bool { return strings.Contains(strings.Join(p.replies(), "\n"), "/rate") })
	}
	p.heard = len(p.replies())
	if done := status(); !strings.Contains(done, "Certificate issued") || !strings.Contains(done, "Your document") {
		t.Errorf("no certificate: %s", done)
	}
	if n := p.h.count(t, `SELECT count(*) FROM audit.entry WHERE action = 'channel.talk.submit' AND object_id IN (SELECT id FROM channel.talk WHERE channel = $1)`, p.channel); n == 0 {
		t.Error("sending it is not on record with its channel")
	}
}

// TestTalks applies for a certificate by each channel, from the menu to the certificate.
func TestTalks(t *testing.T) {
	t.Parallel()
	h := open(t)
	for channel, whom := range map[string]string{"sms": "Somebody else", "whatsapp": "Somebody else", "ussd": "Me"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			p := h.phone(t, channel, phone())
			p.say("")
			if channel != "ussd" {
				p.say("language")
			} else {
				p.pick("Language")
			}
			p.pick("English")
			p.certificate(whom)
			p.through()
		})
	}
}

// TestTalkGoesOn: wrong answers are said to be wrong, a message that comes twice counts once, who comes back goes on, and who stops
// hears nothing more.
func TestTalkGoesOn(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.phone(t, "whatsapp", phone())
	p.say("hello")
	p.say("LANGUAGE")
	p.pick("English")
	p.say("streetlight")
	p.pick("Street light fault")
	p.pick("Apply")
	p.say("Rui Alves") // the name of a new account
	first := p.screen
	if p.say("purple"); !strings.Contains(p.screen, "Send one of the numbers") {
		t.Errorf("nonsense is answered with %s", p.screen)
	}
	ref := uuid.NewString()
	p.c.want(p.post(ref, "1"), http.StatusOK, "an answer")
	p.await()
	second := p.screen
	for range 3 {
		p.c.want(p.post(ref, "1"), http.StatusOK, "the same again")
	}
	if p.say("help"); !strings.Contains(p.screen, "STOP") || second == first {
		t.Errorf("after the same message again: %s", p.screen)
	}
	if n := h.count(t, `SELECT count(*) FROM channel.heard WHERE ref = sha256($1::text::bytea)`, ref); n != 1 {
		t.Errorf("one message was heard %d times", n)
	}
	if p.say("back"); p.screen != first && !strings.Contains(p.screen, "Keep:") {
		t.Errorf("back leads to %s", p.screen)
	}
	p.say("عودة") // back once more, in another language's words
	if p.say("stop"); !strings.Contains(p.screen, "START") {
		t.Errorf("stop is answered with %s", p.screen)
	}
	before := len(p.replies())
	ref = uuid.NewString()
	p.c.want(p.post(ref, "menu"), http.StatusOK, "a message after stop")
	eventually(t, "the message after stop", func() bool {
		return h.count(t, `SELECT count(*) FROM channel.heard WHERE ref = sha256($1::text::bytea) AND answered_at IS NOT NULL`, ref) == 1
	})
	p.say("start")
	if n := len(p.replies()); n != before+1 || !strings.Contains(p.screen, "Find a service") {
		t.Errorf("%d messages after stop, at last %s", n-before, p.screen)
	}
	p.pick("My applications")
	p.pick("not sent yet")
	if p.screen == "" || strings.Contains(p.screen, "Find a service") {
		t.Errorf("the draft is not gone on with: %s", p.screen)
	}
}

// TestTalkRightToLeft holds a conversation in Arabic, with its digits.
func TestTalkRightToLeft(t *testing.T) {
	t.Parallel()
	p := open(t).phone(t, "ussd", phone())
	p.say("")
	p.pick("اللغة")
	p.pick("العربية")
	if !strings.Contains(p.screen, "البحث عن خدمة") {
		t.Fatalf("the menu in Arabic: %s", p.screen)
	}
	p.say("١")
	if !strings.Contains(p.screen, "كل الخدمات") {
		t.Errorf("an Arabic digit leads to %s", p.screen)
	}
	p.say("رجوع")
	p.session = "" // dialled anew
	if p.say(""); !strings.Contains(p.screen, "البحث عن خدمة") {
		t.Errorf("dialled anew: %s", p.screen)
	}
}

// TestTalkIsTheProviders: nobody but the provider brings messages.
func TestTalkIsTheProviders(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.phone(t, "whatsapp", phone())
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	text := url.Values{"id": {"1"}, "from": {p.number}, "text": {"menu"}}.Encode()
	for what, a := range map[string]answer{
		"another secret":       p.c.send(http.MethodPost, "/hooks/sms/guessed", strings.NewReader(text), form),
		"another secret, USSD": p.c.send(http.MethodPost, "/hooks/ussd/guessed", strings.NewReader("sessionId=1&phoneNumber="+url.QueryEscape(p.number)), form),
		"no signature":         p.c.send(http.MethodPost, "/hooks/whatsapp", strings.NewReader(`{}`), nil),
		"another signature":    p.c.send(http.MethodPost, "/hooks/whatsapp", strings.NewReader(`{}`), map[string]string{"X-Hub-Signature-256": "sha256=" + strings.Repeat("0", 64)}),
		"another verify token": p.c.get("/hooks/whatsapp?hub.mode=subscribe&hub.verify_token=guessed&hub.challenge=7"),
	} {
		if a.status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	a := p.c.get("/hooks/whatsapp?hub.mode=subscribe&hub.verify_token=" + url.QueryEscape(p.line.VerifyToken) + "&hub.challenge=7")
	if a.status != http.StatusOK || a.body != "7" {
		t.Errorf("the address is set up with %d %s", a.status, a.body)
	}
	p.c.want(p.c.get("/talk/files/guessed"), http.StatusNotFound, "a guessed link")
	if n := h.count(t, `SELECT count(*) FROM channel.heard WHERE ref = sha256('1'::bytea)`); n != 0 {
		t.Error("what was refused was heard")
	}
}
