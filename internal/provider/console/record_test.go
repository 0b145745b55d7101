package console_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/pg/pgtest"
)

// TestRecordHealth: what is wrong with the record is told, and what keeps its checkpoints from being outside.
func TestRecordHealth(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	now := time.Now()
	c := &audit.Checkpoint{Size: 5}
	walked := &audit.Verification{State: "whole", Started: now.Add(-time.Hour), Report: &audit.Report{}}
	mail := audit.Sink{Kind: audit.SinkEmail, Address: "a@example.org"}
	for name, x := range map[string]struct {
		status audit.Status
		want   []string
	}{
		"a new state":     {audit.Status{}, []string{"warn record.inside"}},
		"all well":        {audit.Status{Size: 5, Checkpoint: c, Verified: walked, Sinks: []audit.SinkState{{Sink: mail, Arrived: now, Size: 5}}}, []string{"ok record.ok"}},
		"tampered with":   {audit.Status{Size: 5, Checkpoint: c, Verified: &audit.Verification{State: "broken", Started: now, Report: &audit.Report{Broken: 2}}, Sinks: []audit.SinkState{{Sink: mail}}}, []string{"fail record.broken"}},
		"never verified":  {audit.Status{Size: 5, Checkpoint: c, Sinks: []audit.SinkState{{Sink: mail}}}, []string{"warn record.unverified"}},
		"verified in May": {audit.Status{Size: 5, Checkpoint: c, Verified: &audit.Verification{State: "whole", Started: now.Add(-30 * 24 * time.Hour)}, Sinks: []audit.SinkState{{Sink: mail}}}, []string{"warn record.unverified"}},
		"standing still":  {audit.Status{Size: 5, Waiting: 3, Oldest: now.Add(-time.Hour), Checkpoint: c, Verified: walked, Sinks: []audit.SinkState{{Sink: mail}}}, []string{"warn record.behind"}},
		"waiting a bit":   {audit.Status{Size: 5, Waiting: 3, Oldest: now, Checkpoint: c, Verified: walked, Sinks: []audit.SinkState{{Sink: mail}}}, []string{"ok record.ok"}},
		"unsigned":        {audit.Status{Size: 9, Checkpoint: c, Verified: walked, Sinks: []audit.SinkState{{Sink: mail}}}, []string{"warn record.unsigned"}},
		"not arriving":    {audit.Status{Size: 5, Checkpoint: c, Verified: walked, Sinks: []audit.SinkState{{Sink: mail, Failure: "mail"}}}, []string{"warn record.unsent"}},
		"long ago": {
			audit.Status{Size: 5, Checkpoint: c, Verified: walked, Sinks: []audit.SinkState{{Sink: mail, Arrived: now.Add(-48 * time.Hour), Size: 3}}},
			[]string{"warn record.stale"},
		},
	} {
		tenant := pgtest.Tenant(t, db)
		checks := service(t, outside{record: map[uuid.UUID]audit.Status{tenant: x.status}}).Health(t.Context(), db)
		if got := found(checks, "record", slug(t, db, tenant)); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}
