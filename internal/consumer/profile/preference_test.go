package profile_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"digit/internal/consumer/profile"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// TestReach: people choose ways for each purpose, what has to be done always goes somewhere, and nothing goes out in quiet hours.
func TestReach(t *testing.T) {
	t.Parallel()
	b, me := setup(t), id.New()
	var now time.Time
	reach := func(purpose string) (channels []string, after time.Time) {
		t.Helper()
		if err := b.as(me, func(ctx context.Context, tx *pg.Tx) (err error) {
			now = tx.Now
			channels, after, err = b.service.Reach(ctx, tx, me, purpose)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return channels, after
	}
	if c, after := reach(profile.News); len(c) != 2 || !after.Equal(now) {
		t.Errorf("a stranger: %v, %v", c, after)
	}
	change := func(p profile.Profile) error {
		return b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Change(ctx, tx, me, p) })
	}
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Ensure(ctx, tx, me, "Dulce", "pt") }); err != nil {
		t.Fatal(err)
	}
	hour := func(h int) int { return (h + 24) % 24 }
	_, _ = reach(profile.News)
	h := now.UTC().Hour()
	p := profile.Profile{Name: "Dulce", Lang: "pt", Channels: nil, Reminders: []string{"email"}, Quiet: profile.Quiet{From: hour(h - 2), To: hour(h + 3)}}
	if err := change(p); err != nil {
		t.Fatal(err)
	}
	if c, after := reach(profile.Reminders); !slices.Equal(c, []string{"email"}) || !after.After(now) || after.Sub(now) > 4*time.Hour || after.UTC().Hour() != hour(h+3) || after.Minute() != 0 {
		t.Errorf("in quiet hours: %v, %v at %v", c, after, now)
	}
	if c, _ := reach(profile.News); len(c) != 0 {
		t.Errorf("news by %v", c)
	}
	if c, _ := reach(profile.Duties); len(c) != 2 {
		t.Errorf("duties by %v", c)
	}
	p.Quiet = profile.Quiet{From: hour(h + 2), To: hour(h + 4)}
	if err := change(p); err != nil {
		t.Fatal(err)
	}
	if _, after := reach(profile.Duties); !after.Equal(now) {
		t.Errorf("outside: %v at %v", after, now)
	}
	p.Quiet = profile.Quiet{From: 24, To: 3}
	p.Reminders = []string{"fax"}
	if err := change(p); !errors.Is(err, profile.ErrProfile) {
		t.Errorf("no hour: %v", err)
	}
}

// TestStop: what was answered with STOP goes nowhere by that channel, whatever it is about, until START or the person's own word.
func TestStop(t *testing.T) {
	t.Parallel()
	b, me := setup(t), id.New()
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Ensure(ctx, tx, me, "Dulce", "pt") }); err != nil {
		t.Fatal(err)
	}
	system := func(work func(ctx context.Context, tx *pg.Tx) error) {
		t.Helper()
		if err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work); err != nil {
			t.Fatal(err)
		}
	}
	told := func(want ...string) {
		t.Helper()
		system(func(ctx context.Context, tx *pg.Tx) error {
			for _, purpose := range []string{profile.News, profile.Duties} {
				if c, _, err := b.service.Reach(ctx, tx, me, purpose); !slices.Equal(c, want) || err != nil {
					t.Errorf("%s by %v, %v", purpose, c, err)
				}
			}
			return nil
		})
	}
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.Stop(ctx, tx, me, "sms"); return err }); !errors.Is(err, profile.ErrForbidden) {
		t.Errorf("a person stops for a number: %v", err)
	}
	for i, channel := range []string{"sms", "email"} {
		system(func(ctx context.Context, tx *pg.Tx) error {
			for again := range 2 {
				if done, err := b.service.Stop(ctx, tx, me, channel); done != (again == 0) || err != nil {
					t.Errorf("stopping %s: %v, %v", channel, done, err)
				}
			}
			return nil
		})
		told([]string{"email"}[i:]...)
	}
	system(func(ctx context.Context, tx *pg.Tx) error {
		done, err := b.service.Resume(ctx, tx, me, "email")
		if !done {
			t.Error("nothing is resumed")
		}
		return err
	})
	told("email")
	p := profile.Profile{Name: "Dulce", Lang: "pt", Channels: []string{"sms", "email"}, Reminders: []string{"sms"}}
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Change(ctx, tx, me, p) }); err != nil {
		t.Fatal(err)
	}
	told("email", "sms")
}
