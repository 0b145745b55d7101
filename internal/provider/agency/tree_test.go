package agency_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
)

func under(code, parent string) agency.Agency {
	return agency.Agency{Code: code, Name: i18n.Text{"pt": code}, Parent: parent}
}

func (b *bundle) put(by identity.Principal, list ...agency.Agency) error {
	return b.try(by, func(ctx context.Context, tx *pg.Tx) error {
		for _, a := range list {
			if err := b.svc.Put(ctx, tx, by, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// shape is the tree as it stands, each agency with a dot for each that stands above it.
func (b *bundle) shape() (out []string) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.svc.Agencies(ctx, tx)
		for _, a := range agency.Tree(all) {
			out = append(out, "...."[:a.Level]+a.Code)
		}
		return err
	})
	return out
}

func TestTree(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.put(nobody, under("justice", ""), under("registries", "justice"), under("praia", "registries"), under("mindelo", "registries"), under("home", "")); err != nil {
		t.Fatal(err)
	}
	if got := b.shape(); !same(got, "home", "justice", ".registries", "..mindelo", "..praia") {
		t.Errorf("tree: %v", got)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.svc.Agencies(ctx, tx)
		var path []string
		for _, a := range agency.Path(all, "praia") {
			path = append(path, a.Code)
		}
		if !same(path, "justice", "registries") || agency.Path(all, "home") != nil {
			t.Errorf("path: %v", path)
		}
		return err
	})
	if err := b.put(nobody, under("registries", "home")); err != nil { // and what is below moves with it
		t.Fatal(err)
	}
	if got := b.shape(); !same(got, "home", ".registries", "..mindelo", "..praia", "justice") {
		t.Errorf("moved: %v", got)
	}
	closed := func(a agency.Agency) agency.Agency {
		a.Closed = true
		return a
	}
	local, state := admin("praia", agency.Manage), admin("", agency.Manage)
	for _, c := range []struct {
		name string
		by   identity.Principal
		a    agency.Agency
		want error
	}{
		{"below itself", nobody, under("home", "home"), agency.ErrBeneath},
		{"below what is below it", nobody, under("home", "praia"), agency.ErrBeneath},
		{"below nothing that is there", nobody, under("praia", "none"), agency.ErrUnknown},
		{"closed over what is open", nobody, closed(under("registries", "home")), agency.ErrChildren},
		{"moved by its own administrator", local, under("praia", "home"), agency.ErrForbidden},
		{"changed by its own administrator", local, under("praia", "registries"), nil},
		{"moved by the state's", state, under("praia", "justice"), nil},
		{"closed", nobody, closed(under("justice", "")), agency.ErrChildren},
		{"closed from below", nobody, closed(under("praia", "justice")), nil},
		{"and then above", nobody, closed(under("justice", "")), nil},
		{"opened below what is closed", nobody, under("praia", "justice"), agency.ErrParentClosed},
		{"new below what is closed", nobody, under("court", "justice"), agency.ErrParentClosed},
	} {
		if err := b.put(c.by, c.a); c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestTreeGivesNothing: who may everything in the agency above may nothing in the one below.
func TestTreeGivesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.put(nobody, under("justice", ""), under("registries", "justice")); err != nil {
		t.Fatal(err)
	}
	minister := admin("justice", agency.Manage, agency.Read)
	if err := b.put(minister, under("registries", "justice")); !errors.Is(err, agency.ErrForbidden) {
		t.Errorf("changing the agency below: %v", err)
	}
	if err := b.try(minister, func(ctx context.Context, tx *pg.Tx) error {
		_, _, err := b.svc.Positions(ctx, tx, minister, "registries")
		return err
	}); !errors.Is(err, agency.ErrForbidden) {
		t.Errorf("looking into the agency below: %v", err)
	}
}

// TestTreeHasNoCircles: whatever is put below whatever, in whatever order, every agency is in the tree exactly once.
func TestTreeHasNoCircles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	codes := []string{"a", "b", "c", "d"}
	undo := errors.New("undo")
	rapid.Check(t, func(t *rapid.T) {
		err := b.try(nobody, func(ctx context.Context, tx *pg.Tx) error {
			for _, code := range codes {
				if err := b.svc.Put(ctx, tx, nobody, under(code, "")); err != nil {
					return err
				}
			}
			for range 8 {
				a := under(rapid.SampledFrom(codes).Draw(t, "agency"), rapid.SampledFrom(append([]string{""}, codes...)).Draw(t, "parent"))
				if err := b.svc.Put(ctx, tx, nobody, a); err != nil && !errors.Is(err, agency.ErrBeneath) {
					return err
				}
			}
			all, err := b.svc.Agencies(ctx, tx)
			if err != nil {
				return err
			}
			var seen []string
			for _, a := range agency.Tree(all) {
				seen = append(seen, a.Code)
			}
			if slices.Sort(seen); !slices.Equal(seen, codes) {
				t.Fatalf("in the tree: %v of %+v", seen, all)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}
