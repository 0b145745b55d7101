package browser

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Open goes to an address and waits until it is loaded.
func (p *Page) Open(url string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	p.must("open "+url, chromedp.Do(ctx, chromedp.Navigate(url)))
	p.settle()
}

// Status opens an address and returns the answer's status.
func (p *Page) Status(url string) int {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	res, err := chromedp.Run(ctx, chromedp.NavigateResponse(url))
	p.must("open "+url, err)
	p.settle()
	return int(res.Status)
}

// Back goes to the page before.
func (p *Page) Back() {
	p.t.Helper()
	p.must("go back", chromedp.Do(p.ctx, chromedp.NavigateBack()))
	p.settle()
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.must("reload", chromedp.Do(p.ctx, chromedp.Reload()))
	p.settle()
}

// spot is where an element is in the window, and what it is.
type spot struct {
	X, Y float64
	Tag  string
	Type string
	// Goes is set where a press leads to another page: a link, or the button of a form that no script sends.
	Goes bool
}

// born is when the page in the window came to be; another page has another.
func (p *Page) born() float64 {
	at, err := evaluate[float64](p, `document.readyState === "loading" ? 0 : performance.timeOrigin`)
	if err != nil {
		return 0 // between two pages
	}
	return at
}

// leave waits until another page has taken the place of the one born then. A machine under load takes its time to
// begin; where nothing comes (a download, a form that may be sent only once) the wait ends by itself.
func (p *Page) leave(then float64) {
	p.t.Helper()
	for deadline := time.Now().Add(patience / 4); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		if now := p.born(); now != 0 && now != then {
			break
		}
	}
	p.settle()
}

// find runs one of the searches of find.js until it finds something, scrolls it to the middle and says where it is.
func (p *Page) find(kind, words string) spot {
	p.t.Helper()
	arg, err := json.Marshal(words)
	p.must("encode", err)
	deadline := time.Now().Add(patience / 2)
	for {
		found, err := evaluate[*spot](p, finder+"("+`"`+kind+`",`+string(arg)+")")
		if err == nil && found != nil {
			return *found
		}
		if time.Now().After(deadline) {
			p.fail("no %s %q on the page (%v)", kind, words, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (p *Page) clickAt(s spot) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	then := p.born()
	p.must("click", chromedp.Do(ctx, chromedp.MouseClickXY(s.X, s.Y)))
	if s.Goes {
		p.leave(then)
		return
	}
	p.settle()
}

// Press presses a button, or follows a link, by its words.
func (p *Page) Press(words string) {
	p.t.Helper()
	p.clickAt(p.find("button", words))
}

// Click presses the first element that a CSS selector matches, for what has no words.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.clickAt(p.find("css", selector))
}

// Unfold opens the <details> whose summary has these words, if it is closed.
func (p *Page) Unfold(words string) {
	p.t.Helper()
	if s := p.find("summary", words); s.Type != "open" {
		p.clickAt(s)
	}
}

// Choose picks the radio or ticks the box with this label, if it is not chosen yet.
func (p *Page) Choose(label string) {
	p.t.Helper()
	if s := p.find("choice", label); s.Type != "checked" {
		p.clickAt(s)
	}
}

// Fill writes into the field with this label (or name), replacing what was there. In a list it chooses the option
// with these words or this value.
func (p *Page) Fill(field, value string) {
	p.t.Helper()
	if s := p.find("field", field); s.Tag == "SELECT" {
		arg, err := json.Marshal(value)
		p.must("encode", err)
		ok, err := evaluate[bool](p, chooser+"("+string(arg)+")")
		p.must("choose "+value, err)
		if !ok {
			p.fail("the list %q has no %q", field, value)
		}
		return
	}
	_, err := evaluate[bool](p, `(() => { const e = document.querySelector("[data-found]"); e.focus(); if (e.select) e.select(); return true })()`)
	p.must("focus "+field, err)
	if value == "" {
		p.must("clear "+field, chromedp.Do(p.ctx, chromedp.KeyEvent("\b")))
		return
	}
	_, err = chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: value})
	p.must("fill "+field, err)
}

// FillDate writes a day into the three boxes of a date by the field's name.
func (p *Page) FillDate(name, day, month, year string) {
	p.t.Helper()
	p.Fill(name+".day", day)
	p.Fill(name+".month", month)
	p.Fill(name+".year", year)
}

// Upload gives files to the field with this label (or name). Paths are made absolute.
func (p *Page) Upload(field string, paths ...string) {
	p.t.Helper()
	for i, path := range paths {
		abs, err := filepath.Abs(path)
		p.must("upload", err)
		_, err = os.Stat(abs)
		p.must("upload", err)
		paths[i] = abs
	}
	p.find("field", field)
	p.must("upload to "+field, chromedp.Do(p.ctx, chromedp.SetUploadFiles(chromedp.CSS("[data-found]"), paths)))
}

// Submit sends the form on the page whose first field has this name, or the first form of <main> for "".
func (p *Page) Submit(name string) {
	p.t.Helper()
	arg, err := json.Marshal(name)
	p.must("encode", err)
	then := p.born()
	ok, err := evaluate[bool](p, `((n) => { const e = n ? document.getElementsByName(n)[0] : document.querySelector("main form input"); if (!e || !e.form) return false; e.form.requestSubmit(); return true })(`+string(arg)+`)`)
	p.must("submit", err)
	if !ok {
		p.fail("no form with a field %q", name)
	}
	p.leave(then)
}

// Do runs an expression in the page that leads to another page, waits for that and returns the expression's value.
func (p *Page) Do(expression string) any {
	p.t.Helper()
	then := p.born()
	value := p.Eval(expression)
	p.leave(then)
	return value
}

// Key types a key or text to whatever has the focus ("\t", "\r", "j").
func (p *Page) Key(keys string) {
	p.t.Helper()
	p.must("type", chromedp.Do(p.ctx, chromedp.KeyEvent(keys)))
	p.settle()
}

// Offline cuts the window off the network, or joins it again.
func (p *Page) Offline(off bool) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	p.must("cut the network", err)
	_, err = chromedp.Call(p.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
	p.must("cut the network", err)
}

// normal makes runs of white space (also the unbreakable kind) one space, as people read it.
func normal(s string) string { return strings.Join(strings.Fields(s), " ") }
