package agency_test

import (
	"context"
	"testing"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
)

func TestTheOfficeForAnArea(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.svc.Put(ctx, tx, identity.Principal{}, works); err != nil {
			return err
		}
		for _, o := range []agency.Office{
			{Code: "all", Boundary: "CV"},
			{Code: "city", Boundary: "CV-PR"},
			{Code: "town", Boundary: "CV-PR"},
			{Code: "anywhere"},
			{Code: "closed", Boundary: "CV-PR-NSG", Closed: true},
		} {
			o.Agency, o.Name = works.Code, i18n.Text{"pt": o.Code}
			if err := b.svc.PutOffice(ctx, tx, identity.Principal{}, o); err != nil {
				return err
			}
		}
		for _, c := range []struct {
			path []string
			want string
		}{
			{nil, ""},
			{[]string{"XX"}, ""},
			{[]string{"CV"}, "all"},
			{[]string{"CV", "CV-SV"}, "all"},
			{[]string{"CV", "CV-PR"}, "city"},
			{[]string{"CV", "CV-PR", "CV-PR-NSG"}, "city"},
		} {
			got, err := b.svc.OfficeFor(ctx, tx, works.Code, c.path)
			if err != nil || got != c.want {
				t.Errorf("%v: %q, %v, want %q", c.path, got, err, c.want)
			}
		}
		got, err := b.svc.OfficeFor(ctx, tx, "nobody", []string{"CV"})
		if got != "" {
			t.Errorf("an agency that is none has the office %q", got)
		}
		return err
	})
}
