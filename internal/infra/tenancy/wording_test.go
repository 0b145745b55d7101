package tenancy_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

// desk is where a translator of a fresh tenant works.
type desk struct {
	t      *testing.T
	db     *pg.DB
	w      *tenancy.Wording
	tenant uuid.UUID
	actor  pg.Actor
}

func translator(t *testing.T) *desk {
	t.Helper()
	db := pgtest.New(t)
	return &desk{t: t, db: db, w: newWording(t), tenant: create(t, db, "demo"), actor: pg.Actor{Kind: "staff", ID: id.New()}}
}

// newWording is a process's own.
func newWording(t *testing.T) *tenancy.Wording {
	t.Helper()
	product, err := i18n.Load(fstest.MapFS{
		"en.json": {Data: []byte(`{"a": "Hello, {name}", "b": "Bye", "n": {"one": "{n} file", "other": "{n} files"}}`)},
		"pt.json": {Data: []byte(`{"a": "Olá, {name}", "b": "Adeus", "n": {"one": "{n} ficheiro", "other": "{n} ficheiros"}}`)},
		"ar.json": {Data: []byte(`{"a": "مرحبا {name}", "b": "وداعا"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tenancy.NewWording(product)
}

func (d *desk) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	d.t.Helper()
	return d.db.InTx(context.Background(), pg.Scope{Tenant: d.tenant, Actor: d.actor}, work)
}

func (d *desk) do(work func(ctx context.Context, tx *pg.Tx) error) {
	d.t.Helper()
	if err := d.try(work); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) put(lang, key string, text i18n.Message) (act uuid.UUID) {
	d.t.Helper()
	d.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		act, err = d.w.Put(ctx, tx, lang, key, text)
		return err
	})
	return act
}

// says asks a process for a text.
func (d *desk) says(w *tenancy.Wording, lang, key string) (text string) {
	d.t.Helper()
	d.do(func(ctx context.Context, tx *pg.Tx) error {
		s, err := tenancy.New(tenancy.Deps{}).Settings(ctx, tx)
		if err != nil {
			return err
		}
		texts, err := w.Texts(ctx, tx, s)
		text = texts.T(lang, key, map[string]any{"name": "Ana", "n": 2})
		return err
	})
	return text
}

func (d *desk) outcomes(act uuid.UUID) (a tenancy.WordingAct, out []string) {
	d.t.Helper()
	d.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = d.w.Act(ctx, tx, act); err != nil {
			return err
		}
		found, err := d.w.Changes(ctx, tx, act, "", page.Request{Size: 100})
		for _, c := range found.Rows {
			out = append(out, c.Key+" "+string(c.Outcome))
		}
		return err
	})
	return a, out
}

func other(s string) i18n.Message { return i18n.Message{"other": s} }

func (d *desk) want(got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%q, want %q", got, want)
	}
}

// TestAllProcessesSeeAChange: another process says the new words with the next page, what was rolled back is said by none, and another
// tenant keeps the product's.
func TestAllProcessesSeeAChange(t *testing.T) {
	t.Parallel()
	d := translator(t)
	other1, away := newWording(t), &desk{t: t, db: d.db, tenant: create(t, d.db, "demo")}
	d.want(d.says(d.w, "pt", "b")+d.says(other1, "pt", "b"), "AdeusAdeus")
	d.put("pt", "b", other("Até logo"))
	d.want(d.says(d.w, "pt", "b")+d.says(other1, "pt", "b"), "Até logoAté logo")
	stop := errors.New("stop")
	err := d.try(func(ctx context.Context, tx *pg.Tx) error {
		if _, err := d.w.Put(ctx, tx, "pt", "b", other("Nunca")); err != nil {
			return err
		}
		s, err := tenancy.New(tenancy.Deps{}).Settings(ctx, tx)
		if err != nil {
			return err
		}
		if texts, err := d.w.Texts(ctx, tx, s); err != nil || texts.T("pt", "b", nil) != "Nunca" {
			t.Errorf("the transaction itself does not see what it did: %v", err)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	d.want(d.says(d.w, "pt", "b"), "Até logo")
	d.want(away.says(other1, "pt", "b"), "Adeus")
	d.put("pt", "b", nil)
	d.want(d.says(d.w, "pt", "b")+d.says(other1, "pt", "b"), "AdeusAdeus")
}

// TestTextsAreChecked: placeholders and plural forms of the language must be there.
func TestTextsAreChecked(t *testing.T) {
	t.Parallel()
	d := translator(t)
	for want, put := range map[string]struct {
		lang, key string
		text      i18n.Message
	}{
		"tenancy.text_missing": {"pt", "a", other("Bom dia")}, "tenancy.text_unknown": {"pt", "b", other("Adeus, {who}")},
		"tenancy.text_form": {"pt", "n", other("{n} ficheiros")}, "tenancy.text_brace": {"pt", "b", other("Adeus }")},
		"tenancy.text_empty": {"pt", "n", i18n.Message{"one": "", "other": "{n} fichas"}},
	} {
		err := d.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := d.w.Put(ctx, tx, put.lang, put.key, put.text)
			return err
		})
		if !errors.Is(err, tenancy.ErrText) || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Code != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	for want, put := range map[error][2]string{tenancy.ErrNoText: {"pt", "zzz"}, tenancy.ErrNoLanguage: {"fr", "b"}} {
		err := d.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := d.w.Put(ctx, tx, put[0], put[1], other("x"))
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("%v: %v", want, err)
		}
	}
	if act := d.put("pt", "b", other("Adeus")); act != uuid.Nil {
		t.Error("the product's own words became the tenant's")
	}
	d.actor.Kind = "person"
	for name, work := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"put":     func(ctx context.Context, tx *pg.Tx) error { _, err := d.w.Put(ctx, tx, "pt", "b", nil); return err },
		"own":     func(ctx context.Context, tx *pg.Tx) error { _, err := d.w.Own(ctx, tx, "pt"); return err },
		"stage":   func(ctx context.Context, tx *pg.Tx) error { _, err := d.w.Stage(ctx, tx, "pt", "en", nil); return err },
		"apply":   func(ctx context.Context, tx *pg.Tx) error { return d.w.Apply(ctx, tx, id.New()) },
		"undo":    func(ctx context.Context, tx *pg.Tx) error { _, err := d.w.Undo(ctx, tx, id.New()); return err },
		"discard": func(ctx context.Context, tx *pg.Tx) error { return d.w.Discard(ctx, tx, id.New()) },
		"act":     func(ctx context.Context, tx *pg.Tx) error { _, err := d.w.Act(ctx, tx, id.New()); return err },
		"add":     func(ctx context.Context, tx *pg.Tx) error { return d.w.AddLanguage(ctx, tx, "fr", "Français") },
		"remove":  func(ctx context.Context, tx *pg.Tx) error { return d.w.RemoveLanguage(ctx, tx, "fr") },
	} {
		if err := d.try(work); !errors.Is(err, tenancy.ErrForbidden) {
			t.Errorf("%s by a citizen: %v", name, err)
		}
	}
}

// TestOwnLanguage adds a language, which falls back to the tenant's own where it has gaps, and takes it away again.
func TestOwnLanguage(t *testing.T) {
	t.Parallel()
	d := translator(t)
	add := func(code, name string) error {
		return d.try(func(ctx context.Context, tx *pg.Tx) error { return d.w.AddLanguage(ctx, tx, code, name) })
	}
	for code, want := range map[string]error{"ar": tenancy.ErrLanguageKnown, "klingon!": tenancy.ErrLanguageCode, "UR": tenancy.ErrLanguageCode, "": tenancy.ErrLanguageCode} {
		if err := add(code, "x"); !errors.Is(err, want) {
			t.Errorf("%q: %v", code, err)
		}
	}
	if err := add("ur", " "); !errors.Is(err, tenancy.ErrLanguageName) {
		t.Error(err)
	}
	if err := add("ur", "اردو"); err != nil {
		t.Fatal(err)
	}
	if err := add("ur", "اردو"); !errors.Is(err, tenancy.ErrLanguageKnown) {
		t.Error(err)
	}
	d.put("ur", "b", other("خدا حافظ"))
	d.want(d.says(d.w, "ur", "b")+d.says(d.w, "ur", "n"), "خدا حافظ2 ficheiros")
	d.do(func(ctx context.Context, tx *pg.Tx) error {
		service := tenancy.New(tenancy.Deps{})
		s, err := service.Settings(ctx, tx)
		if err != nil {
			return err
		}
		texts, err := d.w.Texts(ctx, tx, s)
		if err != nil {
			return err
		}
		if !slices.Contains(texts.Languages(), i18n.Language{Code: "ur", Name: "اردو", Dir: "rtl"}) {
			t.Errorf("languages %v", texts.Languages())
		}
		s.Languages = append(s.Languages, "ur")
		return service.Change(ctx, tx, s)
	})
	remove := func() error {
		return d.try(func(ctx context.Context, tx *pg.Tx) error { return d.w.RemoveLanguage(ctx, tx, "ur") })
	}
	if err := remove(); !errors.Is(err, tenancy.ErrLanguageShown) {
		t.Errorf("a language that people are offered is removed: %v", err)
	}
	d.do(func(ctx context.Context, tx *pg.Tx) error {
		return tenancy.New(tenancy.Deps{}).Change(ctx, tx, settings())
	})
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	d.want(d.says(d.w, "ur", "b"), "Adeus")
	if err := remove(); !errors.Is(err, tenancy.ErrNoLanguage) {
		t.Error(err)
	}
}

// TestFilesOfTexts looks at a file, takes it in, and undoes that but for what somebody changed since.
func TestFilesOfTexts(t *testing.T) {
	t.Parallel()
	d := translator(t)
	var act uuid.UUID
	stage := func(rows ...tenancy.WordingRow) {
		t.Helper()
		d.do(func(ctx context.Context, tx *pg.Tx) (err error) {
			act, err = d.w.Stage(ctx, tx, "ar", "en", rows)
			return err
		})
	}
	stage(
		tenancy.WordingRow{Key: "a", Source: other("Hello, {name}"), Text: other("أهلا {name}")},
		tenancy.WordingRow{Key: "b", Source: other("Good bye"), Text: other("مع السلامة")},
		tenancy.WordingRow{Key: "n", Text: i18n.Message{"zero": "لا", "one": "ملف", "two": "ملفان", "few": "{n} ملفات", "many": "{n} ملفا", "other": "{n} ملف"}},
		tenancy.WordingRow{Key: "n", Text: other("{n}")}, tenancy.WordingRow{Key: "q", Text: other("x")}, tenancy.WordingRow{Key: "b", Text: other("وداعا")},
	)
	a, got := d.outcomes(act)
	want := []string{"a changed", "b moved", "n new", "n refused", "q refused", "b same"}
	if !slices.Equal(got, want) || !a.MayApply() || a.MayUndo() || a.By != d.actor.ID {
		t.Fatalf("%v, want %v: %+v", got, want, a)
	}
	d.want(d.says(d.w, "ar", "a")+d.says(d.w, "ar", "n"), "مرحبا Ana2 ficheiros")
	apply := func() error {
		return d.try(func(ctx context.Context, tx *pg.Tx) error { return d.w.Apply(ctx, tx, act) })
	}
	if err := apply(); err != nil {
		t.Fatal(err)
	}
	d.want(d.says(d.w, "ar", "a")+d.says(d.w, "ar", "n"), "أهلا Anaملفان")
	if err := apply(); !errors.Is(err, tenancy.ErrActState) {
		t.Errorf("taken in twice: %v", err)
	}
	d.put("ar", "a", other("سلام {name}"))
	var undone uuid.UUID
	d.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		undone, err = d.w.Undo(ctx, tx, act)
		return err
	})
	if _, got := d.outcomes(undone); !slices.Equal(got, []string{"a kept", "n removed"}) {
		t.Errorf("undone: %v", got)
	}
	d.want(d.says(d.w, "ar", "a")+d.says(d.w, "ar", "n"), "سلام Ana2 ficheiros")
	d.do(func(ctx context.Context, tx *pg.Tx) error { // what was undone can be done again
		_, err := d.w.Undo(ctx, tx, undone)
		return err
	})
	d.want(d.says(d.w, "ar", "n"), "ملفان")
	stage(tenancy.WordingRow{Key: "b", Text: other("سلام")})
	d.do(func(ctx context.Context, tx *pg.Tx) error { return d.w.Discard(ctx, tx, act) })
	if err := apply(); !errors.Is(err, tenancy.ErrActState) {
		t.Errorf("given up and taken in: %v", err)
	}
	d.do(func(ctx context.Context, tx *pg.Tx) error {
		acts, changes, err := d.w.TextHistory(ctx, tx, "ar", "a", 10)
		if len(acts) != 2 || len(changes) != 2 || changes[0].After["other"] != "سلام {name}" || changes[1].Before != nil {
			t.Errorf("history of a: %+v %+v", acts, changes)
		}
		if err != nil {
			return err
		}
		found, err := d.w.Acts(ctx, tx, "ar", page.Request{Size: 2})
		if len(found.Rows) != 2 || found.Next == "" || found.Rows[0].State != tenancy.ActDiscarded {
			t.Errorf("acts %+v", found)
		}
		if err != nil {
			return err
		}
		if found, err = d.w.Acts(ctx, tx, "ar", page.Request{Size: 2, After: found.Next}); len(found.Rows) != 2 || found.Rows[1].Key != "a" {
			t.Errorf("more acts %+v", found)
		}
		return err
	})
}
