package workbench_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// TestReplyTemplates has a supervisor write a template, and an officer begin a message with it, in the citizen's language.
func TestReplyTemplates(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, chief := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Rui Registrar", "registrar", "dgrni", "en")
	stranger := o.officer("Sara Stranger", "licence-clerk", "cmp", "en")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path := "/workbench/cases/" + app.String()
	clerk.page(403, "GET", "/workbench/templates/new", nil)
	want(t, chief.page(200, "GET", "/workbench/templates/new", nil), "{reference}", `name="body.pt"`)
	want(t, chief.page(422, "POST", "/workbench/templates/new", url.Values{"name": {" "}, "body.en": {"Hello"}}), "Enter a name of up to 60 characters.", "Hello")
	want(t, chief.page(422, "POST", "/workbench/templates/new", url.Values{"name": {"Mother's name"}}), "Write a text of up to")
	chief.post("/workbench/templates/new", url.Values{"name": {"Mother's name"}, "service": {"birth-certificate"}, "body.pt": {"{name}, falta o nome da mãe em {reference}. {nobody}"}, "body.en": {"{name}, {reference} lacks the mother's name."}})
	list := chief.page(200, "GET", "/workbench/templates", nil)
	want(t, list, "Mother&#39;s name", "Birth certificate")
	template := regexp.MustCompile(`/workbench/templates/([0-9a-f-]{36})/remove`).FindStringSubmatch(list)[1]
	if page := clerk.page(200, "GET", "/workbench/templates", nil); !strings.Contains(page, "Mother&#39;s name") || strings.Contains(page, "/remove") {
		t.Error("an officer does not see it, or is offered to remove it")
	}
	if strings.Contains(stranger.page(200, "GET", "/workbench/templates", nil), "Mother") {
		t.Error("another agency sees it")
	}

	clerk.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
	page := clerk.page(200, "GET", path, nil)
	link := path + "?" + url.Values{"act": {"ask-correction"}, "template": {template}}.Encode()
	want(t, page, "Begin with a template", strings.ReplaceAll(link, "&", "&amp;"))
	want(t, clerk.page(200, "GET", link, nil), "Maria Évora, falta o nome da mãe em RC-2026-000001. {nobody}")
	want(t, clerk.page(200, "GET", path+"?act=ask-correction&template=nonsense", nil), "Begin with a template")

	chief.page(404, "GET", "/workbench/templates/"+app.String(), nil)
	chief.post("/workbench/templates/"+template, url.Values{"name": {"Her name"}, "body.pt": {"Olá"}})
	want(t, chief.page(200, "GET", "/workbench/templates/"+template, nil), "Her name", "Olá")
	chief.post("/workbench/templates/"+template+"/remove", url.Values{})
	want(t, chief.page(200, "GET", "/workbench/templates", nil), "No template is written yet")
}
