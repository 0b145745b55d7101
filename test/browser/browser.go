package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything; machines under load are slow.
const patience = 20 * time.Second

// Browser is the Chromium of this test process.
type Browser struct {
	ctx context.Context
	own bool // has a profile that outlives it
}

var (
	start sync.Once
	one   *Browser
	stop  = func() {}
	errOf error
)

// New returns the browser of this process and starts it the first time. Without Chromium on the machine the test is
// skipped, unless DIGIT_BROWSER=required.
func New(t testing.TB) *Browser {
	t.Helper()
	start.Do(launch)
	if errOf != nil {
		if os.Getenv("DIGIT_BROWSER") == "required" {
			t.Fatalf("browser: %v", errOf)
		}
		t.Skipf("browser: %v", errOf)
	}
	return one
}

// Main runs the tests of a package and closes the browser after them: func TestMain(m *testing.M) { browser.Main(m) }.
// Without it the browser ends with the process but leaves its profile in the temporary directory.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run runs the tests of a package, closes the browser and returns the code to exit with, for a TestMain that has more
// to put away.
func Run(m *testing.M) int {
	defer func() { stop() }()
	return m.Run()
}

func launch() {
	one, stop, errOf = begin()
}

// begin starts a browser; end closes it.
func begin(more ...chromedp.ExecAllocatorOption) (b *Browser, end func(), err error) {
	bin := ""
	for _, name := range []string{os.Getenv("DIGIT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			bin = path
			break
		}
	}
	if bin == "" {
		return nil, func() {}, fmt.Errorf("no Chromium found (set DIGIT_CHROMIUM)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	options = append(options, more...)
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endWindow := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		endWindow()
		endAlloc()
		return nil, func() {}, err
	}
	return &Browser{ctx: ctx}, func() {
		closing, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		// The process is about to end; a browser that will not close is killed by the next line.
		_ = chromedp.Cancel(closing)
		endWindow()
		endAlloc()
	}, nil
}

// Own starts a browser of its own with a profile that outlives it: what pages keep is there when the next one starts with it. kill ends
// it at once, as a phone does that wants its memory back.
func Own(t testing.TB, profile string) (b *Browser, kill func()) {
	t.Helper()
	b, end, err := begin(chromedp.UserDataDir(profile))
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	b.own = true
	once := sync.OnceFunc(func() {
		if p := chromedp.FromContext(b.ctx).Browser.Process(); p != nil {
			_ = p.Kill() // one that has ended is as dead
		}
		end()
	})
	t.Cleanup(once)
	return b, once
}

// Options say what kind of reader opens the page.
type Options struct {
	// JS lets scripts run. Without it the page is as for the one visitor in ninety whose scripts never arrive.
	JS bool
	// Width of the window in CSS pixels; 1280 when zero. Height is 900 when zero.
	Width, Height int
	// Lang is sent as Accept-Language; Dark prefers dark colours; Print shows the page as it prints.
	Lang        string
	Dark, Print bool
	// Errors allows script errors on the console, for tests that cause them.
	Errors bool
}

// Page is a window with cookies of its own.
type Page struct {
	t       testing.TB
	ctx     context.Context
	o       Options
	mu      sync.Mutex
	loading bool
	broken  []string
}

// Page opens an empty window; it closes with the test.
func (b *Browser) Page(t testing.TB, o Options) *Page {
	t.Helper()
	if o.Width == 0 {
		o.Width = 1280
	}
	if o.Height == 0 {
		o.Height = 900
	}
	kind := []chromedp.ContextOption{chromedp.WithNewBrowserContext()}
	if b.own {
		kind = nil
	}
	ctx, cancel := chromedp.NewContext(b.ctx, kind...)
	p := &Page{t: t, ctx: ctx, o: o}
	t.Cleanup(func() {
		p.reportBroken()
		cancel()
	})
	p.must("open a window", chromedp.Listen(ctx, p.hear))
	p.watchConsole()
	p.must("prepare the window", p.prepare())
	return p
}

func (p *Page) prepare() error {
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !p.o.JS}); err != nil {
		return err
	}
	if err := p.media(); err != nil {
		return err
	}
	if p.o.Lang != "" {
		headers := network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": p.o.Lang}}
		if _, err := chromedp.Call(p.ctx, network.SetExtraHTTPHeaders, headers); err != nil {
			return err
		}
	}
	return p.resize(p.o.Width, p.o.Height)
}

// Cookie gives the window a cookie for an address, for tests that have signed in by other means.
func (p *Page) Cookie(url, name, value string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: url})
	p.must("set a cookie", err)
}

// Dark changes whether the reader prefers dark colours; reload the page before measuring colours.
func (p *Page) Dark(dark bool) {
	p.t.Helper()
	p.o.Dark = dark
	p.must("change the colours", p.media())
}

func (p *Page) media() error {
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: map[bool]string{true: "dark", false: "light"}[p.o.Dark]},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if p.o.Print {
		media.Media = "print"
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media)
	return err
}

func (p *Page) resize(width, height int) error {
	_, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(width), Height: int64(height), DeviceScaleFactor: 1,
	})
	if err != nil {
		return err
	}
	// A window behind others is laid out anew with its next frame only, and a press before that would land where things
	// were: a picture of it makes the frame.
	_, err = chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	return err
}

// Resize changes the width of the window.
func (p *Page) Resize(width int) {
	p.t.Helper()
	p.o.Width = width
	p.must("resize", p.resize(width, p.o.Height))
}

// hear keeps track of loading; it runs in the browser's own loop and must be quick.
func (p *Page) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev.(type) {
	case *page.EventFrameStartedLoading:
		p.loading = true
	case *page.EventFrameStoppedLoading:
		p.loading = false
	}
}

// watchConsole collects script errors and breaches of the policy.
func (p *Page) watchConsole() {
	messages := chromedp.Console(p.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Source == "security" || strings.Contains(m.Text, "Content Security Policy") {
				p.mu.Lock()
				p.broken = append(p.broken, m.String())
				p.mu.Unlock()
			}
		}
	}()
}

func (p *Page) reportBroken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.broken) > 0 && !p.o.Errors {
		p.t.Errorf("the console of the page says:\n%s", strings.Join(p.broken, "\n"))
	}
}

// must fails the test with the address and the beginning of the page's text.
func (p *Page) must(what string, err error) {
	p.t.Helper()
	if err == nil {
		return
	}
	p.fail("%s: %v", what, err)
}

func (p *Page) fail(format string, args ...any) {
	p.t.Helper()
	text, _ := evaluate[string](p, `location.href + "\n" + (document.body ? document.body.innerText : "").replace(/\s*\n\s*/g, "\n").slice(0, 2500)`)
	p.t.Fatalf("%s\n--- the page ---\n%s", fmt.Sprintf(format, args...), text)
}

// evaluate runs an expression in the page, even where the page's own scripts may not run.
func evaluate[T any](p *Page, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// settle waits until the page has loaded whatever an act started.
func (p *Page) settle() {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	quiet := 0
	for quiet < 6 {
		time.Sleep(20 * time.Millisecond)
		p.mu.Lock()
		loading := p.loading
		p.mu.Unlock()
		if loading {
			quiet = 0
		} else {
			quiet++
		}
		if time.Now().After(deadline) {
			p.fail("the page still loads after %s", patience)
		}
	}
}
