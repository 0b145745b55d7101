package journey_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"digit/test/browser"
)

// mischief is what somebody types who wants a script to run, or a template to reckon, in somebody else's window. Each sets
// window.zvq where it comes through; 7*7 would be shown as 49.
var mischief = []string{
	`"><script>window.zvq=1</script>`,
	`'"><img src=x onerror=window.zvq=1>`,
	`</textarea></title></style><svg onload=window.zvq=1>`,
	`javascript:window.zvq=1//`,
	"jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=window.zvq=1 )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=window.zvq=1//>\\x3e",
	`ZVQ{{7*7}}ZVQ${7*7}ZVQ<%= 7*7 %>ZVQ#{7*7}`,
	`" autofocus onfocus=window.zvq=1 x="`,
	"\u2028</script><script>window.zvq=1</script>",
}

// shut are forms that would end the test and not the product: signing out, ending sessions, closing accounts and tenants.
var shut = regexp.MustCompile(`/sign-out|/sessions/|/suspend|/dismiss|/clock|/language/|/discard|/grants/.*revoke`)

var casePattern = regexp.MustCompile(`/workbench/cases/[0-9a-f-]{36}`)

// forms lists where the forms of a page lead that somebody can type into.
const forms = `[...document.querySelectorAll("main form")].map((f, n) => {
  const typed = [...f.elements].some((e) => e.tagName === "TEXTAREA" || ["text", "search", "email", "tel", "url", "number", "password"].includes(e.type));
  return typed ? n + " " + new URL(f.getAttribute("action") || "", location.href).pathname : "";
}).filter((s) => s).join("\n")`

// typeInto writes into every field of the nth form of the page and sends it. Boxes are ticked, dates get a day that is one.
const typeInto = `((n, text) => {
  const f = document.querySelectorAll("main form")[n];
  for (const e of f.elements) {
    if (e.tagName === "SELECT") e.selectedIndex = e.options.length - 1;
    else if (e.type === "checkbox" || e.type === "radio") e.checked = true;
    else if (e.tagName === "TEXTAREA" || ["text", "search", "email", "tel", "url", "number", "password"].includes(e.type)) {
      e.removeAttribute("maxlength");
      e.value = /\.(day|month)$/.test(e.name) ? "1" : /\.year$/.test(e.name) ? "2031" : text;
    }
  }
  HTMLFormElement.prototype.submit.call(f);
})`

// TestNoScriptComesThrough: a house in which everybody typed scripts wherever one can type. No page runs one, for whoever
// looks, whether what was typed was refused and shown again or kept; Chromium reports no breach of the policy either.
func TestNoScriptComesThrough(t *testing.T) {
	t.Parallel()
	h, err := startHouse(filepath.Join(filepath.Dir(shared.dir), "mischief"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error(err)
		}
	})
	citizen := newClient(t, h)
	citizen.signIn(newPhone(t), "Zvq "+mischief[0])
	mischievous(t, citizen)
	people := []struct {
		name  string
		c     *client
		start string
		more  []string // pages of which links lead to another of their kind first
	}{
		{"citizen", citizen, "/", draftPages(t, citizen)},
		{"officer", newClient(t, h), "/workbench?queue=unclaimed", nil},
		{"administrator", newClient(t, h), "/console", []string{
			"/console/agencies/new", "/console/agencies/dgrni/edit", "/console/agencies/dgrni/offices/new", "/console/agencies/dgrni/staff/new", "/console/roles/new",
			"/console/roles/registry-clerk", "/console/services/publish", "/console/services/birth-certificate/withdraw", "/console/tenants/sandbox/suspend",
		}},
		{"anybody", newClient(t, h), "/simulator", nil},
	}
	people[1].c.signIn("nuno.fortes@demo.example", "")
	people[2].c.signIn("sofia.andrade@demo.example", "")
	deadline := time.Now().Add(30 * time.Second)
	var at string
	for ; at == ""; time.Sleep(200 * time.Millisecond) {
		at = casePattern.FindString(people[1].c.get("/workbench?queue=unclaimed").body)
		if time.Now().After(deadline) {
			t.Fatal("the complaint does not reach the officer")
		}
	}
	people[1].more = []string{at}
	people[1].c.post(at+"/claim", url.Values{"rev": {"1"}})
	sent := 0
	for _, who := range people {
		w := who.c.window(browser.Options{JS: true, Lang: "en"})
		seen := map[string]bool{}
		for _, path := range append(crawl(t, who.c, "en", who.start), who.more...) {
			if _, main, _ := strings.Cut(who.c.get(path).body, "<main"); !strings.Contains(main, "<form") {
				continue // nothing can be typed there
			}
			w.visit(path)
			list, _ := w.Eval(forms).(string)
			for line := range strings.Lines(list) {
				n, action, _ := strings.Cut(strings.TrimSpace(line), " ")
				kind := n + uuidPattern.ReplaceAllString(action, "*")
				if seen[kind] || shut.MatchString(action) {
					continue
				}
				seen[kind] = true
				w.visit(path)
				w.Do(fmt.Sprintf("%s(%s, %s)", typeInto, n, quoted(t, mischief[sent%len(mischief)])))
				w.quiet(who.name, path)
				sent++
			}
		}
	}
	if t.Logf("%d forms were sent", sent); sent < 30 {
		t.Errorf("only %d forms were sent", sent)
	}
	shown := 0
	for _, who := range people {
		w := who.c.window(browser.Options{JS: true, Lang: "en"})
		for _, path := range append(crawl(t, who.c, "en", who.start), who.more...) {
			if !strings.Contains(strings.ToLower(who.c.get(path).body), "zvq") {
				continue // nothing of what was typed came as far as there
			}
			w.visit(path)
			w.quiet(who.name, path)
			shown++
		}
	}
	if t.Logf("%d pages show some of it", shown); shown < 10 {
		t.Errorf("only %d pages show what was typed", shown)
	}
}

// quiet fails when a script ran in the window, or a template was reckoned.
func (p *person) quiet(who, path string) {
	p.t.Helper()
	if ran := p.Eval(`window.zvq === undefined ? "" : String(window.zvq)`); ran != "" {
		p.t.Errorf("%s: on %s, reached from %s, a script ran", who, p.path(), path)
	}
	// Addresses that are code are as bad as scripts, though nobody pressed them.
	if bad := p.Eval(`[...document.querySelectorAll("[href],[src],[action],[formaction]")].flatMap((e) => ["href", "src", "action", "formaction"].map((n) => e.getAttribute(n) || "")).filter((u) => /^[\s\u0000-\u001f]*(javascript|vbscript|data:text)/i.test(u)).join(" ")`); bad != "" {
		p.t.Errorf("%s: on %s, reached from %s, an address is code: %v", who, p.path(), path, bad)
	}
	if strings.Contains(p.Text(), "ZVQ49") {
		p.t.Errorf("%s: %s, reached from %s, reckons what was typed", who, p.path(), path)
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// mischievous sends a complaint about a street light in which everything that may be typed freely is mischief, so that officers
// have it on their desks, with its name and its words.
func mischievous(t *testing.T, c *client) {
	t.Helper()
	at, err := url.Parse(c.post("/services/streetlight-complaint/start", nil).path)
	if err != nil {
		t.Fatal(err)
	}
	request := "/requests/" + uuidPattern.FindString(at.Path)
	c.post(request+"/pages/problem", url.Values{"problem": {"damaged"}, "danger": {"yes"}, "lights": {"3"}})
	c.post(request+"/pages/place", url.Values{"place": {"CV-PR-01"}, "landmark": {strings.Join(mischief[:3], " ")}, "pole_number": {"<b>7*7</b>"}})
	c.post(request+"/pages/contact", url.Values{"reporter_name": {mischief[2]}, "phone": {""}, "email": {""}})
	if a := c.post(request+"/submit", nil); !strings.HasSuffix(a.path, "/sent") {
		t.Fatalf("the complaint was not sent: %s %.600s", a.path, tags.ReplaceAllString(a.body, " "))
	}
}

// draftPages begins a request and returns those of its pages in which something can be written freely.
func draftPages(t *testing.T, c *client) []string {
	t.Helper()
	at, err := url.Parse(c.post("/services/birth-certificate/start", nil).path)
	if err != nil {
		t.Fatal(err)
	}
	request := "/requests/" + uuidPattern.FindString(at.Path)
	c.post(request+"/pages/who", url.Values{"for_whom": {"other"}, "relationship": {"neta"}})
	return []string{request + "/pages/who", request + "/pages/person", request + "/pages/purpose", request + "/pages/contact"}
}
