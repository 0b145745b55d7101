package servicespec

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// What a change is.
const (
	Added     = "added"
	Removed   = "removed"
	Changed   = "changed"
	Reordered = "reordered"
)

// Change is one difference between two packs. Path leads to it by codes and not by numbers: form, household, members, age,
// label, en. Old and New are plain data; nil where there is none.
type Change struct {
	What string   `json:"what"`
	Path []string `json:"path"`
	Old  any      `json:"old,omitempty"`
	New  any      `json:"new,omitempty"`
}

// Area returns the part of the pack in which the change is: form, fees, workflow…
func (c Change) Area() string {
	if len(c.Path) == 0 {
		return ""
	}
	return c.Path[0]
}

// String writes the change on one line.
func (c Change) String() string {
	at := strings.Join(c.Path, " › ")
	switch c.What {
	case Added:
		return "+ " + at + short(c.New)
	case Removed:
		return "- " + at + short(c.Old)
	case Reordered:
		return "~ " + at + ": in another order"
	}
	return "~ " + at + ":" + short(c.Old) + " →" + short(c.New)
}

// short writes a value in some words.
func short(v any) string {
	const most = 80
	if m, ok := v.(map[string]any); ok {
		for _, name := range []string{"label", "name", "title", "text"} {
			if t, ok := m[name].(map[string]any); ok {
				for _, lang := range slices.Sorted(maps.Keys(t)) {
					return fmt.Sprintf(" (%v)", t[lang])
				}
			}
		}
	}
	var out strings.Builder
	encode := json.NewEncoder(&out)
	encode.SetEscapeHTML(false)
	if v == nil || encode.Encode(v) != nil {
		return " nothing"
	}
	runes := []rune(strings.TrimSpace(out.String()))
	if len(runes) > most {
		return " " + string(runes[:most]) + "…"
	}
	return " " + string(runes)
}

// Diff returns what a pack says otherwise than an earlier one, in the order of the reference. What is left away counts as
// what it means.
func Diff(before, after *Pack) []Change {
	d := differ{}
	d.compare(nil, tree(before), tree(after))
	return d.out
}

// tree is a pack as plain data, with its defaults filled in.
func tree(p *Pack) map[string]any {
	full := clone(p)
	fillDefaults(full)
	data, err := json.Marshal(full)
	if err != nil {
		panic(err) // a Pack is plain data
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

type differ struct{ out []Change }

func (d *differ) say(what string, path []string, before, after any) {
	d.out = append(d.out, Change{what, slices.Clone(path), before, after})
}

func (d *differ) compare(path []string, before, after any) {
	if reflect.DeepEqual(before, after) {
		return
	}
	x, isMap := before.(map[string]any)
	y, isMap2 := after.(map[string]any)
	if isMap && isMap2 {
		d.maps(path, x, y)
		return
	}
	a, isList := before.([]any)
	b, isList2 := after.([]any)
	switch {
	case isList && isList2 && keyed(a) && keyed(b):
		d.lists(path, a, b)
	case before == nil && isList2 && keyed(b):
		d.lists(path, nil, b)
	case after == nil && isList && keyed(a):
		d.lists(path, a, nil)
	case before == nil:
		d.say(Added, path, nil, after)
	case after == nil:
		d.say(Removed, path, before, nil)
	default:
		d.say(Changed, path, before, after)
	}
}

// order is in which order the parts of a pack are compared; what is not in it comes after, by name.
var order = []string{
	"code", "version", "agency", "name", "summary", "description", "languages", "eligibility", "form", "pages", "questions", "kind", "label", "hint",
	"documents", "fees", "workflow", "start", "states", "actions", "target", "notices", "certificates", "letters", "records",
}

func (d *differ) maps(path []string, x, y map[string]any) {
	keys := map[string]bool{}
	for k := range x {
		keys[k] = true
	}
	for k := range y {
		keys[k] = true
	}
	place := func(k string) int {
		if i := slices.Index(order, k); i >= 0 {
			return i
		}
		return len(order)
	}
	for _, k := range slices.SortedFunc(maps.Keys(keys), func(a, b string) int {
		if place(a) != place(b) {
			return place(a) - place(b)
		}
		return strings.Compare(a, b)
	}) {
		d.compare(append(path, k), x[k], y[k])
	}
}

// keyOf is the code by which an item of a list is known; "" for an item that has none.
func keyOf(item any) string {
	m, ok := item.(map[string]any)
	if !ok {
		return ""
	}
	for _, name := range []string{"code", "name", "type", "registry", "on"} {
		if s, ok := m[name].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// keyed reports whether the items of a list are known by codes that differ.
func keyed(list []any) bool {
	seen := map[string]bool{}
	for _, item := range list {
		k := keyOf(item)
		if k == "" || seen[k] {
			return false
		}
		seen[k] = true
	}
	return true
}

func (d *differ) lists(path []string, a, b []any) {
	find := func(list []any, key string) any {
		for _, item := range list {
			if keyOf(item) == key {
				return item
			}
		}
		return nil
	}
	var kept, now []string
	for _, item := range a {
		k := keyOf(item)
		other := find(b, k)
		if other == nil {
			d.say(Removed, append(path, k), item, nil)
			continue
		}
		kept = append(kept, k)
		d.compare(append(path, k), item, other)
	}
	for _, item := range b {
		k := keyOf(item)
		if find(a, k) == nil {
			d.say(Added, append(path, k), nil, item)
			continue
		}
		now = append(now, k)
	}
	if !slices.Equal(kept, now) {
		d.say(Reordered, path, nil, nil)
	}
}
