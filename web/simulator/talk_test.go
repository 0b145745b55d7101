package simulator_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math/big"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/hook/hooktest"
)

// phone is a simulated phone with WhatsApp, whose owner reads English.
type phone struct {
	t      testing.TB
	v      *hooktest.Visitor
	line   simulator.Line
	number string
	heard  int
	screen string
}

func newPhone(t testing.TB) *phone {
	t.Helper()
	n, err := rand.Int(rand.Reader, big.NewInt(1e6))
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{t: t, v: hooktest.Visit(t, "en"), number: fmt.Sprintf("+2389%06d", n)}
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		p.line, err = hooktest.App(t).Simulator.Line(ctx, tx)
		return err
	})
	return p
}

// replies are what came to the phone, oldest first.
func (p *phone) replies() (texts []string) {
	p.t.Helper()
	hooktest.In(p.t, func(ctx context.Context, tx *pg.Tx) error {
		texts = nil
		found, err := hooktest.App(p.t).Simulator.Messages(ctx, tx, simulator.MessageFilter{Channel: "whatsapp", Address: p.number}, page.Request{Size: 100})
		for _, m := range slices.Backward(found.Rows) {
			texts = append(texts, m.Text)
		}
		return err
	})
	return texts
}

// await waits until so many more answers have come.
func (p *phone) await(n int) string {
	p.t.Helper()
	eventually(p.t, "an answer", func() bool { return len(p.replies()) >= p.heard+n })
	all := p.replies()
	p.heard, p.screen = len(all), all[len(all)-1]
	return p.screen
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for range 600 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s never comes", what)
}

// say writes on the page of the simulated phone.
func (p *phone) say(text string) string {
	p.t.Helper()
	p.v.Post("/simulator/phones", url.Values{"number": {p.number}, "channel": {"whatsapp"}, "text": {text}}, http.StatusSeeOther)
	return p.await(1)
}

func (p *phone) pick(words string) string {
	p.t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^(\d+)\. (.*)$`).FindAllStringSubmatch(p.screen, -1) {
		if strings.Contains(m[2], words) {
			return p.say(m[1])
		}
	}
	p.t.Fatalf("%q is not offered:\n%s", words, p.screen)
	return ""
}

// sendFile sends a file from the page of the simulated phone, and waits for no answer.
func (p *phone) sendFile(name, mediaType string, content []byte) {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, value := range map[string]string{"number": p.number, "channel": "whatsapp"} {
		if err := form.WriteField(field, value); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {mediaType}})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		p.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		p.t.Fatal(err)
	}
	if a := p.v.Send(http.MethodPost, "/simulator/phones", form.FormDataContentType(), body.String()); a.Status != http.StatusSeeOther {
		p.t.Fatalf("sending %s: %d", name, a.Status)
	}
}

// picture is a small PNG of some shade.
func picture(t testing.TB, shade int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 40, 40))
	for i := range img.Pix {
		img.Pix[i] = uint8(shade)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// light begins to report a street light, up to the place on the map.
func (p *phone) light() {
	p.t.Helper()
	p.say("hello")
	p.say("language")
	p.pick("English")
	p.say("street light")
	if !strings.Contains(p.screen, "Report a street light") {
		p.pick("Street light fault")
	}
	p.pick("Apply")
	for range 20 {
		switch has := func(words string) bool { return strings.Contains(p.screen, words) }; {
		case has("The place on the map"):
			return
		case has("What is your full name"):
			p.say("Rui Alves")
		case has("How many lights"):
			p.say("2")
		case has("Since when"):
			p.say("-")
		case has("landmark"):
			p.say("Opposite the bakery")
		default:
			p.say("1")
		}
	}
	p.t.Fatalf("the place is not asked for:\n%s", p.screen)
}

// answers are what stands in the draft of the phone's owner.
func (p *phone) files() (names []string) {
	p.t.Helper()
	hooktest.In(p.t, func(ctx context.Context, tx *pg.Tx) error {
		names = nil
		rows, err := tx.Query(ctx, `SELECT d.media_type FROM document.file d JOIN channel.talk k ON k.person_id = d.person_id
			WHERE d.purpose = 'request.answer' AND k.id IN (SELECT talk_id FROM channel.heard WHERE ref = sha256($1::text::bytea)) ORDER BY d.id`, p.first())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind string
			if err := rows.Scan(&kind); err != nil {
				return err
			}
			names = append(names, kind)
		}
		return rows.Err()
	})
	return names
}

// first is the provider's name for the first message of the phone.
func (p *phone) first() (ref string) {
	hooktest.In(p.t, func(ctx context.Context, tx *pg.Tx) error {
		found, err := hooktest.App(p.t).Simulator.Messages(ctx, tx, simulator.MessageFilter{Channel: "whatsapp", Address: p.number, Both: true}, page.Request{Size: 100})
		for _, m := range found.Rows {
			if m.Written {
				ref = "wamid." + m.ID.String()
			}
		}
		return err
	})
	return ref
}

// TestTalkFiles: by WhatsApp a position answers a place, pictures answer a question for files, each of them once; what is no picture is refused
// in words, and what nobody asked for is not kept.
func TestTalkFiles(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.light()
	p.sendFile("early.png", "image/png", picture(t, 10))
	if p.await(1); !strings.Contains(p.screen, "No file is asked for now") {
		t.Errorf("a picture where a place is asked for: %s", p.screen)
	}
	p.v.Post("/simulator/phones", url.Values{"number": {p.number}, "channel": {"whatsapp"}, "position": {"14.9305; -23.5133"}}, http.StatusSeeOther)
	if p.await(1); !strings.Contains(p.screen, "Number on the pole") {
		t.Fatalf("after the position: %s", p.screen)
	}
	if p.say("-"); !strings.Contains(p.screen, "Send the photo or the PDF here") || !strings.Contains(p.screen, "/talk/files/") {
		t.Fatalf("the photograph is asked for with: %s", p.screen)
	}
	p.sendFile("notes.pdf", "application/pdf", []byte("%PDF-1.7"))
	if p.await(1); !strings.Contains(p.screen, "We do not take this type of file") {
		t.Errorf("a PDF for a photograph: %s", p.screen)
	}
	p.sendFile("broken.png", "image/png", []byte("no picture"))
	if p.await(1); !strings.Contains(p.screen, "Photograph") || strings.Contains(p.screen, "We have your file") {
		t.Errorf("what is no picture: %s", p.screen)
	}
	for shade := range 4 { // an album comes picture by picture; three are taken
		p.sendFile("lamp.png", "image/png", picture(t, 50*shade))
		p.await(1)
		if taken := strings.Contains(p.screen, "We have your file"); taken != (shade < 3) || !strings.Contains(p.screen, "E-mail") {
			t.Errorf("picture %d: %s", shade+1, p.screen)
		}
	}
	if have := p.files(); !slices.Equal(have, []string{"image/png", "image/png", "image/png"}) {
		t.Errorf("%q are kept", have)
	}
	if p.say("back"); !strings.Contains(p.screen, "Photograph") {
		t.Errorf("back from the e-mail address: %s", p.screen)
	}
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		var n int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM audit.entry WHERE action = 'channel.talk.file' AND object_id = (SELECT talk_id FROM channel.heard WHERE ref = sha256($1::text::bytea))`, p.first()).Scan(&n)
		if n != 3 {
			t.Errorf("%d files are on record", n)
		}
		return err
	})
}

// TestTalkCode: whoever reads a code on a phone without a browser types it on another device.
func TestTalkCode(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.light()
	p.say("-")
	p.say("-")
	link := regexp.MustCompile(`/talk/files/([A-Z2-7]{5}-[A-Z2-7]{5})`).FindStringSubmatch(p.screen)
	if link == nil {
		t.Fatalf("no code: %s", p.screen)
	}
	v := hooktest.Visit(t, "en")
	v.Get("/talk", http.StatusOK)
	if page := v.Post("/talk", url.Values{"code": {"aaaaa-aaaaa"}}, http.StatusUnprocessableEntity); !strings.Contains(page, "aaaaa-aaaaa") {
		t.Error("a wrong code is not kept in its field")
	}
	typed := strings.ToLower(strings.ReplaceAll(link[1], "-", " "))
	if to := v.Post("/talk", url.Values{"code": {typed}}, http.StatusSeeOther); to != link[0] {
		t.Errorf("the code leads to %s", to)
	}
	v.Get("/talk/files/"+strings.ReplaceAll(typed, " ", ""), http.StatusOK)
}

// wire is a message as Meta brings it.
type wire struct {
	ref, text string
	second    int64
}

// deliver brings messages in one call, signed.
func (p *phone) deliver(messages ...wire) int {
	var list []any
	for _, m := range messages {
		list = append(list, map[string]any{
			"id": m.ref, "from": strings.TrimPrefix(p.number, "+"), "type": "text", "timestamp": strconv.FormatInt(m.second, 10), "text": map[string]any{"body": m.text},
		})
	}
	body, err := json.Marshal(map[string]any{"entry": []any{map[string]any{"changes": []any{map[string]any{"value": map[string]any{"messages": list}}}}}})
	if err != nil {
		p.t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(p.line.AppSecret))
	mac.Write(body)
	return p.v.Send(http.MethodPost, "/hooks/whatsapp", "application/json", string(body), "X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil))).Status
}

// state is how many messages of the number were answered, which of them came too late, by their names.
func (p *phone) state(refs []string) (answered int, late map[string]bool) {
	late = map[string]bool{}
	hooktest.In(p.t, func(ctx context.Context, tx *pg.Tx) error {
		answered = 0
		for _, ref := range refs {
			var done, behind bool
			err := tx.QueryRow(ctx, `SELECT answered_at IS NOT NULL, late FROM channel.heard WHERE ref = sha256($1::text::bytea)`, ref).Scan(&done, &behind)
			if err != nil {
				continue // not heard yet
			}
			if late[ref] = behind; done {
				answered++
			}
		}
		return nil
	})
	return answered, late
}

// TestTalkOrder sends messages of one number at once, in any order and some of them twice: each is answered once, one at a time, in the order in
// which they were written; whatever arrived after a later one is said to have, and changes nothing. So the conversation ends where it does when
// the others are written one after the other.
func TestTalkOrder(t *testing.T) {
	t.Parallel()
	hooktest.App(t)
	rapid.Check(t, func(rt *rapid.T) {
		script := rapid.SliceOfN(rapid.SampledFrom([]string{"menu", "1", "2", "0", "language", "help", "street"}), 2, 5).Draw(rt, "script")
		at := time.Now().Add(-time.Hour).Unix()
		var sent []wire
		for i, text := range script {
			sent = append(sent, wire{uuid.NewString(), text, at + int64(i)})
		}
		hurried, calm := newPhone(t), newPhone(t)
		for _, p := range []*phone{hurried, calm} { // both begin alike
			p.deliver(wire{uuid.NewString(), "hello", at - 1})
			p.await(1)
		}
		var refs []string
		var wait sync.WaitGroup
		for _, i := range rapid.Permutation(slices.Concat(slices.Collect(indices(len(sent))), []int{0, len(sent) - 1})).Draw(rt, "arrivals") {
			wait.Go(func() { hurried.deliver(sent[i]) })
		}
		wait.Wait()
		for _, m := range sent {
			refs = append(refs, m.ref)
		}
		var late map[string]bool
		eventually(t, "the answers", func() bool {
			var n int
			n, late = hurried.state(refs)
			return n == len(refs) && len(hurried.replies()) >= 1+len(refs)
		})
		for _, m := range sent {
			if !late[m.ref] {
				calm.deliver(wire{uuid.NewString(), m.text, m.second})
				calm.await(1)
			}
		}
		quick, slow := hurried.replies(), calm.replies()
		if len(quick) != 1+len(sent) {
			rt.Errorf("%d answers to %d messages", len(quick)-1, len(sent))
		}
		told := slices.DeleteFunc(slices.Clone(quick), func(s string) bool { return strings.Contains(s, "chegou depois do que escreveu") })
		if n := len(quick) - len(told); n != count(late) {
			rt.Errorf("%d were late, %d are told so", count(late), n)
		}
		if !slices.Equal(told, slow) {
			rt.Errorf("%v, late %d:\n%q\nand one after the other\n%q", script, count(late), told, slow)
		}
	})
}

func indices(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func count(late map[string]bool) (n int) {
	for _, l := range late {
		if l {
			n++
		}
	}
	return n
}

// TestTalkLate: a message that comes after a later one is not used, and said not to be; the wish to be left alone counts whenever it comes.
func TestTalkLate(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	at := time.Now().Unix()
	p.deliver(wire{uuid.NewString(), "hello", at})
	p.await(1)
	p.deliver(wire{uuid.NewString(), "1", at + 10})
	found := p.await(1)
	p.deliver(wire{uuid.NewString(), "2", at + 5})
	if late := p.await(1); !strings.Contains(late, "“2”") || !strings.HasSuffix(late, found) {
		t.Errorf("a late message is answered with %s", late)
	}
	p.deliver(wire{uuid.NewString(), "stop", at + 6})
	if stopped := p.await(1); !strings.Contains(stopped, "COMEÇAR") {
		t.Errorf("a late stop is answered with %s", stopped)
	}
	if p.deliver(wire{uuid.NewString(), "start", at + 7}); len(p.replies()) != p.heard {
		t.Error("a start that was written before begins again")
	}
	p.deliver(wire{uuid.NewString(), "start", at + 20})
	p.await(1)
}

// stopped are the channels by which the phone's owner wants no notices.
func (p *phone) stopped() (channels []string) {
	p.t.Helper()
	hooktest.In(p.t, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT stopped FROM profile.person WHERE account_id IN
			(SELECT person_id FROM channel.talk WHERE id IN (SELECT talk_id FROM channel.heard WHERE ref = sha256($1::text::bytea)))`, p.first()).Scan(&channels)
	})
	return channels
}

// TestTalkStops: STOP ends the conversation and the notices by its channel, and says so once; HELP is answered all the same; START begins both again.
func TestTalkStops(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.light()
	if p.say("parar"); !strings.Contains(p.screen, "Send START") || !strings.Contains(p.screen, "No more notices come here") {
		t.Errorf("STOP in Portuguese: %s", p.screen)
	}
	if have := p.stopped(); !slices.Equal(have, []string{"whatsapp"}) {
		t.Errorf("stopped: %q", have)
	}
	for _, text := range []string{"stop", "menu"} {
		p.v.Post("/simulator/phones", url.Values{"number": {p.number}, "channel": {"whatsapp"}, "text": {text}}, http.StatusSeeOther)
	}
	if p.say("help"); !strings.Contains(p.screen, "STOP: no more") || strings.Contains(p.screen, "Find a service") {
		t.Errorf("HELP after STOP: %s", p.screen)
	}
	before := len(p.replies())
	if p.say("शुरू"); !strings.Contains(p.screen, "You get notices about your applications here again") || len(p.replies()) != before+1 {
		t.Errorf("START in Hindi: %s", p.screen)
	}
	if have := p.stopped(); len(have) != 0 {
		t.Errorf("stopped after START: %q", have)
	}
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		var acts []string
		err := tx.QueryRow(ctx, `SELECT array_agg(action ORDER BY id) FROM audit.entry WHERE action LIKE 'profile.notices.%'
			AND object_id IN (SELECT person_id FROM channel.talk WHERE id IN (SELECT talk_id FROM channel.heard WHERE ref = sha256($1::text::bytea)))`, p.first()).Scan(&acts)
		if !slices.Equal(acts, []string{"profile.notices.stop", "profile.notices.resume"}) {
			t.Errorf("on record: %q", acts)
		}
		return err
	})
}

// TestTalkOfAnother: once an account is suspended, its number opens nothing any more, though it was proved before.
func TestTalkOfAnother(t *testing.T) {
	t.Parallel()
	p := newPhone(t)
	p.light()
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity.account SET status = 'suspended' WHERE id IN
			(SELECT person_id FROM channel.talk WHERE id IN (SELECT talk_id FROM channel.heard WHERE ref = sha256($1::text::bytea)))`, p.first())
		return err
	})
	if p.say("14.93; -23.51"); !strings.Contains(p.screen, "This account is suspended") || strings.Contains(p.screen, "Number on the pole") {
		t.Errorf("a suspended account goes on with %s", p.screen)
	}
}
