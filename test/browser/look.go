package browser

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"digit/test/axe"
)

// Text is all the text of the page, with single spaces.
func (p *Page) Text() string {
	p.t.Helper()
	text, err := evaluate[string](p, `document.body.innerText`)
	p.must("read the page", err)
	return normal(text)
}

// TextOf is the text of the first element that a CSS selector matches.
func (p *Page) TextOf(selector string) string {
	p.t.Helper()
	p.find("css", selector)
	text, err := evaluate[string](p, `document.querySelector("[data-found]").innerText`)
	p.must("read "+selector, err)
	return normal(text)
}

// Value is what stands in the field with this label (or name).
func (p *Page) Value(field string) string {
	p.t.Helper()
	p.find("field", field)
	value, err := evaluate[string](p, `document.querySelector("[data-found]").value`)
	p.must("read "+field, err)
	return value
}

// URL is the address of the page; Title is its title.
func (p *Page) URL() string {
	p.t.Helper()
	url, err := evaluate[string](p, `location.href`)
	p.must("read the address", err)
	return url
}

// Title is the title of the page.
func (p *Page) Title() string {
	p.t.Helper()
	title, err := evaluate[string](p, `document.title`)
	p.must("read the title", err)
	return title
}

// Eval runs an expression in the page and returns its value as JSON would.
func (p *Page) Eval(expression string) any {
	p.t.Helper()
	value, err := evaluate[any](p, expression)
	p.must("evaluate", err)
	return value
}

// See waits until the page says this.
func (p *Page) See(text string) {
	p.t.Helper()
	if !p.wait(text, true) {
		p.fail("the page does not say %q", text)
	}
}

// DontSee fails when the page says this.
func (p *Page) DontSee(text string) {
	p.t.Helper()
	if !p.wait(text, false) {
		p.fail("the page says %q", text)
	}
}

func (p *Page) wait(text string, want bool) bool {
	p.t.Helper()
	deadline := time.Now().Add(patience / 2)
	for {
		all, err := evaluate[string](p, `document.body ? document.body.innerText : ""`)
		if err == nil && strings.Contains(normal(all), normal(text)) == want {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Fits fails when the page is wider than its window, which makes people scroll sideways, and says what sticks out.
func (p *Page) Fits() {
	p.t.Helper()
	wide, err := evaluate[string](p, `(() => {
    const w = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= w) return "";
    const scrolls = (e) => { for (; e; e = e.parentElement) { const o = getComputedStyle(e).overflowX; if (o === "auto" || o === "hidden" || o === "scroll" || o === "clip") return true } return false };
    const out = [...document.querySelectorAll("body *")].filter((e) => { const r = e.getBoundingClientRect(); return r.width && (r.right > w + 1 || r.left < -1) && !scrolls(e) && !e.closest(".skip") });
    return w + "px, content " + document.documentElement.scrollWidth + "px: " + out.slice(0, 5).map((e) => e.outerHTML.slice(0, 140)).join("\n");
  })()`)
	p.must("measure", err)
	if wide != "" {
		p.t.Errorf("%s is wider than its window: %s", p.URL(), wide)
	}
}

// Shot writes a picture of the whole page to DIGIT_SHOTS/<name>.png and returns its path; without DIGIT_SHOTS it
// does nothing. With DIGIT_SHOTS_FORMAT=webp it is a small one for documents.
func (p *Page) Shot(name string) string {
	p.t.Helper()
	dir := os.Getenv("DIGIT_SHOTS")
	if dir == "" {
		return ""
	}
	path := filepath.Join(dir, name+"."+cmp.Or(os.Getenv("DIGIT_SHOTS_FORMAT"), "png"))
	p.Screenshot(p.o.Width, path)
	return path
}

// Screenshot writes a picture of the whole page at a width to a file, as WebP where its name says so; the window has its own width again afterwards.
func (p *Page) Screenshot(width int, path string) {
	p.t.Helper()
	p.must("resize", p.resize(width, p.o.Height))
	// The window needs a frame or two to lay the page out anew.
	time.Sleep(150 * time.Millisecond)
	height, err := evaluate[float64](p, `Math.ceil(document.documentElement.scrollHeight)`)
	p.must("measure", err)
	// The window itself is made as high as the page: capturing beyond it shifts pages that run from right to left.
	p.must("resize", p.resize(width, max(p.o.Height, min(int(height), longest(path)))))
	time.Sleep(150 * time.Millisecond)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	how, quality := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng}, int64(68)
	if filepath.Ext(path) == ".webp" {
		how = page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &quality}
	}
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, how)
	p.must("screenshot", err)
	p.must("screenshot", os.MkdirAll(filepath.Dir(path), 0o755))
	p.must("screenshot", os.WriteFile(path, shot.Data, 0o644))
	p.must("resize", p.resize(p.o.Width, p.o.Height))
}

// longest is how much of a page a picture shows, in CSS pixels: a document shows its beginning, whoever looks for faults all of it.
func longest(path string) int {
	if filepath.Ext(path) == ".webp" {
		return 1500
	}
	return 12000
}

// violation is what axe-core reports for one rule.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML, FailureSummary string
	}
}

// Axe fails the test for every breach of WCAG 2.0-2.2 level A and AA that axe-core finds on the page. Rules named in
// except are left out; say in a comment why.
func (p *Page) Axe(except ...string) {
	p.t.Helper()
	if !p.o.JS {
		// The page is loaded already, so its own scripts stay off; only the checker runs.
		p.scripts(true)
		defer p.scripts(false)
	}
	off := map[string]map[string]bool{}
	for _, rule := range except {
		off[rule] = map[string]bool{"enabled": false}
	}
	rules, err := json.Marshal(off)
	p.must("axe", err)
	ctx, cancel := context.WithTimeout(p.ctx, 3*patience)
	defer cancel()
	p.must("axe", chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe.Source+";0")))
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](fmt.Sprintf(
		`axe.run(document,{resultTypes:["violations"],rules:%s,runOnly:{type:"tag",values:["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22a","wcag22aa"]}})
		.then((r) => r.violations.map((v) => ({ID:v.id,Help:v.help,Nodes:v.nodes.map((n) => ({HTML:n.html.slice(0,300),FailureSummary:n.failureSummary}))})))`, rules),
		chromedp.EvalAwaitPromise))
	p.must("axe", err)
	for _, v := range found {
		for i, n := range v.Nodes {
			if i == 5 {
				p.t.Errorf("axe %s: and %d more", v.ID, len(v.Nodes)-i)
				break
			}
			p.t.Errorf("axe %s (%s) at %s\n%s\n%s", v.ID, v.Help, p.URL(), n.HTML, n.FailureSummary)
		}
	}
}

func (p *Page) scripts(on bool) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	p.must("switch scripts", err)
}
