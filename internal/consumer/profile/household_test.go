package profile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"digit/internal/consumer/profile"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

func TestHousehold(t *testing.T) {
	t.Parallel()
	b, me, other := setup(t), id.New(), id.New()
	born := civil.Date{Year: 2019, Month: time.March, Day: 27}
	put := func(as uuid.UUID, m profile.Member) (member uuid.UUID, err error) {
		err = b.as(as, func(ctx context.Context, tx *pg.Tx) (err error) {
			member, err = b.service.PutMember(ctx, tx, me, m)
			return err
		})
		return member, err
	}
	list := func() (all []profile.Member) {
		t.Helper()
		if err := b.as(me, func(ctx context.Context, tx *pg.Tx) (err error) {
			all, err = b.service.Household(ctx, tx, me)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if _, err := put(me, profile.Member{Name: "Nina", Born: born, Relation: "child"}); !errors.Is(err, profile.ErrNotFound) {
		t.Errorf("without a profile: %v", err)
	}
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Ensure(ctx, tx, me, "Dulce", "pt") }); err != nil {
		t.Fatal(err)
	}
	var refused *fault.Error
	_, err := put(me, profile.Member{Name: strings.Repeat("x", 121), Born: civil.Date{Year: 2999, Month: 1, Day: 1}, Relation: "friend"})
	if !errors.As(err, &refused) || len(refused.Fields) != 3 {
		t.Errorf("refused with %v", err)
	}
	for _, bad := range []civil.Date{{}, {Year: 2019, Month: 2, Day: 30}, {Year: 1890, Month: 1, Day: 1}} {
		if _, err := put(me, profile.Member{Name: "Nina", Born: bad, Relation: "child"}); !errors.Is(err, profile.ErrMember) {
			t.Errorf("born %v: %v", bad, err)
		}
	}
	if _, err := put(other, profile.Member{Name: "Nina", Born: born, Relation: "child"}); !errors.Is(err, profile.ErrForbidden) {
		t.Errorf("somebody else adds: %v", err)
	}
	nina, err := put(me, profile.Member{Name: "  Nina   Canarinha ", Born: born, Relation: "child"})
	if err != nil {
		t.Fatal(err)
	}
	want := []profile.Member{{ID: nina, Name: "Nina Canarinha", Born: born, Relation: "child"}}
	if diff := cmp.Diff(want, list(), cmpopts.IgnoreFields(profile.Member{}, "AddedAt")); diff != "" {
		t.Error(diff)
	}
	if _, err := put(me, profile.Member{ID: nina, Name: "Nina C", Born: born, Relation: "grandchild"}); err != nil || list()[0].Relation != "grandchild" {
		t.Errorf("%v, %+v", err, list())
	}
	if _, err := put(me, profile.Member{ID: id.New(), Name: "Nobody", Born: born, Relation: "child"}); !errors.Is(err, profile.ErrNoMember) {
		t.Errorf("an unknown one: %v", err)
	}
	var row string
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT m::text || encode(m.about, 'escape') FROM profile.member m`).Scan(&row)
	}); err != nil || strings.Contains(row, "Nina") || strings.Contains(row, "2019-03-27") {
		t.Errorf("%v; the row reads %q", err, row)
	}
	for n := range 29 {
		if _, err := put(me, profile.Member{Name: fmt.Sprint("Person ", n), Born: born, Relation: "other"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := put(me, profile.Member{Name: "One too many", Born: born, Relation: "other"}); !errors.Is(err, profile.ErrHousehold) {
		t.Errorf("too many: %v", err)
	}
	remove := func(as uuid.UUID) error {
		return b.as(as, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveMember(ctx, tx, me, nina) })
	}
	if err := remove(other); !errors.Is(err, profile.ErrForbidden) {
		t.Errorf("somebody else removes: %v", err)
	}
	if err := remove(me); err != nil || len(list()) != 29 {
		t.Errorf("%v, %d left", err, len(list()))
	}
	if err := remove(me); !errors.Is(err, profile.ErrNoMember) {
		t.Errorf("again: %v", err)
	}
}
