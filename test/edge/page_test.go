package edge

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digit/cmd/digit/app"
	"digit/test/browser"
	"digit/web/frame"
)

// seenElsewhere are pages, by how their addresses begin, that this test does not reach, with why that is
// and who looks at them instead.
var seenElsewhere = map[string]string{
	"/appointments/{id}/cancel":                        "asks before it acts, as all such pages do: ui.ConfirmAct, which the gallery shows to axe",
	"/console/agencies/{agency}/staff/":                "ui.ConfirmAct",
	"/console/audit/exports/{id}":                      "of a file that has been written: the page of test/journey TestRecord",
	"/console/audit/{id}/proof":                        "of an entry under a checkpoint: test/journey TestRecord",
	"/console/calendar/holidays/{day}":                 "of a day, or of an agency's own calendar: test/journey TestPages follows the links",
	"/console/calendar/{calendar}":                     "of a day, or of an agency's own calendar: test/journey TestPages follows the links",
	"/console/devices/{id}/wipe":                       "ui.ConfirmAct",
	"/console/exchange/providers/{provider}/":          "of a provider that is edited: test/journey TestPages follows the links",
	"/console/keys/destroy":                            "of what is under way: test/journey TestKeys, TestPages",
	"/console/keys/proposals/{id}":                     "of what is under way: test/journey TestKeys, TestPages",
	"/console/keys/rotations/{id}":                     "of what is under way: test/journey TestKeys, TestPages",
	"/console/keys/{purpose}/rotate":                   "of what is under way: test/journey TestKeys, TestPages",
	"/console/languages/{lang}/history/{act}":          "of a change that was made: test/journey TestPages follows the links",
	"/console/messages/providers/":                     "one form for each channel: test/journey TestPages follows the links",
	"/console/people/{id}/contacts/":                   "ui.ConfirmAct",
	"/console/reference/areas/{area}":                  "of a list, an area, a number: test/journey TestPages follows the links",
	"/console/reference/lists/{list}":                  "of a list, an area, a number: test/journey TestPages follows the links",
	"/console/reference/numbers/{format}":              "of a list, an area, a number: test/journey TestPages follows the links",
	"/console/sign-in/directories/{code}/rules/{rule}": "of a rule that has an id of its own: test/journey TestOutsideIdentity",
	"/console/sign-in/directories/{code}/syncs/{sync}": "of a rule that has an id of its own: test/journey TestOutsideIdentity",
	"/console/sign-in/providers/{code}/rules/{rule}":   "of a rule that has an id of its own: test/journey TestOutsideIdentity",
	"/desk/bills/{id}":                                 "of a person who stands at the counter: test/journey TestCounter",
	"/desk/people/{id}/":                               "of a person who stands at the counter: test/journey TestCounter",
	"/desk/taken/{id}":                                 "of a person who stands at the counter: test/journey TestCounter",
	"/desk/tills/{id}":                                 "of a person who stands at the counter: test/journey TestCounter",
	"/desk/visit":                                      "of a person who stands at the counter: test/journey TestCounter",
	"/language/{lang}":                                 "leads on, and is no page",
	"/profile/contacts/{id}/remove":                    "ui.ConfirmAct",
	"/profile/security/passkeys/":                      "ui.ConfirmAct",
	"/queue/tickets/{id}":                              "of a ticket that was drawn: the page of web/desk's tests",
	"/requests/{id}/again/{kind}":                      "of what may be appealed against",
	"/requests/{id}/check":                             "of a draft: test/journey TestWithoutJavaScript",
	"/requests/{id}/contact":                           "of a guest: test/journey TestGuest",
	"/requests/{id}/elsewhere":                         "asks before it leads on, as ui.ConfirmAct",
	"/requests/{id}/for":                               "of somebody with a household: test/journey TestHouseholdAndMessages",
	"/requests/{id}/letters/":                          "a file",
	"/requests/{id}/messages/files/":                   "a file",
	"/requests/{id}/near":                              "of a service that looks for what is near",
	"/requests/{id}/pages/{page}":                      "of a draft: test/journey TestLibrary, TestWithoutJavaScript",
	"/console/businesses/{id}/confirm":                 "ui.ConfirmAct",
	"/console/elsewhere/{id}/edit":                     "the form of /console/elsewhere/new, filled in",
	"/requests/{id}/rated":                             "after rating: test/journey TestCertificate",
	"/console/businesses/{id}/paper":                   "a file",
	"/workbench/cases/{id}/redactions/":                "a file",
	"/requests/{id}/pages/{page}/rows/":                "of a service with tables: test/journey TestPartners",
	"/requests/{id}/paid":                              "of somebody who comes back from paying: test/journey TestWithoutJavaScript",
	"/requests/{id}/pay/link":                          "of a fee that somebody else may pay",
	"/requests/{id}/stop":                              "ui.ConfirmAct",
	"/shared/{token}":                                  "of what was shared: test/journey TestCertificate",
	"/sign-in/callback":                                "leads on, and is no page",
	"/sign-in/second":                                  "of somebody who is half signed in: test/journey TestOtherIdentity",
	"/sim/idp/authorize":                               "of somebody whom a provider is to name: test/journey TestOtherIdentity",
	"/simulator/agency/{id}":                           "of a case that an agency elsewhere has",
	"/staff/absences/{id}/end":                         "ui.ConfirmAct",
	"/staff/second-factor":                             "of somebody who has none yet, where the state asks for it: test/journey TestTwoFactorsAtWork",
	"/staff/security/passkeys/":                        "ui.ConfirmAct",
	"/staff/sign-in/at/{directory}":                    "of a directory that answers: test/journey TestOutsideIdentity",
	"/studio/{draft}/certificates/preview":             "a file, or of a draft with tables and letters: test/journey TestStudio, TestToolsOfTheStudio",
	"/studio/{draft}/letters/preview":                  "a file, or of a draft with tables and letters: test/journey TestStudio, TestToolsOfTheStudio",
	"/studio/{draft}/rename":                           "a file, or of a draft with tables and letters: test/journey TestStudio, TestToolsOfTheStudio",
	"/studio/{draft}/translations/":                    "a file, or of a draft with tables and letters: test/journey TestStudio, TestToolsOfTheStudio",
	"/talk/files/{token}":                              "a file",
	"/workbench/bulk/{bulk}":                           "of whoever chose the cases: test/journey TestSupervisorsDay",
	"/workbench/cases/{id}/messages/files/":            "a file, or asks before it reveals an answer",
	"/workbench/cases/{id}/opinions/files/":            "a file, or asks before it reveals an answer",
	"/workbench/cases/{id}/reveal/":                    "a file, or asks before it reveals an answer",
	"/workbench/cases/{id}/visits/files/":              "a file, or asks before it reveals an answer",
	"/workbench/opinions/{opinion}":                    "of an agency that was asked: web/workbench's tests alone",
	"/workbench/templates/{template}":                  "of one that is written anew, whose page is the form of the list",
}

// lookedAt says who looks at a page that is not reached here, "" for nobody.
func lookedAt(pattern string) string {
	for begin, who := range seenElsewhere {
		if strings.HasPrefix(pattern, begin) {
			return who
		}
	}
	return ""
}

// found is a page of a route, and who may see it.
type found struct {
	who  visitor
	path string
}

var hrefs = regexp.MustCompile(`\shref="(/[^"#]*)`)

// shape matches the addresses of a route.
func shape(pattern string) *regexp.Regexp {
	parts := strings.Split(pattern, "/")
	for n, part := range parts {
		if parts[n] = regexp.QuoteMeta(part); strings.HasPrefix(part, "{") {
			parts[n] = "[^/]+"
		}
	}
	return regexp.MustCompile("^" + strings.Join(parts, "/") + "$")
}

// pages looks for one page of each route: at the address that the stage gives it, or where a link of another page leads. Files are no pages.
// Stages differ in what an application's address names.
func (h *house) pages(t *testing.T, stages []stage, people []visitor) (pages map[string]found, missed []string) {
	t.Helper()
	pages = map[string]found{}
	links := map[string][]string{} // of each visitor
	files := map[string]bool{}
	try := func(p visitor, pattern, path string) {
		a := p.c.get(path)
		if a.status != http.StatusOK {
			return
		}
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.body, "<html") { // or parts that a page puts into itself
			files[pattern] = true
			return
		}
		pages[pattern] = found{p, path}
		for _, m := range hrefs.FindAllStringSubmatch(a.body, -1) {
			if to, _, _ := strings.Cut(m[1], "?"); !slices.Contains(links[p.name], to) {
				links[p.name] = append(links[p.name], to)
			}
		}
	}
	var routes []frame.Route
	for _, r := range sorted(h.Routes) {
		if r.Method == http.MethodGet && r.Kind == frame.Page {
			routes = append(routes, r)
		}
	}
	open := func(r frame.Route, p visitor) bool {
		_, known := pages[r.Pattern]
		return !known && !files[r.Pattern] && !shut(r, p.name)
	}
	for _, p := range people {
		for _, r := range routes {
			for _, s := range stages {
				if open(r, p) {
					try(p, r.Pattern, s.path(r.Pattern))
				}
			}
		}
	}
	for range 4 {
		for _, p := range people {
			for _, r := range routes {
				at := shape(r.Pattern)
				for _, to := range links[p.name] {
					if open(r, p) && at.MatchString(to) {
						try(p, r.Pattern, to)
					}
				}
			}
		}
	}
	for _, r := range routes {
		if _, known := pages[r.Pattern]; !known && !files[r.Pattern] {
			missed = append(missed, r.Pattern)
		}
	}
	return pages, missed
}

// about is the stage with another of the citizen's applications in its addresses.
func (s stage) about(a application) stage {
	s.ids = maps.Clone(s.ids)
	s.ids["/requests"] = a.ID
	return s
}

// beside makes what a citizen has besides requests: a business with a member, another that nobody has confirmed yet, an opinion of how a
// service went; and a service of another site.
func (h *house) beside(t *testing.T, s stage) {
	t.Helper()
	admin := h.staff(t, administrator)
	for _, name := range []string{"Pescas de Santiago", "Sal do Maio"} {
		s.owner.want(s.owner.upload("/businesses/new", []file{{"paper", "certidao.png", "image/png", picture()}},
			"name", name, "form", "company", "number", fmt.Sprintf("4%08d", next())), http.StatusSeeOther, "a business")
	}
	admin.must(admin.led("/console/businesses?status=open", `/console/businesses/[0-9a-f-]{36}`) + "/confirm")
	s.owner.must(s.owner.led("/businesses", `/businesses/[0-9a-f-]{36}`)+"/members/new", "address", phone(), "kind", "member", "scope", "all")
	s.owner.must("/requests/"+s.done.ID+"/rate", "stars", "2", "bad", "time")
	admin.must("/console/elsewhere/new", "name.pt", "Passaporte", "summary.pt", "Pedir o passaporte", "agency", "dgrni", "url", "https://passaporte.example.org/")
}

// TestEveryPageIsAccessible opens one page of every route as somebody who may see it, on a small telephone: axe finds nothing, and nothing is
// wider than the window. A new page that nobody comes to here has to say in seenElsewhere who looks at it.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	b := browser.New(t)
	h := own(t, app.Config{})
	s := h.stage(t)
	officer := h.staff(t, clerk)
	officer.claim(s.open)
	h.around(t, s, officer)
	h.beside(t, s)
	h.refresh(t)
	stages := []stage{s, s.about(s.owner.filled()), s.about(s.owner.sent())}
	people := []visitor{{"anonymous", h.visitor(t)}, {"citizen", s.owner}, {"administrator", h.staff(t, administrator)}}
	for _, staff := range []struct{ role, address string }{
		{"registry-clerk", clerk},
		{"registrar", registrar},
		{"licence-manager", otherManager},
		{"desk-operator", deskOperator},
		{"desk-supervisor", deskSupervisor},
		{"designer", designer},
		{"service-approver", approver},
		{"agency-admin", agencyAdmin},
		{"auditor", auditor},
	} {
		people = append(people, visitor{staff.role, h.staff(t, staff.address)})
	}
	pages, missed := h.pages(t, stages, people)
	for _, pattern := range missed {
		if lookedAt(pattern) == "" {
			t.Errorf("nobody looks at %s with axe", pattern)
		}
	}
	t.Logf("%d pages are looked at, %d elsewhere", len(pages), len(missed))
	for _, p := range people {
		w := b.Page(t, browser.Options{JS: true, Width: 360, Lang: "pt"})
		at, err := url.Parse(p.c.base)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range p.c.http.Jar.Cookies(at) {
			w.Cookie(p.c.base, k.Name, k.Value)
		}
		for _, r := range sorted(h.Routes) {
			if f, ok := pages[r.Pattern]; ok && f.who.name == p.name && r.Method == http.MethodGet {
				w.Open(p.c.base + f.path)
				w.Fits()
				w.Axe()
			}
		}
	}
}
