package ui

import (
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"
)

// Link is an address with its words.
type Link struct {
	Label, Href string
	// Hidden is said after Label to readers who hear the page, when the label alone ("Change") would not tell which.
	Hidden string
}

// NavItem is an entry of a navigation: a page of the surface or a queue.
type NavItem struct {
	Label, Href string
	// Icon is a name of the icon set; empty for none.
	Icon string
	// Current marks the page the reader is on.
	Current bool
	// Count stands behind the label (a queue's cases); nil shows nothing. Urgent colours it.
	Count  *int
	Urgent bool
	// Group starts a heading when it differs from the entry before.
	Group string
}

// LangLink leads to the same page in another language.
type LangLink struct {
	// Lang and Dir are of the language led to, Name is its own name ("Português").
	Lang, Dir, Name, Href string
	Current               bool
}

// Site is what every page of a tenant shares.
type Site struct {
	// Name and Tagline are the state's words in the reader's language; LogoURL may be empty.
	Name, Tagline, LogoURL string
	// HomeURL is where the name leads; "/" when empty.
	HomeURL string
	// ThemeURL is the address of the tenant's theme (asset.Theme); empty for the default accent.
	ThemeURL  string
	Languages []LangLink
	// SignedIn is the name of the person signed in, or empty; then SignInURL, if any, offers to sign in.
	SignedIn, SignInURL string
	// SignOutAction takes the POST that ends the session. Account lists the links of the person's menu.
	SignOutAction string
	Account       []NavItem
	Nav           []NavItem
	// Capacities say in what capacity other than their own the reader acts, on every page as long as they do.
	Capacities []CapacityView
	// Footer lists help, accessibility, privacy; FooterNote is a line such as the publisher's name.
	Footer     []Link
	FooterNote string
	// Demo shows the banner of a demonstration. SimulatorURL leads to the simulator, Clock is the tenant's time in words.
	Demo         bool
	SimulatorURL string
	Clock        string
}

// CapacityView is a banner that says for whom or under what somebody acts. A POST to Action ends it.
type CapacityView struct {
	Icon, Text, Action, Label string
}

// PageView is one page inside a shell.
type PageView struct {
	// Title is the page's title without the state's name; Description is for search engines and previews.
	Title, Description string
	Site               Site
	// Back is the link above the heading; Breadcrumbs is the way here. A page has one of the two or none.
	Back        *Link
	Breadcrumbs []Link
	// ErrorCount above zero puts "Error: " before the title.
	ErrorCount int
	// Notice is shown once above the content, after something was done.
	Notice *NoticeView
	// Full leaves the width to the page (a home page with bands); otherwise the portal sets one column. Wide keeps the
	// frame but lifts the column's limit.
	Full, Wide bool
	// Live loads htmx, for pages with parts that change by themselves.
	Live bool
	// Keys switches the single-key shortcuts on; only where the person has chosen so (WCAG 2.1.4).
	Keys bool
	// Script is one more script of the page, by its public name: "passkey.js".
	Script string
	// Manifest is the address of what makes the page installable; the portal's where empty.
	Manifest string
	// NoIndex keeps the page out of search engines: everything personal.
	NoIndex bool
	// Canonical is the one address of a page that several lead to. Data says in JSON-LD what the page is about.
	Canonical string
	Data      []byte
	// Feed is the address of an Atom feed of what is new.
	Feed string
}

// WorkbenchView is the inside of the workbench: queues at the start edge, children in the middle, the case beside.
type WorkbenchView struct {
	Queues []NavItem
	// Aside is the case beside the table, if one is open; AsideLabel names it for readers who hear the page.
	Aside      templ.Component
	AsideLabel string
}

// Kind is the colour and shape of a tag or a notice. Never the only sign: the words say the same.
type Kind string

// The kinds.
const (
	Neutral Kind = "neutral"
	Info    Kind = "info"
	Success Kind = "success"
	Warning Kind = "warning"
	Danger  Kind = "danger"
)

// icon is the shape that goes with the colour.
func (k Kind) icon() string {
	switch k {
	case Success:
		return "circle-check"
	case Warning:
		return "triangle-alert"
	case Danger:
		return "octagon-alert"
	case Info:
		return "circle-dot"
	default:
		return "circle-dashed"
	}
}

// noticeIcon is the shape at the head of a message.
func (k Kind) noticeIcon() string {
	if k == Info || k.color() == string(Neutral) {
		return "info"
	}
	return k.icon()
}

func (k Kind) color() string {
	if k == "" {
		return string(Neutral)
	}
	return string(k)
}

// TagView is a status: a word, a shape and a colour.
type TagView struct {
	Text string
	Kind Kind
	// Icon replaces the shape of the kind.
	Icon string
}

// NoticeView is a message above a page or a part of it.
type NoticeView struct {
	Kind        Kind
	Title, Text string
	Link        *Link
}

func (n NoticeView) role() string {
	if n.Kind == Success {
		return "status"
	}
	return "region"
}

// linkedData is a block of data in the head: no browser runs it, so the policy for scripts does not touch it. The JSON has <, > and &
// escaped, as encoding/json writes them.
func linkedData(body []byte) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := fmt.Fprintf(w, `<script type="application/ld+json">%s</script>`, body)
		return err
	})
}
