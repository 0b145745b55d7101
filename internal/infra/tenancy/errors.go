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
	// ErrLanguageCode says that a code is no BCP 47 language, ErrLanguageKnown that the language is there already, ErrLanguageName that
	// it has no name, ErrLanguageShown that people are offered it.
	ErrLanguageCode  = fault.Invalid("tenancy.language_code")
	ErrLanguageKnown = fault.Invalid("tenancy.language_known")
	ErrLanguageName  = fault.Invalid("tenancy.language_name")
	ErrLanguageShown = fault.Conflict("tenancy.language_shown")
	// ErrNoLanguage says that there is no such language, ErrNoText that the product has no such text.
	ErrNoLanguage = fault.NotFound("tenancy.no_language")
	ErrNoText     = fault.NotFound("tenancy.no_text")
	// ErrText says what is wrong with a text, one field a plural form.
	ErrText = fault.Invalid("tenancy.text")
	// ErrNoAct says that the history has no such act, ErrActState that it is over, ErrNoRows that a file has no texts, ErrRows that it
	// has more than WordingRows.
	ErrNoAct    = fault.NotFound("tenancy.no_act")
	ErrActState = fault.Conflict("tenancy.act_state")
	ErrNoRows   = fault.Invalid("tenancy.no_rows")
	ErrRows     = fault.Invalid("tenancy.rows")
	// ErrProduction says that a production tenant's clock is the real one.
	ErrProduction = pg.ErrClockFixed
	// ErrSlugTaken says that another tenant has that short name.
	ErrSlugTaken = pg.ErrSlugTaken
)
