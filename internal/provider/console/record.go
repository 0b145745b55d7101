package console

import (
	"context"
	"time"

	"digit/internal/infra/platform/pg"
)

const (
	// latestRecord is how long an entry may wait for its place in the log.
	latestRecord = 10 * time.Minute
	// lastSent is how long ago a checkpoint may have arrived outside: a missed hour or two are made up.
	lastSent = 26 * time.Hour
	// lastWalk is how long ago the whole log may have been verified.
	lastWalk = 9 * 24 * time.Hour
)

// record looks whether the audit log is whole, grows, and is told of outside.
func (s *Service) record(ctx context.Context, tx *pg.Tx, production bool) []Check {
	st, err := s.deps.Audit.Status(ctx, tx)
	if err != nil {
		return []Check{check("record", Warn, "unknown")}
	}
	var checks []Check
	if v := st.Verified; v != nil && v.State == "broken" {
		checks = append(checks, check("record", Fail, "broken", "n", v.Report.Broken))
	} else if st.Size > 0 && (v == nil || tx.Wall.Sub(v.Started) > lastWalk) {
		checks = append(checks, check("record", Warn, "unverified"))
	}
	if st.Waiting > 0 && tx.Wall.Sub(st.Oldest) > latestRecord {
		checks = append(checks, check("record", Warn, "behind", "n", st.Waiting))
	}
	if st.Size > 0 && (st.Checkpoint == nil || st.Checkpoint.Size < st.Size) {
		checks = append(checks, check("record", Warn, "unsigned"))
	}
	if len(st.Sinks) == 0 && production {
		checks = append(checks, check("record", Warn, "inside"))
	}
	for _, sink := range st.Sinks {
		switch {
		case sink.Failure != "":
			checks = append(checks, check("record", Warn, "unsent", "sink", sink.Label(), "failure", sink.Failure))
		case st.Checkpoint != nil && !sink.Arrived.IsZero() && sink.Size < st.Checkpoint.Size && tx.Wall.Sub(sink.Arrived) > lastSent:
			checks = append(checks, check("record", Warn, "stale", "sink", sink.Label()))
		}
	}
	if checks == nil {
		checks = append(checks, check("record", OK, "ok", "n", st.Size))
	}
	return checks
}
