package profile

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"digit/internal/consumer/profile/internal/profiledb"
	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Stop ends all notices to a person by one channel, as somebody asks who answers STOP there; the other wishes stay what they are. False where
// there is no profile, or nothing came by that channel any more. Permission: the system's, which knows the number that asks. Errors: ErrForbidden.
func (s *Service) Stop(ctx context.Context, tx *pg.Tx, account uuid.UUID, channel string) (stopped bool, err error) {
	defer fault.Wrap(&err, "profile.Stop(%s, %s)", account, channel)
	if tx.Actor.Kind != "system" {
		return false, ErrForbidden
	}
	n, err := queries.StopChannel(ctx, tx, profiledb.StopChannelParams{AccountID: account, Channel: channel, Now: tx.Now})
	if err != nil || n == 0 {
		return false, err
	}
	return true, recordStop(ctx, tx, "stop", account, channel)
}

// Resume undoes Stop: news come by that channel again. False where it was not stopped. Permission: as for Stop. Errors: ErrForbidden.
func (s *Service) Resume(ctx context.Context, tx *pg.Tx, account uuid.UUID, channel string) (resumed bool, err error) {
	defer fault.Wrap(&err, "profile.Resume(%s, %s)", account, channel)
	if tx.Actor.Kind != "system" {
		return false, ErrForbidden
	}
	n, err := queries.ResumeChannel(ctx, tx, profiledb.ResumeChannelParams{AccountID: account, Channel: channel, Now: tx.Now})
	if err != nil || n == 0 {
		return false, err
	}
	return true, recordStop(ctx, tx, "resume", account, channel)
}

func recordStop(ctx context.Context, tx *pg.Tx, what string, account uuid.UUID, channel string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: "profile.notices." + what, Object: "profile.person", ObjectID: account, Person: account, Detail: map[string]any{"channel": channel},
	})
}

// Stopped returns by which channels a person wants nothing at all, whatever it is about. It asks for no permission: it is the system's, which
// sends.
func (s *Service) Stopped(ctx context.Context, tx *pg.Tx, account uuid.UUID) (channels []string, err error) {
	defer fault.Wrap(&err, "profile.Stopped(%s)", account)
	row, err := getPerson(ctx, tx, account)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return row.Stopped, err
}

// but leaves out what was stopped.
func but(channels, stopped []string) []string {
	return slices.DeleteFunc(slices.Clone(channels), func(c string) bool { return slices.Contains(stopped, c) })
}
