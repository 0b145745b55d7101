package journey_test

import (
	"html"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"digit/test/browser"
)

// designs signs a designer of the state in and begins a draft from a published version; it returns the draft's address.
func designs(t *testing.T, code string) (*client, string) {
	t.Helper()
	c := newClient(t, shared)
	c.signIn("edna.brito@demo.example", "")
	a := c.post("/studio/new/version/"+code, url.Values{})
	at, err := url.Parse(a.path)
	if err != nil || !strings.HasPrefix(at.Path, "/studio/") || len(strings.Split(at.Path, "/")) != 3 {
		t.Fatalf("a draft of %s begins at %s (%d): %v", code, a.path, a.status, err)
	}
	return c, at.Path
}

// toolPages are the pages of the tools, below a draft's address, with something chosen on each.
var toolPages = []struct{ name, path string }{
	{"workflow", "/workflow"},
	{"state", "/workflow?state=review"},
	{"action", "/workflow?action=pass-inspection"},
	{"fees", "/fees"},
	{"fee", "/fees?fee=inspection"},
	{"rule", "/rules?rule=food_safety"},
	{"document", "/documents?document=lease"},
	{"notice", "/notices?notice=submitted"},
	{"certificate", "/certificates?certificate=trade-licence"},
	{"letters", "/letters"},
	{"records", "/records"},
	{"targets", "/targets"},
	{"table", "/tables?table=surcharge"},
	{"sources", "/sources"},
	{"rename", "/rename?kind=rule&code=food_safety&to=food_hygiene"},
	{"try", "/try"},
}

// TestToolsOfTheStudio opens every tool on a service as large as real ones, on a telephone and from right to left; with pictures
// wanted, in every language and on a desk too.
func TestToolsOfTheStudio(t *testing.T) {
	t.Parallel()
	c, draft := designs(t, "trade-licence")
	c.post(draft+"/tables/table/add", url.Values{"rev": {hidden(t, c.get(draft+"/tables").body, "rev")}, "called": {"Surcharge"}})
	langs, widths := []string{"ar"}, []int{phone}
	if os.Getenv("DIGIT_SHOTS") != "" {
		langs, widths = []string{"en", "pt", "ar"}, []int{phone, 1280}
	}
	for _, lang := range langs {
		c.get("/language/" + lang + "?next=/verify")
		for _, width := range widths {
			w := c.window(browser.Options{JS: true, Width: width})
			for _, page := range toolPages {
				w.visit(draft + page.path)
				w.Fits()
				if lang == "ar" {
					w.Do("scrollTo(0, document.documentElement.scrollHeight)") // nothing lies below the panel of problems there
					w.Axe()
				}
				w.Shot("tools-" + page.name + "-" + lang + map[bool]string{true: "-360", false: "-1280"}[width == phone])
			}
		}
	}
}

// hidden reads a hidden input of a page.
func hidden(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no hidden %s", name)
	}
	return html.UnescapeString(m[1])
}

// TestDesignWithoutScript changes a workflow, a fee with a condition in rows, and a promise, and tries the service, by forms alone.
func TestDesignWithoutScript(t *testing.T) {
	t.Parallel()
	c, draft := designs(t, "streetlight-complaint")
	c.get("/language/en?next=/verify")
	post := func(path string, form url.Values) answer {
		t.Helper()
		form.Set("rev", hidden(t, c.get(draft+"/workflow").body, "rev"))
		return c.post(draft+path, form)
	}
	sees := func(a answer, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(html.UnescapeString(a.body), text) {
				t.Fatalf("%s (%d) does not say %q", a.path, a.status, text)
			}
		}
	}
	sees(post("/workflow/state/add", url.Values{"called": {"Second look"}}), "Second look", "No case comes here")
	a := post("/workflow/action/add", url.Values{"called": {"Look again"}})
	sees(a, "Look again")
	action := regexp.MustCompile(`\?action=(look-again)`).FindStringSubmatch(a.body)
	if action == nil {
		t.Fatal("the new action has no address")
	}
	first := regexp.MustCompile(`name="act_from" value="([^"]+)"`).FindStringSubmatch(a.body)
	sees(post("/workflow/action?action=look-again", url.Values{
		"act_name.pt": {"Ver outra vez"}, "act_from": {first[1]}, "act_to": {"second-look"}, "act_by": {"staff"}, "act_kind": {"none"}, "act_comment": {"none"}, "act_style": {"secondary"},
	}), "Saved.")
	sees(post("/workflow/state/act", url.Values{"act": {"drop:second-look"}}), "Removed. Undo brings it back.")
	sees(post("/workflow/action/act", url.Values{"act": {"drop:look-again"}}), "Removed. Undo brings it back.")

	sees(post("/rules/rule/add", url.Values{"called": {"It is dangerous"}}), "It is dangerous")
	rows := url.Values{
		"rule_text.pt": {"É perigoso"}, "rule_when.path": {"rules.0.when"}, "rule_when.mode": {"rows"}, "rule_when.0.kind": {"group"}, "rule_when.0.n": {"0"}, "rule_when.0.join": {"all"},
		"rule_when.do": {"add:0"},
	}
	sees(post("/rules/rule?rule=it_is_dangerous", rows), `name="rule_when.0.0.what"`)
	rows.Set("rule_when.0.n", "1")
	rows.Set("rule_when.0.0.kind", "test")
	rows.Set("rule_when.0.0.what", "danger")
	rows.Set("rule_when.0.0.op", "yes")
	rows.Del("rule_when.do")
	a = post("/rules/rule?rule=it_is_dangerous", rows)
	sees(a, "Saved.", "is yes")

	sees(post("/tables/table/add", url.Values{"called": {"Urgency"}}), "Urgency", "What the table looks at")
	sees(post("/tables/table?table=urgency", url.Values{
		"table_text.pt": {"Urgência"}, "cols": {"1"}, "rows": {"1"}, "gave": {"number"}, "gives": {"number"}, "was.0": {"danger"}, "col.0": {"danger"}, "cell.0.0": {"yes"}, "then.0": {"1"},
	}), "Saved.", "No row fits when", "is no")
	sees(c.get(draft+"/tables?table=urgency&try.danger=true&calculate=yes"), "Row 1 decides and gives 1.")
	sees(c.get(draft+"/rename?kind=question&code=danger&to=hazard"), "Change the code everywhere", "hazard")
	sees(post("/rename", url.Values{"kind": {"question"}, "code": {"danger"}, "to": {"hazard"}}), "The code was changed everywhere.")
	sees(c.get(draft+"/export"), "inputs: [hazard]", "when: hazard")
	sees(post("/undo", url.Values{}), "danger")

	sees(post("/targets", url.Values{"target_days": {"3"}, "target_warn": {"75"}}), "Saved.")
	sees(c.get(draft+"/targets?day=2026-11-27&at=16:00"), "Friday 27 November 2026, 16:00", "Wednesday 2 December 2026")

	list := c.get(draft + "/try")
	sees(list, "Comes out as told")
	name := html.UnescapeString(regexp.MustCompile(`name="name" value="([^"]+)"`).FindStringSubmatch(list.body)[1])
	story := c.post(draft+"/try/open", url.Values{"name": {name}})
	sees(story, "Where it stands", "What has happened")
	back := c.post(draft+"/try/step", url.Values{"story": {hidden(t, story.body, "story")}, "step": {"back"}})
	sees(back, "Where it stands")
	waited := c.post(draft+"/try/step", url.Values{"story": {hidden(t, back.body, "story")}, "step": {"wait"}, "wait": {"2"}, "unit": {"days"}})
	sees(waited, "Waited: 2 working days")
	sees(post("/try/keep", url.Values{"story": {hidden(t, waited.body, "story")}, "name": {"Two days later"}}), "The scenario is kept.", "Two days later")
	begun := c.post(draft+"/try/form", url.Values{"story": {hidden(t, c.get(draft+"/try").body, "story")}})
	sees(begun, "Page 1 of")
	if pdf := c.get(draft + "/certificates/preview?certificate=none"); pdf.status != 404 {
		t.Errorf("a certificate that is not there is shown: %d", pdf.status)
	}
}
