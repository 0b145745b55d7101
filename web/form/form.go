// Package form turns a page of a service's form into inputs, and answers into what people read. The citizen's portal, the
// counter, the workbench and the preview of a service's author share it.
//
// Every kind of question works without script. A button of the form that does not end the page (the next list of a
// cascade, another row) is sent with the page and named by the constants below; where there is script, htmx sends the same.
package form

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// View is a page of a form, or a row of a group, as one reader sees it.
type View struct {
	Page    servicespec.PageView
	Caption string // the service's name, above the heading
	Title   string // instead of the page's title
	Lang    string
	Words   servicespec.Words // for answers that texts speak of, and for those that may not be changed
	Facts   servicespec.Facts
	Answers servicespec.Answers // of the form so far, for choices that depend on an earlier answer
	// Prefix stands before the names of the inputs: "members.2." in a row.
	Prefix string
	// Whole are all pages of a form that is asked on one page, of which this is a part: at a counter.
	Whole []servicespec.PageView
	// Posted holds what was typed, by field name, when the page is shown again before it is kept; nil otherwise.
	Posted url.Values
	// Errors holds a sentence per question, by its path.
	Errors map[string]string
	// Extra is how many empty rows are wanted in the table of a group, besides those that are there.
	Extra map[string]int
	// Editable says whether the question at a path may be answered; nil: all. Touched says whether one in its rows may be.
	Editable, Touched func(path string) bool
	// Areas and Codes hold what is to be chosen from, as Lists and the service name it; Wallet the reader's credentials by type.
	Areas  map[AreaList][]ui.Option
	Wallet map[string][]ui.Option
	Codes  map[string][]Code
	// Sources says where answers were filled in from, by question: profile.name.
	Sources map[string]string
	// Purposes say why a register is looked at, by the question that agrees to it.
	Purposes map[string]string
	// File returns where a file of an answer is opened and removed, and what there is to say about it; place is where it goes.
	File func(place string, f servicespec.File) ui.FileItem
	// Earlier holds the reader's earlier files that could be given again, by place; each is pressed as Take.
	Earlier map[string][]ui.EarlierFile
}

// Code is a code of a list. Of is the earlier answer that it belongs to.
type Code struct {
	Code, Label, Of string
}

// The buttons that do not end a page. Their values name a group, or a row of one: members, members.2.
const (
	Refresh = "_refresh" // show the page with what hangs on the answers now
	Add     = "_add"     // another row
	Change  = "_change"  // the row, on its own page
	Remove  = "_remove"  // the row
)

// Act is a button that does not end the page.
type Act struct {
	Name, Group string
	Row         int
}

// Take is the button that gives an earlier file once more. Its value is the place and the file: deed:0190….
const Take = "_take"

// TakeEarlier returns which earlier file is to be given where, if that button was pressed, and takes it out of what was posted.
func TakeEarlier(posted url.Values) (at string, file uuid.UUID, ok bool) {
	at, id, ok := strings.Cut(posted.Get(Take), ":")
	posted.Del(Take)
	file, err := uuid.Parse(id)
	return at, file, ok && err == nil
}

// Places are where the files of the page go.
func (v View) Places() (places []string) {
	for _, name := range v.FileInputs() {
		if !strings.HasSuffix(name, drawing) {
			places = append(places, name)
		}
	}
	return places
}

// TakeAct returns which button was pressed, if not the one that ends the page, and takes it out of what was posted.
func TakeAct(posted url.Values) (a Act, ok bool) {
	for _, name := range []string{Refresh, Add, Change, Remove} {
		if !posted.Has(name) {
			continue
		}
		a = Act{Name: name}
		var row string
		a.Group, row, _ = strings.Cut(posted.Get(name), ".")
		if n, err := strconv.Atoi(row); err == nil && n >= 0 {
			a.Row = n
		}
		posted.Del(name)
		return a, true
	}
	return a, false
}

// DropRow takes the inputs of a row out of what was posted.
func DropRow(posted url.Values, group string, row int) {
	prefix := group + "." + strconv.Itoa(row) + "."
	for name := range posted {
		if strings.HasPrefix(name, prefix) {
			delete(posted, name)
		}
	}
}

// Multipart reports whether the page takes files.
func (v View) Multipart() bool {
	return slices.ContainsFunc(v.Page.Questions, func(q servicespec.QuestionView) bool {
		return q.Kind == servicespec.KindFile || q.Kind == servicespec.KindDocument || q.Kind == servicespec.KindSignature
	})
}

// Live reports whether the page has a part that follows the answers before the page is sent.
func (v View) Live() bool {
	return slices.ContainsFunc(v.Page.Questions, func(q servicespec.QuestionView) bool {
		return len(q.Levels) > 1 || q.Of != "" || q.Kind == servicespec.KindGroup && q.AsTable()
	})
}

// single reports whether the page asks one thing only, whose label is then the page's heading.
func (v View) single() bool {
	asked := 0
	if v.Whole != nil {
		return false
	}
	for _, q := range v.Page.Questions {
		switch q.Kind {
		case servicespec.KindInfo, servicespec.KindDeclaration, servicespec.KindComputed: // words to read need a heading above them
			return false
		}
		if v.locked(q.Code) {
			return false
		}
		asked++
	}
	return asked == 1 && v.Title == ""
}

func (v View) title() string {
	if v.Title != "" {
		return v.Title
	}
	return v.Page.Text(v.Page.Title, v.Lang, v.Words)
}

func (v View) hint() string { return v.Page.Text(v.Page.Hint, v.Lang, v.Words) }

// text writes a text that speaks of no answers.
func (v View) text(t i18n.Text) string { return v.Words.In(t, v.Lang) }

func (v View) locked(question string) bool {
	return v.Editable != nil && !v.Editable(v.Prefix+question)
}

// touched reports whether a row of a locked group may be answered.
func (v View) touched(path string) bool { return v.Touched != nil && v.Touched(path) }

// item is a question at its place on the page.
type item struct {
	servicespec.QuestionView
	name   string // of its input, and the path of its faults
	values url.Values
	cell   bool // in the table of a group
}

func (v View) item(q servicespec.QuestionView) item {
	i := item{QuestionView: q, name: v.Prefix + q.Code, values: v.Posted}
	if v.Posted == nil {
		i.values = servicespec.Posted(i.name, q.Question, q.Value, v.Facts)
	}
	return i
}

// one returns what stands in an input of the question.
func (i item) one(part string) string { return i.values.Get(i.name + part) }

// live makes an input, or a button, show the page anew with what hangs on it.
func (v View) live(act, value string) templ.Attributes {
	a := templ.Attributes{
		"hx-post": "", "hx-target": "#main", "hx-select": "#main", "hx-swap": "outerHTML", "hx-include": "closest form",
		"hx-vals": `{"` + act + `":"` + value + `"}`,
	}
	if files := v.FileInputs(); len(files) > 0 {
		a["hx-params"] = "not " + strings.Join(files, ",")
	}
	return a
}

// FileInputs names the inputs that hold files, which stay where they are while the page around them is shown anew.
func (v View) FileInputs() []string {
	var names []string
	questions := slices.Clone(v.Page.Questions)
	for _, p := range v.Whole {
		questions = append(questions, p.Questions...)
	}
	for _, q := range questions {
		name := v.Prefix + q.Code
		switch q.Kind {
		case servicespec.KindFile:
			names = append(names, name)
		case servicespec.KindSignature:
			names = append(names, name+drawing)
		case servicespec.KindDocument:
			for _, p := range q.Document.Proofs {
				if p.Credential == "" && p.Lookup == "" {
					names = append(names, name+"."+p.Code)
				}
			}
		}
	}
	return names
}

// drawing is the part of a signature that is drawn.
const drawing = ".drawing"

// Questions renders the page's questions, for use inside ui.Form.
func Questions(v View) templ.Component { return questions(v) }

// lockedWhole reports whether nothing of the question may be answered.
func (v View) lockedWhole(q servicespec.QuestionView) bool {
	return q.Kind != servicespec.KindInfo && q.Kind != servicespec.KindComputed && v.locked(q.Code) && !v.touched(v.Prefix+q.Code)
}

// Anchor is the id on the page to which a fault of a path leads: its input, or the row whose own page has it.
func (v View) Anchor(path string) string {
	if v.Prefix != "" {
		return path
	}
	group, row, _, ok := servicespec.SplitPath(path)
	for _, q := range v.Page.Questions {
		if ok && q.Code == group && !v.inline(q) {
			return group + "." + strconv.Itoa(row)
		}
	}
	return path
}

// CodeLists names the code lists that the page chooses from.
func (v View) CodeLists() []string {
	var lists []string
	for _, q := range v.Page.Questions {
		if q.RefData != "" {
			lists = append(lists, q.RefData)
		}
		for _, f := range q.Blank.Questions {
			if f.RefData != "" {
				lists = append(lists, f.RefData)
			}
		}
	}
	slices.Sort(lists)
	return slices.Compact(lists)
}

// Asks reports whether the page has a question of a kind.
func (v View) Asks(kind string) bool {
	return slices.ContainsFunc(v.Page.Questions, func(q servicespec.QuestionView) bool { return q.Kind == kind })
}

// ScanTag says where a file stands with the scanner, nil where there is nothing to say.
func ScanTag(ctx context.Context, scan document.Scan) *ui.TagView {
	switch scan {
	case document.Waiting:
		return &ui.TagView{Text: ui.T(ctx, "document.scan.waiting"), Kind: ui.Info}
	case document.Infected:
		return &ui.TagView{Text: ui.T(ctx, "document.scan.infected"), Kind: ui.Danger}
	}
	return nil
}
