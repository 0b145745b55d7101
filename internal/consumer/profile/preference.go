package profile

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// What notices are for, by which people choose how they want to be told.
const (
	News      = "news"      // how a request goes
	Reminders = "reminders" // what was begun and not finished
	Duties    = "duties"    // what has to be done, and what was decided: it goes somewhere, unless that was stopped
)

// Quiet are the hours of a day, by the tenant's clock, in which nothing is sent: From included, To not. Both the same are none.
type Quiet struct{ From, To int }

// until returns when a notice may go that is due now: now, or at the end of the quiet hours.
func (q Quiet) until(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	h := local.Hour()
	inside := q.From <= h && h < q.To
	if q.From > q.To { // over midnight
		inside = h >= q.From || h < q.To
	}
	if q.From == q.To || !inside {
		return now
	}
	end := time.Date(local.Year(), local.Month(), local.Day(), q.To, 0, 0, 0, zone)
	if !end.After(local) {
		end = time.Date(local.Year(), local.Month(), local.Day()+1, q.To, 0, 0, 0, zone)
	}
	return end
}

// Ways are the channels by which people can be told: WhatsApp where it has a provider. Anybody may ask.
func (s *Service) Ways(ctx context.Context, tx *pg.Tx) (channels []string, err error) {
	defer fault.Wrap(&err, "profile.Ways")
	channels = []string{"sms", "email"}
	has, err := s.deps.Notices.Carries(ctx, tx, "whatsapp")
	if has {
		channels = append(channels, "whatsapp")
	}
	return channels, err
}

// Reach returns by which channels somebody wants to be told of something, and from when on. Who has no profile is told by all of them, at once;
// where somebody answered STOP nothing is told, whatever it is.
// It asks for no permission: it is the system's, which sends.
func (s *Service) Reach(ctx context.Context, tx *pg.Tx, account uuid.UUID, purpose string) (channels []string, after time.Time, err error) {
	defer fault.Wrap(&err, "profile.Reach(%s)", account)
	all := []string{"sms", "email"}
	row, err := getPerson(ctx, tx, account)
	if errors.Is(err, ErrNotFound) {
		return all, tx.Now, nil
	}
	if err != nil {
		return nil, tx.Now, err
	}
	settings, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return nil, tx.Now, err
	}
	channels = but(row.Channels, row.Stopped)
	switch {
	case purpose == Reminders:
		channels = but(row.Reminders, row.Stopped)
	case purpose == Duties && len(channels) == 0:
		channels = but(all, row.Stopped)
	}
	return channels, Quiet{int(row.QuietFrom), int(row.QuietTo)}.until(tx.Now, settings.Location()), nil
}
