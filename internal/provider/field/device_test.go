package field_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/field"
	"digit/internal/provider/orchestration"
)

func TestForeignJurisdiction(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, by := range map[string]identity.Principal{
		"another agency": outside(r.Staff("Sara Stranger", "field-officer", "cmp", "")),
		"another island": outside(r.Staff("Simão Soares", "field-officer", "dgrni", "CV-SV")),
	} {
		device := id.New()
		r.enrol(by, device)
		in := r.report()
		in.Device = device
		if _, err := r.send(by, in); !errors.Is(err, orchestration.ErrForbidden) {
			t.Errorf("%s sends: %v", name, err)
		}
		err := r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := r.field.Begin(ctx, tx, by, field.BeginUpload{ID: id.New(), Device: device, Application: r.visit, Code: field.Photo, MediaType: "image/png", Size: 3, SHA256: make([]byte, 32)})
			return err
		})
		if !errors.Is(err, orchestration.ErrForbidden) {
			t.Errorf("%s uploads: %v", name, err)
		}
		r.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			b, err := r.field.TakeAlong(ctx, tx, by, device, 0)
			if len(b.Mine)+len(b.Free) > 0 {
				t.Errorf("%s takes along %+v", name, b)
			}
			return err
		})
	}
	clerk := r.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	if err := r.Try(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.field.Enrol(ctx, tx, clerk, id.New(), "x")
		return err
	}); !errors.Is(err, field.ErrForbidden) {
		t.Errorf("who stays inside: %v", err)
	}
	others := r.report()
	thief := outside(r.Staff("Tomé Thief", "field-officer", "dgrni", ""))
	if _, err := r.send(thief, others); !errors.Is(err, field.ErrOthers) {
		t.Errorf("from another's device: %v", err)
	}
}

func TestWipe(t *testing.T) {
	t.Parallel()
	r := setup(t)
	admin := r.Staff("Alda Admin", "administrator", "", "")
	admin.Grants[0].Permissions = append(admin.Grants[0].Permissions, field.Manage)
	if _, err := r.bundle(); err != nil {
		t.Fatal(err)
	}
	status := func() (s string) {
		r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			s, err = r.field.Status(ctx, tx, r.device)
			return err
		})
		return s
	}
	wipe := func(by identity.Principal) error {
		return r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Wipe(ctx, tx, by, r.device) })
	}
	if err := wipe(r.officer); !errors.Is(err, field.ErrForbidden) {
		t.Errorf("an officer wipes: %v", err)
	}
	if status() != field.Active {
		t.Errorf("status %s", status())
	}
	if err := wipe(admin); err != nil {
		t.Fatal(err)
	}
	if err := wipe(admin); !errors.Is(err, field.ErrNoDevice) {
		t.Errorf("twice: %v", err)
	}
	if status() != field.Asked {
		t.Errorf("status %s", status())
	}
	if _, err := r.bundle(); !errors.Is(err, field.ErrWipe) {
		t.Errorf("it still takes along: %v", err)
	}
	if _, err := r.send(r.officer, r.report()); !errors.Is(err, field.ErrWipe) {
		t.Errorf("it still sends: %v", err)
	}
	for range 2 {
		r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Gone(ctx, tx, r.device) })
	}
	r.In(admin.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		p, err := r.field.Devices(ctx, tx, admin, "", uuid.Nil, page.Request{})
		if err != nil {
			return err
		}
		if len(p.Rows) != 1 || p.Rows[0].Status != field.Wiped || p.Rows[0].Owner != "João Lopes" || p.Rows[0].AskedBy != admin.Account || p.Rows[0].GoneAt == nil {
			t.Errorf("devices = %+v", p.Rows)
		}
		if d, err := r.field.Device(ctx, tx, admin, r.device); err != nil || d.Name != "Chromium, Android" {
			t.Errorf("device = %+v, %v", d, err)
		}
		_, err = r.field.Device(ctx, tx, admin, id.New())
		if !errors.Is(err, field.ErrNoDevice) {
			t.Errorf("no device: %v", err)
		}
		return nil
	})
	second := id.New()
	r.enrol(r.officer, second)
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return r.field.Gone(ctx, tx, second) })
	r.device = second
	if _, err := r.bundle(); !errors.Is(err, field.ErrDevice) {
		t.Errorf("a device that was signed out of: %v", err)
	}
	r.In(admin.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		first, err := r.field.Devices(ctx, tx, admin, "", r.officer.Account, page.Request{Size: 1})
		if err != nil || len(first.Rows) != 1 || first.Next == "" {
			t.Fatalf("first page %+v, %v", first, err)
		}
		next, err := r.field.Devices(ctx, tx, admin, "", r.officer.Account, page.Request{Size: 1, After: first.Next})
		if err != nil || len(next.Rows) != 1 || next.Rows[0].ID == first.Rows[0].ID {
			t.Errorf("second page %+v, %v", next, err)
		}
		return nil
	})
}
