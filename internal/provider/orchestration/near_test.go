package orchestration_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// TestNear: who reports a problem is told of open reports nearby, of nobody's they may know, and can follow one.
func TestNear(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	report := func(reference string, at servicespec.Point) exchange.ServiceRequest {
		a := servicespec.Answers{"problem": "wires", "danger": true, "lights": int64(2), "place": "CV-PR-NSG", "landmark": "Em frente à padaria", "spot": at}
		r := exchange.ServiceRequest{ID: id.New(), Kind: exchange.Apply, Reference: reference, Service: "streetlight-complaint", Version: 1, Person: id.New(), Name: "Maria CANARIO", Lang: "pt"}
		h.Send(r, a)
		return r
	}
	here := servicespec.Point{Lat: 14.917, Lng: -23.509}
	far := report("IP-2026-000001", servicespec.Point{Lat: 14.92, Lng: -23.509})
	near := report("IP-2026-000002", servicespec.Point{Lat: 14.9173, Lng: -23.509})
	nearer := report("IP-2026-000003", servicespec.Point{Lat: 14.9171, Lng: -23.5091})
	me := pg.Actor{ID: id.New(), Kind: "person"}
	var svc *servicespec.Service
	look := func(as pg.Actor) (list []orchestration.Near) {
		t.Helper()
		h.In(as, func(ctx context.Context, tx *pg.Tx) (err error) {
			if svc, err = h.Catalog.Service(ctx, tx, "streetlight-complaint", 0); err != nil {
				return err
			}
			list, err = h.Applications.Near(ctx, tx, svc, servicespec.Answers{"spot": here})
			return err
		})
		return list
	}
	got := look(me)
	if len(got) != 2 || got[0].Application != nearer.ID || got[1].Application != near.ID || got[0].Metres < 10 || got[0].Metres > 20 || got[0].State["pt"] == "" {
		t.Fatalf("near are %+v", got)
	}
	if mine := look(pg.Actor{ID: near.Person, Kind: "person"}); len(mine) != 1 || mine[0].Application != nearer.ID {
		t.Errorf("one's own is shown: %+v", mine)
	}
	follow := func(as pg.Actor, application uuid.UUID) error {
		return h.Try(as, func(ctx context.Context, tx *pg.Tx) error {
			return h.Applications.Follow(ctx, tx, svc, servicespec.Answers{"spot": here}, application, "en")
		})
	}
	if err := follow(me, far.ID); !errors.Is(err, orchestration.ErrUnknown) {
		t.Errorf("one that is not near: %v", err)
	}
	for range 2 {
		if err := follow(me, nearer.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := look(me); got[0].Followers != 1 {
		t.Errorf("followed by %d", got[0].Followers)
	}
	h.Travel(31 * 24 * time.Hour)
	if got := look(me); len(got) != 0 {
		t.Errorf("after a month %+v", got)
	}
}
