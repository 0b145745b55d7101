// Package clock is the only place that reads the machine's clock. A unit of work takes its time from
// pg.Tx, which adds a demonstration tenant's time travel.
package clock

import "time"

// Now returns the machine's time in UTC, to the microsecond that PostgreSQL keeps.
func Now() time.Time {
	return time.Now().UTC().Truncate(time.Microsecond)
}
