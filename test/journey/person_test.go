package journey_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"digit/test/browser"
)

// desk, tablet and phone are the widths the pages are made for.
const (
	desk   = 1280
	tablet = 768
	phone  = 360
)

// person is somebody at a screen, with the address that codes are sent to.
type person struct {
	*browser.Page
	t       *testing.T
	house   *house
	address string
}

// somebody opens a window in a house.
func (h *house) somebody(t *testing.T, address string, o browser.Options) *person {
	t.Helper()
	if o.Lang == "" {
		o.Lang = "pt"
	}
	return &person{Page: browser.New(t).Page(t, o), t: t, house: h, address: address}
}

// newPhone is a Cabo Verdean mobile number that nobody has used yet.
func newPhone(t *testing.T) string {
	t.Helper()
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		t.Fatal(err)
	}
	number := fmt.Sprintf("+2389%06d", n)
	tell(number)
	return number
}

// visit opens a page of the house by its path.
func (p *person) visit(path string) {
	p.t.Helper()
	p.Open(p.house.url + path)
}

// path is where the window is.
func (p *person) path() string {
	p.t.Helper()
	u, err := url.Parse(p.URL())
	if err != nil {
		p.t.Fatal(err)
	}
	return u.RequestURI()
}

// next presses the first button of the page's form, whatever the language calls it.
func (p *person) next() {
	p.t.Helper()
	p.Click("main form .actions button[type=submit]")
}

// handed reports whether a file has arrived that was chosen on a form of an application, or goes with the form as it does without scripts.
const handed = `((name) => {
  if (!document.querySelector("form [data-device]") || document.documentElement.dataset.deviceReady === undefined) return true;
  if ([...document.querySelectorAll("input[type=file]")].some((i) => i.files.length)) return true;
  return !document.querySelector("[data-sending]") && document.getElementById("main").innerText.includes(name);
})`

// Upload waits until the page has taken the files: what arrives meanwhile moves the buttons.
func (p *person) Upload(field string, paths ...string) {
	p.t.Helper()
	p.Page.Upload(field, paths...)
	for _, path := range paths {
		taken := handed + "(" + strconv.Quote(filepath.Base(path)) + ")"
		for deadline := time.Now().Add(15 * time.Second); p.Eval(taken) != true && time.Now().Before(deadline); { // one that is refused never is
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// arrive waits until the address of the window contains a part.
func (p *person) arrive(part string) {
	p.t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !strings.Contains(p.path(), part); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the way does not lead to %s but to %s:\n%.800s", part, p.path(), p.Text())
		}
	}
}

// gone waits until the window is no longer where it was.
func (p *person) gone(from string) {
	p.t.Helper()
	for deadline := time.Now().Add(15 * time.Second); p.path() == from; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the window stays at %s:\n%.800s", from, p.Text())
		}
	}
}

// reach opens a page again and again until it says something: what happens behind the pages takes a moment.
func (p *person) reach(path, words string) {
	p.t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		p.visit(path)
		if strings.Contains(p.Text(), words) {
			return
		}
		if time.Now().After(deadline) {
			p.See(words) // which says what there is instead
			return
		}
	}
}

// link is the address of the link whose words begin so.
func (p *person) link(words string) string {
	p.t.Helper()
	quoted, err := json.Marshal(words)
	if err != nil {
		p.t.Fatal(err)
	}
	href, ok := p.Eval(`([...document.querySelectorAll("main a[href]")].find((a) => a.textContent.trim().startsWith(` + string(quoted) + `)) || {}).href`).(string)
	if !ok {
		p.t.Fatalf("no link %q on %s", words, p.URL())
	}
	return href
}

// download fetches a file as the person who is signed in; it needs scripts.
func (p *person) download(address string) []byte {
	p.t.Helper()
	quoted, err := json.Marshal(address)
	if err != nil {
		p.t.Fatal(err)
	}
	text, ok := p.Eval(`((u) => { const x = new XMLHttpRequest(); x.open("GET", u, false); x.overrideMimeType("text/plain; charset=x-user-defined"); x.send();
		return x.status === 200 ? btoa([...x.responseText].map((c) => String.fromCharCode(c.charCodeAt(0) & 255)).join("")) : "" })(` + string(quoted) + `)`).(string)
	body, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(body) == 0 {
		p.t.Fatalf("%s cannot be downloaded (%v)", address, err)
	}
	return body
}

// checked opens the page to axe and measures it.
func (p *person) checked() {
	p.t.Helper()
	p.Axe()
	p.Fits()
}

// get reads a page without a browser and without an account.
func (h *house) get(t *testing.T, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "pt")
	line := local()
	defer line.CloseIdleConnections()
	res, err := (&http.Client{Transport: line}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d, %v", path, res.StatusCode, err)
	}
	return string(body)
}

var (
	tags = regexp.MustCompile(`<[^>]*>`)
	// aCode is six digits by themselves, not the end of a reference.
	aCode = regexp.MustCompile(`(?:^|\s)(\d{6})(?:\s|$)`)
)

// messages is all that the simulator's phone (or mailbox) with an address has received, newest first.
func (h *house) messages(t *testing.T, address string) string {
	t.Helper()
	_, body, _ := strings.Cut(h.get(t, "/simulator/messages?address="+url.QueryEscape(address)), `id="messages"`)
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(body, " "))), " ")
}

// newest is the last code among messages, "" for none.
func newest(messages string) string {
	if m := aCode.FindStringSubmatch(messages); m != nil {
		return m[1]
	}
	return ""
}

// told waits until an address has received a message with these words.
func (h *house) told(t *testing.T, address, words string) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !strings.Contains(h.messages(t, address), words) {
		if time.Now().After(deadline) {
			t.Errorf("%s was not told %q, but: %.600s", address, words, h.messages(t, address))
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// alone keeps others from signing in with an address until what it returns is called: a code that is asked for ends the one before.
func (h *house) alone(address string) (done func()) {
	door, _ := h.doors.LoadOrStore(address, &sync.Mutex{})
	door.(*sync.Mutex).Lock()
	return door.(*sync.Mutex).Unlock
}

// code waits for the sign-in code sent to an address, other than the one known before.
func (h *house) code(t *testing.T, address, before string) string {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for time.Now().Before(deadline) {
		if code := newest(h.messages(t, address)); code != "" && code != before {
			return code
		}
		time.Sleep(150 * time.Millisecond)
	}
	t.Fatalf("no code came to %s", address)
	return ""
}

// signIn goes through the sign-in page on which the window is, with the fields' own names so that it works in every
// language.
func (p *person) signIn() {
	p.t.Helper()
	defer p.house.alone(p.address)()
	before := newest(p.house.messages(p.t, p.address))
	p.Fill("address", p.address)
	p.Submit("address")
	p.Fill("code", p.house.code(p.t, p.address, before))
	p.Submit("code")
}

// register signs in a newcomer and gives the name that is asked for the first time.
func (p *person) register(name string) {
	p.t.Helper()
	p.signIn()
	p.Fill("name", name)
	p.Submit("name")
}

// officer signs a member of staff in.
func (h *house) officer(t *testing.T, email string, o browser.Options) *person {
	t.Helper()
	p := h.somebody(t, email, o)
	p.visit("/staff/sign-in")
	p.signIn()
	return p
}
