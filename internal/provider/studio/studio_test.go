package studio_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	paging "digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/studio"
)

// TestBlank begins one of each kind, in one language and in two: all pass the check.
func TestBlank(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, kind := range studio.Kinds {
		for _, languages := range [][]string{{"pt"}, {"pt", "en"}} {
			in := blank
			in.Kind, in.Languages = kind, languages
			in.Name += " " + kind + languages[len(languages)-1]
			d := b.begin(in)
			p := b.pack(d.ID)
			for _, pr := range servicespec.Errors(servicespec.Check(p)) {
				if pr.Code != "translation_missing" && pr.Code != "translations_missing" {
					t.Errorf("%s in %v: %v", kind, languages, pr)
				}
			}
			if missing, _ := servicespec.Gaps(p); len(languages) == 1 && len(missing) > 0 {
				t.Errorf("%s in %v lacks %v", kind, languages, missing)
			}
			if len(p.Workflow.States) < 3 || (kind == studio.KindCertificate) != (len(p.Certificates) == 1) {
				t.Errorf("%s has %d states and %d certificates", kind, len(p.Workflow.States), len(p.Certificates))
			}
		}
	}
	first, second := b.begin(blank), b.begin(blank)
	if first.Code != "licenca-de-caca" || second.Code != "licenca-de-caca-2" {
		t.Errorf("codes are %s and %s", first.Code, second.Code)
	}
	err := b.try(b.ana, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.svc.BeginBlank(ctx, tx, b.ana, studio.Blank{})
		return err
	})
	if !errors.Is(err, studio.ErrBegin) {
		t.Errorf("nothing said: %v, want ErrBegin", err)
	}
	for by, want := range map[*identity.Principal]error{&b.outro: studio.ErrForbidden, &b.chefe: studio.ErrForbidden} {
		err := b.try(*by, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.BeginBlank(ctx, tx, *by, blank)
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("another agency, or no designer: %v, want %v", err, want)
		}
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Licença de caça": "licenca-de-caca", "  ": "service", "شهادة": "service", "1.ª via do cartão": "s1-a-via-do-cartao", "Água & saneamento": "agua-saneamento",
	} {
		if got := studio.CodeOf(name); got != want {
			t.Errorf("CodeOf(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestTogether has two people change a draft: other parts go together, the same part does not.
func TestTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	what, change := page("applicant", "Quem é?")
	first, err := b.edit(b.ana, d.ID, d.Head, what, change)
	if err != nil || first.Head != 2 {
		t.Fatalf("revision %d, %v", first.Head, err)
	}
	other, otherChange := page("request", "Que deseja?")
	second, err := b.edit(b.rui, d.ID, d.Head, other, otherChange) // he still had the first revision before him
	if err != nil || second.Head != 3 {
		t.Fatalf("another part: revision %d, %v", second.Head, err)
	}
	if p := b.pack(d.ID); p.Form.Pages[0].Title["pt"] != "Quem é?" || p.Form.Pages[1].Title["pt"] != "Que deseja?" {
		t.Errorf("a change was lost: %v", p.Form.Pages)
	}
	what, change = page("applicant", "Outra coisa")
	_, err = b.edit(b.rui, d.ID, d.Head, what, change)
	stale, ok := studio.StaleOf(err)
	if !errors.Is(err, studio.ErrStale) || !ok || stale.Head != 3 || !slices.Contains(stale.By, b.ana.Account) || len(stale.Changes) == 0 {
		t.Errorf("the same part: %v, %+v", err, stale)
	}
	if _, err := b.edit(b.rui, d.ID, stale.Head, what, change); err != nil {
		t.Errorf("having seen it: %v", err)
	}
	again, err := b.edit(b.rui, d.ID, 4, what, change)
	if err != nil || again.Head != 4 {
		t.Errorf("a change that alters nothing made revision %d, %v", again.Head, err)
	}
	if _, err := b.edit(b.outro, d.ID, 4, what, change); !errors.Is(err, studio.ErrForbidden) {
		t.Errorf("another agency: %v", err)
	}
	if _, err := b.edit(b.ana, d.ID, 4, what, func(*servicespec.Pack) error { return studio.ErrGone }); !errors.Is(err, studio.ErrGone) {
		t.Errorf("what is gone: %v", err)
	}
}

func (b *bundle) move(do func(context.Context, *pg.Tx, identity.Principal, uuid.UUID, int) (studio.Draft, error), draft uuid.UUID, rev int) (d studio.Draft, err error) {
	err = b.try(b.ana, func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = do(ctx, tx, b.ana, draft, rev)
		return err
	})
	return d, err
}

func TestUndo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	was := servicespec.Hash(b.pack(d.ID))
	if _, err := b.move(b.svc.Undo, d.ID, 1); !errors.Is(err, studio.ErrNothing) {
		t.Errorf("undo at the beginning: %v", err)
	}
	for _, title := range []string{"A", "B", "C"} {
		what, change := page("applicant", title)
		var err error
		if d, err = b.edit(b.ana, d.ID, d.Head, what, change); err != nil {
			t.Fatal(err)
		}
	}
	title := func() string { return b.pack(d.ID).Form.Pages[0].Title["pt"] }
	step := func(do func(context.Context, *pg.Tx, identity.Principal, uuid.UUID, int) (studio.Draft, error), want string) {
		t.Helper()
		var err error
		if d, err = b.move(do, d.ID, d.Head); err != nil || title() != want {
			t.Fatalf("%q, %v; want %q", title(), err, want)
		}
	}
	step(b.svc.Undo, "B")
	step(b.svc.Undo, "A")
	step(b.svc.Redo, "B")
	step(b.svc.Redo, "C")
	step(b.svc.Undo, "B")
	if _, err := b.move(b.svc.Undo, d.ID, 1); !errors.Is(err, studio.ErrStale) {
		t.Errorf("undo of what was not seen: %v", err)
	}
	what, change := page("applicant", "D")
	var err error
	if d, err = b.edit(b.ana, d.ID, d.Head, what, change); err != nil || d.Head != 5 {
		t.Fatalf("after undo: revision %d, %v", d.Head, err)
	}
	if _, err := b.move(b.svc.Redo, d.ID, d.Head); !errors.Is(err, studio.ErrNothing) {
		t.Errorf("redo after another change: %v", err)
	}
	step(b.svc.Undo, "B")
	if d, err = b.move(func(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, _ int) (studio.Draft, error) {
		return b.svc.Restore(ctx, tx, by, draft, 1)
	}, d.ID, 0); err != nil || servicespec.Hash(b.pack(d.ID)) != was || d.Head != 6 {
		t.Errorf("restored: revision %d, %v", d.Head, err)
	}
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error {
		found, err := b.svc.Revisions(ctx, tx, b.ana, d.ID, paging.Request{Size: 4})
		if err != nil || len(found.Rows) != 4 || found.Next == "" || found.Rows[0].Step.Code != "restore" {
			t.Errorf("history: %+v, %v", found, err)
		}
		found, err = b.svc.Revisions(ctx, tx, b.ana, d.ID, paging.Request{Size: 4, After: found.Next})
		if err != nil || len(found.Rows) != 2 || found.Rows[1].Step.Code != "begin.blank" {
			t.Errorf("its end: %+v, %v", found, err)
		}
		return err
	})
	err = b.try(b.ana, func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE studio.revision SET hash = ''`)
		return err
	})
	if pg.Constraint(err) != "revision_unchanging" {
		t.Errorf("a revision was changed: %v", err)
	}
}

func TestDiscard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	list := func(q studio.Query) (n int) {
		b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error {
			found, err := b.svc.Drafts(ctx, tx, b.ana, q, paging.Request{})
			n = len(found.Rows)
			return err
		})
		return n
	}
	do := func(do func(context.Context, *pg.Tx, identity.Principal, uuid.UUID) error) error {
		return b.try(b.ana, func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, b.ana, d.ID) })
	}
	for range 2 {
		if err := do(b.svc.Discard); err != nil {
			t.Fatal(err)
		}
	}
	if list(studio.Query{}) != 0 || list(studio.Query{Discarded: true}) != 1 {
		t.Error("it is not among what was thrown away")
	}
	if err := do(b.svc.TakeBack); err != nil || list(studio.Query{}) != 1 {
		t.Errorf("taken back: %v", err)
	}
	if err := do(b.svc.Discard); err != nil {
		t.Fatal(err)
	}
	if err := b.db.AdvanceClock(t.Context(), b.tenant, studio.KeepDiscarded*2); err != nil {
		t.Fatal(err)
	}
	if err := do(b.svc.TakeBack); !errors.Is(err, studio.ErrLate) {
		t.Errorf("too late: %v", err)
	}
}

// TestLists pages through drafts, by the last change and by name, and keeps agencies apart.
func TestLists(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"Zebra", "Água", "Barco", "Abelha"} {
		in := blank
		in.Name = name
		b.begin(in)
	}
	walk := func(by identity.Principal, q studio.Query) (names []string) {
		b.in(by, func(ctx context.Context, tx *pg.Tx) error {
			for req := (paging.Request{Size: 1}); ; {
				found, err := b.svc.Drafts(ctx, tx, by, q, req)
				if err != nil {
					return err
				}
				for _, d := range found.Rows {
					names = append(names, d.Name["pt"])
				}
				if req.After = found.Next; req.After == "" {
					return nil
				}
			}
		})
		return names
	}
	if got := walk(b.ana, studio.Query{}); !slices.Equal(got, []string{"Abelha", "Barco", "Água", "Zebra"}) {
		t.Errorf("last changed first: %v", got)
	}
	if got := walk(b.ana, studio.Query{ByName: true}); !slices.Equal(got, []string{"Abelha", "Barco", "Zebra", "Água"}) {
		t.Errorf("by name: %v", got)
	}
	if got := walk(b.ana, studio.Query{Text: "BAR"}); !slices.Equal(got, []string{"Barco"}) {
		t.Errorf("searched: %v", got)
	}
	if got := walk(b.outro, studio.Query{}); got != nil {
		t.Errorf("another agency sees %v", got)
	}
}

// TestFiles brings every service of the library out and in again: nothing is lost.
func TestFiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range library.Packs() {
		source, err := servicespec.Print(p)
		if err != nil {
			t.Fatal(err)
		}
		by := staff(p.Agency, "designer", studio.Read, studio.Design)
		var d studio.Draft
		b.in(by, func(ctx context.Context, tx *pg.Tx) (err error) {
			d, err = b.svc.BeginFile(ctx, tx, by, source)
			return err
		})
		b.in(by, func(ctx context.Context, tx *pg.Tx) error {
			_, back, err := b.svc.Open(ctx, tx, by, d.ID)
			if err == nil && servicespec.Hash(back) != servicespec.Hash(p) {
				t.Errorf("%s is another after it went through a file", p.Code)
			}
			return err
		})
		if err := b.try(by, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.BeginFile(ctx, tx, by, source)
			return err
		}); !errors.Is(err, studio.ErrTaken) {
			t.Errorf("%s a second time: %v", p.Code, err)
		}
	}
	for _, source := range []string{"", "code: [", "code: x\nnonsense: 1\n", "code: x\n"} {
		err := b.try(b.ana, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.BeginFile(ctx, tx, b.ana, []byte(source))
			return err
		})
		if !errors.Is(err, studio.ErrFile) {
			t.Errorf("%q: %v", source, err)
		}
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error {
		others, err := b.svc.Appear(ctx, tx, b.ana, d.ID, "form", "applicant")
		if len(others) != 0 {
			t.Errorf("she meets herself: %v", others)
		}
		return err
	})
	b.in(b.rui, func(ctx context.Context, tx *pg.Tx) error {
		others, err := b.svc.Appear(ctx, tx, b.rui, d.ID, "", "")
		if err == nil && (len(others) != 1 || others[0].Account != b.ana.Account || others[0].Part != "form" || others[0].Spot != "applicant") {
			t.Errorf("he meets %+v", others)
		}
		return err
	})
}
