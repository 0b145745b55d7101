package studio

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// shelf is a list of things of the definition that stand side by side and are edited one at a time: fees, states, notices.
// name is in its addresses (?fee=area, /fee/add) and words (studio.shelf.<name>…).
type shelf struct {
	name string
	area func(p *servicespec.Pack) string // path of the list in the definition
	// path leads to one where that is not its number in the list.
	path func(p *servicespec.Pack, key string) string
	keys func(p *servicespec.Pack) []string
	// label says what a thing is called, sub more about it.
	label func(r *frame.Request, d *desk, key string) (label, sub string)
	// add puts a new thing called so at the end, and returns its key. move, copy and drop act on one.
	add  func(p *servicespec.Pack, called i18n.Text) string
	move func(p *servicespec.Pack, key string, by int)
	copy func(p *servicespec.Pack, key string) string
	drop func(p *servicespec.Pack, key string)
	// fields are the form of one; path is where it is in the definition. take puts what was posted into it.
	fields func(r *frame.Request, d *desk, key, path string) []field
	take   func(r *frame.Request, posted url.Values, p *servicespec.Pack, key string) error
	// names is what a code of the shelf's things is the name of (servicespec.NamesFee); "" where they have none.
	names string
}

// shelve makes a shelf of a list. key is by what one is known among the others, made a new one that is called so.
func shelve[T any](name, area string, list func(*servicespec.Pack) *[]T, key func([]T, int) string, made func(p *servicespec.Pack, code string, called i18n.Text) T, recode func(*T, string)) shelf {
	keys := func(p *servicespec.Pack) []string {
		items := *list(p)
		out := make([]string, len(items))
		for i := range items {
			out[i] = key(items, i)
		}
		return out
	}
	index := func(p *servicespec.Pack, k string) int { return slices.Index(keys(p), k) }
	return shelf{
		name: name, area: func(*servicespec.Pack) string { return area }, keys: keys,
		add: func(p *servicespec.Pack, called i18n.Text) string {
			base := name
			for _, text := range called {
				base = studio.CodeOf(text)
			}
			items := list(p)
			*items = append(*items, made(p, unused(base, keys(p)), called))
			return key(*items, len(*items)-1)
		},
		move: func(p *servicespec.Pack, k string, by int) {
			items, i := *list(p), index(p, k)
			if j := i + by; i >= 0 && j >= 0 && j < len(items) {
				items[i], items[j] = items[j], items[i]
			}
		},
		copy: func(p *servicespec.Pack, k string) string {
			items, i := list(p), index(p, k)
			if i < 0 {
				return k
			}
			twin := (*items)[i]
			twin = *deep(&twin)
			recode(&twin, unused(k, keys(p)))
			*items = slices.Insert(*items, i+1, twin)
			return key(*items, i+1)
		},
		drop: func(p *servicespec.Pack, k string) {
			if i := index(p, k); i >= 0 {
				items := list(p)
				*items = slices.Delete(*items, i, i+1)
			}
		},
	}
}

// find returns a thing of a list by its key; nil where it is gone.
func find[T any](items []T, key func([]T, int) string, k string) *T {
	for i := range items {
		if key(items, i) == k {
			return &items[i]
		}
	}
	return nil
}

// unused makes a code that none has: fee, fee-2, fee-3.
func unused(base string, taken []string) string {
	if head, tail, ok := cutLast(base, "-"); ok {
		if _, err := strconv.Atoi(tail); err == nil {
			base = head
		}
	}
	for i := 1; ; i++ {
		code := base
		if i > 1 {
			code = fmt.Sprintf("%s-%d", base, i)
		}
		if !slices.Contains(taken, code) {
			return code
		}
	}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i > 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// posts are what can be done to a shelf, below the address of its part.
func (s *Studio) shelfPosts(sh shelf) []action {
	return []action{
		{path: "/" + sh.name, do: func(r *frame.Request, d *desk) error { return s.keep(r, d, sh) }},
		{path: "/" + sh.name + "/add", do: func(r *frame.Request, d *desk) error { return s.shelfAdd(r, d, sh) }},
		{path: "/" + sh.name + "/act", do: func(r *frame.Request, d *desk) error { return s.shelfAct(r, d, sh) }},
	}
}

func (sh shelf) step(act, label string, part ...string) studio.Step {
	return studio.Step{Code: "shelf." + act, Part: part, Args: map[string]string{"name": label}}
}

// keep takes the form of one thing.
func (s *Studio) keep(r *frame.Request, d *desk, sh shelf) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	key := r.Query(sh.name)
	label, _ := key, ""
	if slices.Contains(sh.keys(d.Pack), key) {
		label, _ = sh.label(r, d, key)
	}
	return s.change(r, d, sh.step("change", label, append(strings.Split(sh.area(d.Pack), "."), key)...), d.here(sh.query(key)+"&done=studio.kept"), func(p *servicespec.Pack) error {
		if !slices.Contains(sh.keys(p), key) {
			return studio.ErrGone
		}
		return sh.take(r, posted, p, key)
	})
}

func (sh shelf) query(key string) string { return "?" + sh.name + "=" + url.QueryEscape(key) }

func (s *Studio) shelfAdd(r *frame.Request, d *desk, sh shelf) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	called := trimmed(posted, "called")
	if called == "" {
		d.posted, d.status = posted, http.StatusUnprocessableEntity
		d.wrong = []ui.Problem{{Field: sh.name + "-called", Text: r.T("studio.shelf.unnamed")}}
		return d.part.show(r, d)
	}
	added := ""
	scratch := *deep(d.Pack)
	added = sh.add(&scratch, i18n.Text{d.lang(): called})
	return s.change(r, d, sh.step("add", called, sh.area(d.Pack), added), d.here(sh.query(added)+"#properties"), func(p *servicespec.Pack) error {
		sh.add(p, i18n.Text{d.lang(): called})
		return nil
	})
}

// shelfAct moves, copies or drops one: "up:area".
func (s *Studio) shelfAct(r *frame.Request, d *desk, sh shelf) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	act, key, _ := strings.Cut(posted.Get("act"), ":")
	if to := posted.Get("to"); posted.Get("act") == "" && to != "" {
		act, key = "to", posted.Get("code")
	}
	if !slices.Contains(sh.keys(d.Pack), key) {
		return s.refuse(r, d, posted, studio.ErrGone)
	}
	label, _ := sh.label(r, d, key)
	to := d.here(sh.query(key))
	do := func(p *servicespec.Pack) {}
	switch act {
	case "up":
		do = func(p *servicespec.Pack) { sh.move(p, key, -1) }
	case "down":
		do = func(p *servicespec.Pack) { sh.move(p, key, 1) }
	case "to":
		do = func(p *servicespec.Pack) { sh.moveTo(p, key, posted.Get("to")) }
	case "copy":
		scratch := *deep(d.Pack)
		to = d.here(sh.query(sh.copy(&scratch, key)))
		do = func(p *servicespec.Pack) { sh.copy(p, key) }
	case "drop":
		to = d.here("?done=studio.dropped")
		do = func(p *servicespec.Pack) { sh.drop(p, key) }
	default:
		return s.refuse(r, d, posted, studio.ErrGone)
	}
	step := sh.step(map[string]string{"up": "move", "down": "move", "to": "move", "copy": "add", "drop": "drop"}[act], label, sh.area(d.Pack))
	return s.change(r, d, step, to, func(p *servicespec.Pack) error {
		if !slices.Contains(sh.keys(p), key) {
			return studio.ErrGone
		}
		do(p)
		return nil
	})
}

func (sh shelf) moveTo(p *servicespec.Pack, key, to string) {
	for range sh.keys(p) {
		at, want := slices.Index(sh.keys(p), key), slices.Index(sh.keys(p), to)
		if want < 0 || at == want {
			return
		}
		by := 1
		if want < at {
			by = -1
		}
		sh.move(p, key, by)
	}
}

// deep copies plain data by way of the language's own JSON, with nothing shared.
func deep[T any](v *T) *T { return servicespec.Copy(v) }

// shelfView is a shelf on the canvas.
type shelfView struct {
	Name, Title, Text, Empty, Base, Rev string
	Called                              ui.Field
	Items                               []shelfItem
	ReadOnly                            bool
}

type shelfItem struct {
	Key, Label, Sub, Href string
	Current, Wrong        bool
	First, Last           bool
}

// chosen is the thing whose properties are shown, and where it is in the definition; "" for none.
func (s *Studio) chosen(r *frame.Request, d *desk, sh shelf) (key, path string) {
	key = r.Query(sh.name)
	if slices.Contains(sh.keys(d.Pack), key) {
		return key, sh.pathOf(d.Pack, key)
	}
	return "", ""
}

// pathOf leads to a thing in the definition.
func (sh shelf) pathOf(p *servicespec.Pack, key string) string {
	if sh.path != nil {
		return sh.path(p, key)
	}
	return fmt.Sprintf("%s.%d", sh.area(p), slices.Index(sh.keys(p), key))
}

func (s *Studio) shelfView(r *frame.Request, d *desk, sh shelf) shelfView {
	words := "studio.shelf." + sh.name
	v := shelfView{
		Name: sh.name, Title: r.T(words), Empty: r.T(words + ".empty"), Base: d.here("/" + sh.name), Rev: strconv.Itoa(d.Head), ReadOnly: !d.design,
		Called: ui.Field{Name: "called", ID: sh.name + "-called", Label: r.T(words + ".add"), Value: d.value("called", "")},
	}
	for _, p := range d.wrong {
		if p.Field == v.Called.ID {
			v.Called.Error = p.Text
		}
	}
	keys := sh.keys(d.Pack)
	current, _ := s.chosen(r, d, sh)
	for i, key := range keys {
		path := sh.pathOf(d.Pack, key)
		item := shelfItem{Key: key, Href: d.here(sh.query(key)), Current: key == current, First: i == 0, Last: i == len(keys)-1}
		item.Label, item.Sub = sh.label(r, d, key)
		if item.Label == "" {
			item.Label = key
		}
		item.Wrong = slices.ContainsFunc(d.problems, func(p servicespec.Problem) bool {
			return !p.Warning && !untranslated(p) && (p.Path == path || strings.HasPrefix(p.Path, path+"."))
		})
		v.Items = append(v.Items, item)
	}
	return v
}

// properties are the form of the thing that is chosen; nil where none is.
func (s *Studio) properties(r *frame.Request, d *desk, sh shelf) (c templ.Component, title string) {
	key, path := s.chosen(r, d, sh)
	if key == "" {
		return nil, ""
	}
	label, _ := sh.label(r, d, key)
	f := d.form(r, "/"+sh.name+sh.query(key))
	f.Fields = sh.fields(r, d, key, path)
	if sh.names != "" {
		f.Fields = append(f.Fields, s.renameField(r, d, servicespec.Renaming{Kind: sh.names, From: key}))
	}
	f.wrong(d.wrong)
	return shelfForm(f, s.otherProblems(r, d, path, f.Fields)), label
}

// otherProblems are what is wrong with a thing and not said at one of its fields.
func (s *Studio) otherProblems(r *frame.Request, d *desk, path string, list []field) []string {
	said := map[string]bool{}
	var see func(list []field)
	see = func(list []field) {
		for _, f := range list {
			said[f.Error] = true
			if f.Rule != nil {
				said[f.Rule.Error()] = true
			}
			see(f.Fold)
		}
	}
	see(list)
	var out []string
	for _, p := range d.problems {
		if p.Warning || untranslated(p) || p.Path != path && !strings.HasPrefix(p.Path, path+".") {
			continue
		}
		if text := s.problem(r, p); !said[text] {
			out, said[text] = append(out, text), true
		}
	}
	return out
}

// shelfSpot makes the link of a problem's path to the thing on a shelf that it is about.
func shelfSpot(shelves ...shelf) func(p *servicespec.Pack, path string) string {
	return func(p *servicespec.Pack, path string) string {
		for _, sh := range shelves {
			best, length := "", 0 // the longest path that leads there: a state of a branch is inside another
			for _, key := range sh.keys(p) {
				if at := sh.pathOf(p, key); (path == at || strings.HasPrefix(path, at+".")) && len(at) > length {
					best, length = sh.query(key)+"#properties", len(at)
				}
			}
			if best != "" {
				return best
			}
		}
		return ""
	}
}

// refused makes the answer to a form that cannot be taken: what is wrong, by field.
func refused(fields ...fault.Field) error { return errForm.WithFields(fields...) }

// errForm says that a form of a tool cannot be taken; the fields say why.
var errForm = fault.Invalid("studio.form")

// showShelf is the page of a part that is one shelf, with more below the list.
func (s *Studio) showShelf(r *frame.Request, d *desk, sh shelf, more templ.Component) error {
	l := look{Canvas: shelfCanvas(s.shelfView(r, d, sh), more)}
	l.Properties, l.PropertiesTitle = s.properties(r, d, sh)
	l.Chosen = l.Properties != nil
	if l.Properties == nil {
		l.Properties, l.PropertiesTitle = plainText(r.T("studio.shelf."+sh.name+".hint")), r.T("studio.properties")
	}
	return s.render(r, d, l)
}
