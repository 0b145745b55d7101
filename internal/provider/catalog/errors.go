package catalog

import "digit/internal/infra/platform/fault"

// What callers must expect.
var (
	// ErrUnknown says that there is no such service, or no such version of it.
	ErrUnknown = fault.NotFound("catalog.unknown")
	// ErrPack says that a service definition has mistakes; the fields say which.
	ErrPack = fault.Invalid("catalog.pack")
	// ErrUnchanged says that the newest version is already exactly this.
	ErrUnchanged = fault.Conflict("catalog.unchanged")
	// ErrWithdrawn says that the service takes no new requests.
	ErrWithdrawn = fault.Conflict("catalog.withdrawn")
	// ErrForbidden says that the caller may not publish for this agency.
	ErrForbidden = fault.Forbidden("catalog.forbidden")
	// ErrElsewhere says that an entry of a service on another site has mistakes; the fields say which.
	ErrElsewhere = fault.Invalid("catalog.elsewhere")
	// ErrTooMany says that the catalogue takes no further service on other sites; argument: max.
	ErrTooMany = fault.Conflict("catalog.too_many")
	// ErrOtherAgency says that another agency already offers a service of this code.
	ErrOtherAgency = fault.Conflict("catalog.other_agency")
)
