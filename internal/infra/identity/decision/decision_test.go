package decision_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity/decision"
)

var now = time.Date(2026, 11, 9, 10, 0, 0, 0, time.UTC)

func clerk() decision.Subject {
	until := now.Add(time.Hour)
	return decision.Subject{ID: uuid.New(), Kind: "staff", Level: 2, Grants: []decision.Grant{
		{Role: "registry-clerk", Agency: "dgrni", Boundary: "CV-PR", Permissions: []string{"orchestration:read", "workbench:use", "agency:read"}, Until: &until},
		{Role: "registrar", Agency: "dgrni", Permissions: []string{"orchestration:read", "workbench:use", "agency:read", "workflow:release", "certificate:revoke", "certificate:read"}},
		{Role: "agency-admin", Agency: "cmp", Permissions: []string{"identity:manage", "identity:read", "agency:manage", "agency:read", "catalog:publish", "catalog:read", "console:use", "payment:read", "analytics:read"}},
	}}
}

func BenchmarkDecide(b *testing.B) {
	who := decision.NewAsker(clerk())
	on := decision.Object{Kind: "case", Agency: "dgrni", Service: "birth-certificate", State: "verification", Located: true, Areas: []string{"CV-PR", "CV-S", "CV"}, Person: uuid.New(), Role: "registrar"}
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !decision.House.Decide(who, "orchestration:read", on, decision.Circumstances{Now: now}).Allowed {
				b.Fatal()
			}
		}
	})
	b.Run("act", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !decision.House.Decide(who, decision.Act, on, decision.Circumstances{Now: now}).Allowed {
				b.Fatal()
			}
		}
	})
}
