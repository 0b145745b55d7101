package workbench_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workbench"
)

// saved are the lists that somebody has, by name.
func saved(h *orchestrationtest.House, bench *workbench.Service, by identity.Principal) map[string]workbench.Saved {
	h.T.Helper()
	have := map[string]workbench.Saved{}
	h.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		lists, err := bench.Lists(ctx, tx, by)
		for _, l := range lists {
			have[l.Name] = l
		}
		return err
	})
	return have
}

func TestSavedLists(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk, colleague := h.Staff("Clara Clerk", "registry-clerk", "dgrni", ""), h.Staff("Carlos Clerk", "registry-clerk", "dgrni", "")
	chief, stranger := h.Staff("Rui Registrar", "registrar", "dgrni", ""), h.Staff("Sara Stranger", "licence-clerk", "cmp", "")
	paid(h, "Maria Évora")
	save := func(by identity.Principal, name, agency, filter string) error {
		return h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			q, err := url.ParseQuery(filter)
			if err != nil {
				return err
			}
			_, err = bench.Save(ctx, tx, workbench.SaveList{By: by, Name: name, Agency: agency, Filter: q})
			return err
		})
	}
	for _, err := range []error{
		save(clerk, " Mine to do ", "", "queue=unclaimed&after=x&name=Maria"), save(clerk, "Ours", "dgrni", "queue=team&service=birth-certificate"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, err := range map[string]error{
		"no name": save(clerk, " ", "", "queue=team"), "a long name": save(clerk, strings.Repeat("é", 61), "", ""), "a long list": save(clerk, "x", "", "q="+strings.Repeat("x", 600)),
	} {
		if !errors.Is(err, workbench.ErrSaved) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := save(clerk, "Theirs", "cmp", ""); !errors.Is(err, workbench.ErrForbidden) {
		t.Errorf("saved for another agency: %v", err)
	}

	have := saved(h, bench, clerk)
	if l := have["Mine to do"]; l.Filter != "queue=unclaimed" || !l.Pinned || l.Count != 1 {
		t.Errorf("one's own = %+v", l)
	}
	theirs := saved(h, bench, colleague)
	if l := theirs["Ours"]; len(theirs) != 1 || l.Pinned || l.Count != -1 || l.Mine(colleague) {
		t.Errorf("a colleague has %+v", theirs)
	}
	if n := len(saved(h, bench, stranger)); n != 0 {
		t.Errorf("another agency has %d lists", n)
	}
	do := func(by identity.Principal, work func(ctx context.Context, tx *pg.Tx, list uuid.UUID) error, name string) error {
		return h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error { return work(ctx, tx, have[name].ID) })
	}
	pin := func(by identity.Principal, on bool) func(context.Context, *pg.Tx, uuid.UUID) error {
		return func(ctx context.Context, tx *pg.Tx, list uuid.UUID) error { return bench.Pin(ctx, tx, by, list, on) }
	}
	discard := func(by identity.Principal) func(context.Context, *pg.Tx, uuid.UUID) error {
		return func(ctx context.Context, tx *pg.Tx, list uuid.UUID) error { return bench.Discard(ctx, tx, by, list) }
	}
	if err := do(colleague, pin(colleague, true), "Ours"); err != nil || saved(h, bench, colleague)["Ours"].Count != 1 {
		t.Errorf("pinning: %v", err)
	}
	for name, err := range map[string]error{
		"pins another's": do(colleague, pin(colleague, true), "Mine to do"), "removes another's": do(colleague, discard(colleague), "Ours"),
		"removes another agency's": do(stranger, discard(stranger), "Ours"),
	} {
		if !errors.Is(err, workbench.ErrNoList) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := do(clerk, pin(clerk, false), "Ours"); err != nil || saved(h, bench, clerk)["Ours"].Pinned || !saved(h, bench, colleague)["Ours"].Pinned {
		t.Errorf("a pin is one's own: %v", err)
	}
	if err := do(chief, discard(chief), "Ours"); err != nil || len(saved(h, bench, colleague)) != 0 {
		t.Errorf("the supervisor removes it: %v", err)
	}
	for n := range 11 {
		if err := save(clerk, "List "+string(rune('a'+n)), "", "queue=team"); err != nil {
			t.Fatal(err)
		}
	}
	if err := do(clerk, pin(clerk, true), "Mine to do"); err == nil {
		t.Error("there is room for any number of lists")
	} else if !errors.Is(err, workbench.ErrPinned) {
		t.Error(err)
	}
}
