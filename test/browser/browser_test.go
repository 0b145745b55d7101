package browser_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"digit/test/browser"
)

func TestMain(m *testing.M) { browser.Main(m) }

const form = `<!doctype html><html lang="en"><head><title>Form</title></head><body><main><h1>Form</h1>
<form method="post" enctype="multipart/form-data"><p><label for="n">Full name <span>(optional)</span></label> <input id="n" name="name" value="old"></p>
<p><label for="i">Island</label> <select id="i" name="island"><option value="">Choose</option><option value="st">Santiago</option></select></p>
<fieldset><legend>How</legend><input type="radio" id="a" name="how" value="sms"><label for="a">By text message</label><input type="radio" id="b" name="how" value="mail"><label for="b">By email</label></fieldset>
<details><summary>More</summary><p>folded words</p></details>
<p><label for="f">Plan</label> <input type="file" id="f" name="file"></p><button>Send it</button></form></main></body></html>`

func serve(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, form)
			return
		}
		file, header, err := r.FormFile("file")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body, _ := io.ReadAll(file)
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Got it</title><main><h1>Got it</h1><p>%s, %s, %s, %s: %s (%s)</p></main></html>`,
			r.FormValue("name"), r.FormValue("island"), r.FormValue("how"), header.Filename, body, r.Header.Get("Accept-Language"))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestJourney(t *testing.T) {
	t.Parallel()
	url := serve(t)
	plan := filepath.Join(t.TempDir(), "plan.txt")
	if err := os.WriteFile(plan, []byte("walls"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := browser.New(t)
	for _, js := range []bool{true, false} {
		t.Run(fmt.Sprintf("js=%v", js), func(t *testing.T) {
			t.Parallel()
			p := b.Page(t, browser.Options{JS: js, Width: 360, Lang: "pt"})
			p.Open(url)
			p.DontSee("folded words")
			p.Unfold("More")
			p.See("folded words")
			p.Fill("Full name", "Maria Évora")
			p.Fill("Island", "Santiago")
			p.Choose("By email")
			p.Upload("Plan", plan)
			p.Fits()
			p.Axe()
			p.Press("Send it")
			p.See("Maria Évora, st, mail, plan.txt: walls (pt)")
			if got := p.Title(); got != "Got it" {
				t.Errorf("title %q", got)
			}
			p.Back()
			p.See("Island")
		})
	}
}
