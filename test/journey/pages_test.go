package journey_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digit/test/browser"
)

var (
	hrefs = regexp.MustCompile(`\shref="(/[^"#]*)`)
	title = regexp.MustCompile(`(?s)<title[^>]*>\s*(\S.*?)</title>`)
	// notText is what a reader does not see.
	notText = regexp.MustCompile(`(?s)<(?:script|style|head|code|pre)\b.*?</(?:script|style|head|code|pre)>|<[^>]*>`)
	// keys are texts of the catalogue that nobody has written, shown by their names.
	keys = regexp.MustCompile(`\b(?:answer|auth|console|done|error|form|insight|job|message|page|paper|pay|permission|portal|profile|receipt|request|service|session|simulator|site|ui|verify|wallet|welcome|words|workbench)(?:\.[a-z_]+){1,4}\b`)
	// names are the parts of an address that name one thing of many, behind what the many are called.
	names = regexp.MustCompile(`/(?:services|agencies|offices|roles|tenants|pages|lists|codes|areas|numbers|providers|languages|texts|parts|files)/[^/?]+|/(?:agency|office):[^/?]+|[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{2,}-\d{4}-\d{6}|\d{4}-\d{2}-\d{2}`)
)

// TestPages follows every link that a citizen, officers and an administrator can reach, in three languages: each page
// answers, has a title and shows no text that is missing; from right to left each fits a small telephone, and those of citizens break no rule of accessibility.
func TestPages(t *testing.T) {
	t.Parallel()
	citizen := shared.somebody(t, newPhone(t), browser.Options{JS: true})
	request := applyForLicence(t, citizen, func() {})
	payByCard(t, citizen, request, "4242 4242 4242 4242")
	issueLicence(t, shared, request)
	citizen.reach("/wallet", "Licença comercial")

	for _, who := range []struct{ name, address, start string }{
		{"citizen", citizen.address, "/"},
		{"officer", "joao.lopes@demo.example", "/workbench"},
		{"administrator", "sofia.andrade@demo.example", "/console"},
	} {
		t.Run(who.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, shared)
			if strings.HasPrefix(who.address, "+") {
				c.signInAgain(who.address)
			} else {
				c.signIn(who.address, "")
			}
			for _, lang := range []string{"pt", "en", "ar"} {
				paths := crawl(t, c, lang, who.start)
				t.Logf("%s: %d pages", lang, len(paths))
				if lang != "ar" {
					continue // test/edge opens a page of each route in Portuguese to axe, on the same telephone; markup is the same in English
				}
				w := c.window(browser.Options{JS: true, Width: phone})
				for _, path := range paths {
					if strings.Contains(path, "?") {
						continue // the same page with other rows
					}
					w.visit(path)
					if w.Fits(); who.name == "citizen" || leftToUs(path) {
						w.Axe()
					}
				}
			}
		})
	}
}

// leftToUs are pages of staff that test/edge TestEveryPageIsAccessible does not reach; it opens the others to axe, whose markup is the same in
// every language.
func leftToUs(path string) bool {
	return slices.ContainsFunc([]string{"calendar/", "exchange/providers/", "keys/", "languages/", "messages/providers/", "reference/"}, func(part string) bool {
		return strings.HasPrefix(path, "/console/"+part)
	})
}

// signInAgain signs in a citizen who has an account.
func (c *client) signInAgain(address string) {
	c.t.Helper()
	defer c.house.alone(address)()
	before := newest(c.house.messages(c.t, address))
	asked, err := url.Parse(c.post("/sign-in", url.Values{"address": {address}}).path)
	if err != nil {
		c.t.Fatal(err)
	}
	c.post("/sign-in/code", url.Values{"id": {asked.Query().Get("id")}, "code": {c.house.code(c.t, address, before)}})
}

// crawl follows all links from a page and returns the addresses of the pages: one of each kind, with its query's names
// but not with every value.
func crawl(t *testing.T, c *client, lang, start string) (pages []string) {
	t.Helper()
	c.get("/language/" + lang + "?next=/verify")
	seen, from := map[string]bool{}, map[string]string{}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		a := c.get(path)
		if (a.status == http.StatusForbidden || a.status == http.StatusNotFound) && othersOnly(path, from[path]) {
			continue
		}
		if a.status != http.StatusOK {
			t.Errorf("%s: GET %s, which %s leads to, answers %d", lang, path, from[path], a.status)
			continue
		}
		if !strings.HasPrefix(a.kind, "text/html") {
			continue
		}
		pages = append(pages, path)
		if !title.MatchString(a.body) {
			t.Errorf("%s: %s has no title", lang, path)
		}
		if want := fmt.Sprintf(`lang="%s"`, lang); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s is not in this language", lang, path)
		}
		if missing := keys.FindAllString(html.UnescapeString(notText.ReplaceAllString(a.body, " ")), 5); missing != nil && !coded(path) {
			t.Errorf("%s: %s shows keys for texts: %v", lang, path, missing)
		}
		for _, m := range hrefs.FindAllStringSubmatch(a.body, -1) {
			next := html.UnescapeString(m[1])
			u, err := url.Parse(next)
			if err != nil {
				t.Errorf("%s: %s has a broken link %q", lang, path, next)
				continue
			}
			kind := names.ReplaceAllStringFunc(u.Path, nameless)
			for name := range u.Query() {
				kind += "?" + name
			}
			if !seen[kind] && !elsewhere(u.Path) && len(u.Query()) < 2 {
				seen[kind], from[next] = true, path
				queue = append(queue, next)
			}
		}
	}
	return pages
}

// nameless puts a star for what names one thing of many; pages that make a new one have no name there.
func nameless(part string) string {
	at := strings.LastIndexByte(part, '/') + 1
	if name := part[at:]; name == "new" || name == "publish" || name == "import" {
		return part
	}
	return part[:at] + "*"
}

// othersOnly are pages that tell whoever follows a link why they are not theirs: the simulator, which everybody shares,
// leads everywhere and names the account a page needs; staff cannot ask for services with their account of work.
func othersOnly(path, from string) bool {
	return strings.HasPrefix(from, "/simulator") || strings.HasSuffix(path, "/start") || strings.HasPrefix(path, "/requests/")
}

// coded are pages that name acts and messages by their codes, beside the words.
func coded(path string) bool {
	return strings.HasPrefix(path, "/console/audit") || strings.HasPrefix(path, "/console/messages") || strings.HasPrefix(path, "/console/keys/rotations/")
}

// elsewhere are addresses that are no pages of ours, or leave the one who follows them in another state.
func elsewhere(path string) bool {
	for _, p := range []string{"/assets/", "/theme/", "/language/", "/sign-out", "/console/jobs", "/status/", "/sim/", "/api/"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
