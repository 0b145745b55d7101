package tenancy

import (
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Errors of this module.
var (
	// ErrSettings says which settings cannot be accepted, one field each.
	ErrSettings = fault.Invalid("tenancy.settings")
	// ErrNoSettings says that the tenant was never set up.
	ErrNoSettings = fault.NotFound("tenancy.no_settings")
	// ErrForbidden says that the actor is neither staff nor the system.
	ErrForbidden = fault.Forbidden("tenancy.forbidden")
	// ErrProduction says that a production tenant's clock is the real one.
	ErrProduction = pg.ErrClockFixed
	// ErrSlugTaken says that another tenant has that short name.
	ErrSlugTaken = pg.ErrSlugTaken
)
