package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// What is guessed at, each counted on its own, so that who keeps somebody's password shut has not shut their other ways in.
const (
	tryPassword = "password"
	tryTOTP     = "totp"
	tryRecovery = "recovery"
)

// The limits of guessing: so many tries in a window, then one try after each pause, which doubles. No pause lasts for good,
// or anybody could lock others out.
const (
	triesMax    = 10
	triesWindow = 15 * time.Minute
	pauseFirst  = 30 * time.Second
	pauseMost   = time.Hour
	// triesForget is after how long without a try it begins anew.
	triesForget = 24 * time.Hour
)

// tries is how often something was tried without success. A try counts as failed until it has succeeded, so that many at
// once cannot slip through together.
type tries struct {
	failures    int
	since, seen time.Time
	blocked     time.Time // zero for not
}

// next counts a try at a moment, or says how long to wait before one.
func (t tries) next(now time.Time) (_ tries, wait time.Duration) {
	if wait = t.blocked.Sub(now); wait > 0 {
		return t, wait
	}
	over := t.failures < triesMax && now.Sub(t.since) >= triesWindow
	if over || now.Sub(t.seen) >= triesForget {
		t = tries{since: now}
	}
	t.failures++
	t.seen = now
	if t.failures >= triesMax {
		t.blocked = now.Add(pause(t.failures - triesMax))
	}
	return t, 0
}

// pause is how long to wait after the nth failure beyond the limit.
func pause(n int) time.Duration {
	if n > 10 { // beyond it the doubling would only overflow
		return pauseMost
	}
	return min(pauseFirst<<n, pauseMost)
}

// subject names whose tries are counted: the account's, or those at an address that no account has, which is told apart
// by nothing.
func subject(account uuid.UUID, typed address) string {
	if account != uuid.Nil {
		return account.String()
	}
	return typed.key()
}

// try counts a try, or refuses it. Tries at the same subject wait for each other. forgive forgets them all: it is called
// when one has succeeded. Errors: ErrTooManyTries.
func (s *Service) try(ctx context.Context, tx *pg.Tx, kind, subject string) (forgive func() error, err error) {
	index, err := s.encryption.BlindIndex(ctx, tx, "identity.attempt", subject)
	if err != nil {
		return nil, err
	}
	row, err := queries.OpenAttempt(ctx, tx, identitydb.OpenAttemptParams{Kind: kind, SubjectIndex: index, Now: tx.Wall})
	if err != nil {
		return nil, err
	}
	t := tries{failures: int(row.Failures), since: row.Since, seen: row.SeenAt}
	if row.BlockedUntil != nil {
		t.blocked = *row.BlockedUntil
	}
	t, wait := t.next(tx.Wall)
	if wait > 0 {
		return nil, later(ErrTooManyTries, wait)
	}
	err = queries.SetAttempt(ctx, tx, identitydb.SetAttemptParams{
		Kind: kind, SubjectIndex: index, Failures: int32(t.failures), Since: t.since, SeenAt: t.seen, BlockedUntil: optional(t.blocked),
	})
	return func() error {
		return queries.DeleteAttempt(ctx, tx, identitydb.DeleteAttemptParams{Kind: kind, SubjectIndex: index})
	}, err
}

// quota is so many of something in a window.
type quota struct {
	most   int
	window time.Duration
}

// wait is how long until one more is allowed, given when the last ones were, the newest first.
func (q quota) wait(times []time.Time, now time.Time) time.Duration {
	if len(times) < q.most {
		return 0
	}
	return max(0, times[q.most-1].Add(q.window).Sub(now))
}

// later is a refusal that says how long to wait, to people and to programs.
func later(refusal *fault.Error, wait time.Duration) error {
	return refusal.With("wait", wait, fault.RetryAfter, int(wait/time.Second)+1)
}
