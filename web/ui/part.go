package ui

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"digit/internal/infra/platform/money"
)

// Fact is a row of a summary: what was asked and what was answered.
type Fact struct {
	Key, Value string
	// Body replaces Value when an answer is more than text.
	Body templ.Component
	// ChangeHref leads to the question; ChangeHidden names it ("your date of birth") after the word "Change".
	ChangeHref, ChangeHidden string
}

// Task is a row of a task list.
type Task struct {
	Label, Hint string
	// Href is empty while the task cannot be started.
	Href string
	// Done shows "Completed"; otherwise Status, if any, is shown as a tag.
	Done   bool
	Status *TagView
}

// EventState says where an event of a timeline stands.
type EventState string

// The states of a timeline's events.
const (
	Done    EventState = "done"
	Current EventState = "current"
	Ahead   EventState = "ahead"
	Trouble EventState = "problem"
)

func (s EventState) icon() string {
	switch s {
	case Current:
		return "clock"
	case Ahead:
		return "circle"
	case Trouble:
		return "octagon-alert"
	default:
		return "check"
	}
}

func (s EventState) key() string {
	switch s {
	case Current:
		return "ui.timeline.current"
	case Ahead:
		return "ui.timeline.ahead"
	case Trouble:
		return "ui.timeline.problem"
	default:
		return "ui.timeline.done"
	}
}

// Event is a step of a timeline.
type Event struct {
	State EventState
	Title string
	// Time is when it happened or will; When replaces its words ("by Friday 5 June").
	Time time.Time
	When string
	Text string
	// By names who acted. Body is anything more.
	By   string
	Body templ.Component
}

// TimelineView is a list of events, in the order given. Dense is for the history in the workbench.
type TimelineView struct {
	Events []Event
	Dense  bool
}

// Column is a column of a table.
type Column struct {
	Label string
	// Num aligns to the end. HideLabel keeps the label for readers who hear the page.
	Num, HideLabel bool
	// Date keeps the words of a day together where there is room.
	Date bool
	// SortHref makes the header a link that sorts; Sorted is "ascending", "descending" or empty.
	SortHref, Sorted string
}

func (c Column) sortIcon() string {
	switch c.Sorted {
	case "ascending":
		return "arrow-up"
	case "descending":
		return "arrow-down"
	default:
		return "arrow-up-down"
	}
}

// Cell is a cell of a table: text, a link, or Body.
type Cell struct {
	Text, Sub string
	Href      string
	Tag       *TagView
	Body      templ.Component
	// Level indents a row's first cell below the one that it belongs to.
	Level int
}

// deepest is from where on rows are not indented further: the page has an end.
const deepest = 4

func (c Cell) attrs() templ.Attributes {
	if c.Level == 0 {
		return nil
	}
	return templ.Attributes{"data-level": strconv.Itoa(min(c.Level, deepest))}
}

// Node is an entry of a tree: a name, what is to say of it, who or what belongs to it, and the entries below.
type Node struct {
	Text, Sub, Href string
	Tag             *TagView
	Items           []Link
	Below           []Node
}

// Row is a row of a table; its first cell is the row's header. Current marks the one that is open beside it.
type Row struct {
	Cells   []Cell
	Current bool
	// Select, when not empty, puts a checkbox of this value in front (name "select"); SelectLabel says which row.
	Select, SelectLabel string
	// Group puts a line with these words above the row where they differ from the row before.
	Group string
}

// TableView is a table with its caption, rows and what is shown when there are none.
type TableView struct {
	ID      string
	Caption string
	// HideCaption keeps the caption for readers who hear the page.
	HideCaption bool
	Columns     []Column
	Rows        []Row
	// Empty is shown instead of the table when there are no rows.
	Empty *EmptyView
	// Stack turns rows into cards on narrow screens; without it the table scrolls sideways in its own box.
	Stack bool
	// Selectable adds a first column of checkboxes; a form around the table sends them.
	Selectable bool
	// Total is a last row of sums.
	Total []Cell
}

// EmptyView is what stands where nothing is yet: what this is, and what to do first.
type EmptyView struct {
	Icon, Title, Text string
	Action            *ButtonView
}

// Chip is a filter that is on, or can be.
type Chip struct {
	Label, Href string
	// On marks a chosen one. Remove shows a cross and says that following the link takes the filter away.
	On, Remove bool
	// Count is how many there are; Over says that it was counted no further.
	Count *int
	Over  bool
}

// Pager leads through pages of rows by key: there is a next and a previous, and no number of all pages.
type Pager struct {
	PreviousHref, NextHref string
	// Text is shown between, such as "25 of 1,204".
	Text string
}

// CardView is a box that leads somewhere.
type CardView struct {
	Icon, Title, Text, Href string
	// TitleParts and TextParts replace Title and Text where words were searched for.
	TitleParts, TextParts []MarkedPart
	Meta                  []string
	Tag                   *TagView
}

// MarkedPart is a piece of a text; Hit sets apart what was searched for.
type MarkedPart struct {
	Text string
	Hit  bool
}

// heading is the title, which leads to where the card does. It is made in one go, so that no space gets into the link.
func (c CardView) heading() templ.Component {
	if c.Href == "" {
		return written("", marked(c.Title, c.TitleParts), "")
	}
	return written(`<a class="whole" href="`+templ.EscapeString(c.Href)+`">`, marked(c.Title, c.TitleParts), "</a>")
}

func (c CardView) words() templ.Component { return written("<p>", marked(c.Text, c.TextParts), "</p>") }

// marked is a text, or its pieces with what was searched for set apart, in HTML.
func marked(text string, parts []MarkedPart) string {
	if len(parts) == 0 {
		return templ.EscapeString(text)
	}
	var b strings.Builder
	for _, p := range parts {
		if p.Hit {
			b.WriteString("<mark>" + templ.EscapeString(p.Text) + "</mark>")
		} else {
			b.WriteString(templ.EscapeString(p.Text))
		}
	}
	return b.String()
}

func written(parts ...string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(parts, ""))
		return err
	})
}

// TileView is a number with its change and its course.
type TileView struct {
	Label, Value, Href string
	// Change is in words ("12% more than last week"); Good or Bad colour it; Arrow is "up", "down" or empty.
	Change    string
	Good, Bad bool
	Arrow     string
	// Spark is the course of the number, oldest first.
	Spark []float64
}

// ConfirmView is the top of a confirmation page.
type ConfirmView struct {
	Title string
	// ReferenceLabel and Reference are the number to keep.
	ReferenceLabel, Reference string
	Text                      string
}

// PersonView is the head of a case or an account.
type PersonView struct {
	// Name is empty for somebody who gave none.
	Name string
	// Lines are facts in a row below: date of birth, number, phone.
	Lines []string
	Href  string
	Tag   *TagView
}

// initials are the first letters of the first and the last name.
func (p PersonView) initials() string {
	var first, last rune
	start := true
	for _, r := range p.Name {
		switch {
		case r == ' ':
			start = true
		case start:
			if first == 0 {
				first = r
			} else {
				last = r
			}
			start = false
		}
	}
	if last == 0 {
		return string(first)
	}
	return string(first) + string(last)
}

// StepsView says how far a form is.
type StepsView struct {
	At, Of int
	// Label names the step.
	Label string
}

// ProgressView is how far work is that goes on by itself.
type ProgressView struct {
	Label, Text string
	Percent     int // 0 to 100
}

// BillLine is a line of a bill.
type BillLine struct {
	Label  string
	Amount money.Amount
}

// HeroView opens the home page: a greeting, the search, and what people look for most.
type HeroView struct {
	Title, Text  string
	Search       SearchView
	PopularLabel string
	Popular      []Link
}
