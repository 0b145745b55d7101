package form

import (
	"context"
	"slices"

	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// AreaList names a list of areas: those of a level that lie in another one ("" for all of the level).
type AreaList struct{ Level, Within string }

// Lists returns the lists of areas that the page needs with what is chosen on it so far.
func (v View) Lists() []AreaList {
	var out []AreaList
	add := func(questions []servicespec.QuestionView, prefix string) {
		in := v
		in.Prefix = prefix
		for _, q := range questions {
			if q.Kind != servicespec.KindBoundary && q.Kind != servicespec.KindAddress || len(q.Levels) == 0 {
				continue
			}
			for _, s := range in.steps(in.item(q)) {
				out = append(out, s.list)
			}
		}
	}
	add(v.Page.Questions, v.Prefix)
	for _, q := range v.Page.Questions {
		if q.Kind == servicespec.KindGroup && q.AsTable() {
			add(q.Blank.Questions, v.Prefix) // the lists of all rows are the same
		}
	}
	return out
}

// root is the area in which the first list of a question looks.
func (v View) root(i item) string {
	if i.Of != "" {
		return v.answer(i.Of)
	}
	return i.Within
}

// step is one list of a cascade.
type step struct {
	level  string
	list   AreaList
	chosen string
}

// steps returns the lists of a cascade that can be shown: one more than what is chosen in order.
func (v View) steps(i item) []step {
	var out []step
	within := v.root(i)
	for n, level := range i.Levels {
		s := step{level: level, list: AreaList{level, within}, chosen: i.one("." + level)}
		if i.Kind == servicespec.KindBoundary && len(i.Levels) == 1 {
			s.chosen = i.one("")
		}
		if n > 0 && !v.lies(s.chosen, within) { // another one was chosen above since
			s.chosen = ""
		}
		out = append(out, s)
		if s.chosen == "" {
			break
		}
		within = s.chosen
	}
	return out
}

func (v View) lies(area, within string) bool {
	if v.Facts.Area == nil || area == "" {
		return area != ""
	}
	a, ok := v.Facts.Area(area)
	return ok && slices.Contains(a.Within, within)
}

// cascade returns the lists of a question that is answered area by area; open is true where another list follows.
func (v View) cascade(ctx context.Context, i item) (fields []ui.Field, open bool) {
	steps := v.steps(i)
	for n, s := range steps {
		f := v.part(i, "."+s.level, v.levelName(ctx, s.level), n == 0)
		for _, o := range v.Areas[s.list] {
			o.Checked = o.Value == s.chosen
			f.Options = append(f.Options, o)
		}
		if n < len(i.Levels)-1 {
			f.Attrs = v.live(Refresh, "1")
			f.Attrs["hx-trigger"] = "change"
		}
		fields = append(fields, f)
	}
	return fields, len(steps) < len(i.Levels)
}

// levelName names a level of areas; one that the catalogue does not know says its code.
func (v View) levelName(ctx context.Context, level string) string {
	key := "level." + level
	if name := ui.T(ctx, key); name != key {
		return name
	}
	return level
}
