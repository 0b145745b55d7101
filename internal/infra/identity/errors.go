package identity

import "digit/internal/infra/platform/fault"

// Errors of this module.
var (
	// ErrAddress says that the text is no telephone number or e-mail address.
	ErrAddress = fault.Invalid("identity.address")
	// ErrTooManyCodes says that too many codes were asked for, for one address or from one place; argument minutes.
	ErrTooManyCodes = fault.TooMany("identity.too_many_codes")
	// ErrCodeWrong says that the code is not the one that was sent; argument left, the tries that remain.
	ErrCodeWrong = fault.Invalid("identity.code_wrong")
	// ErrCodeTries says that the code was tried wrongly too often and is dead.
	ErrCodeTries = fault.TooMany("identity.code_tries")
	// ErrCodeExpired says that the code is too old, or was never sent.
	ErrCodeExpired = fault.Invalid("identity.code_expired")
	// ErrCodeUsed says that somebody signed in with the code already.
	ErrCodeUsed = fault.Invalid("identity.code_used")
	// ErrNoSession says that nobody is signed in by that token, or no longer.
	ErrNoSession = fault.Unauthenticated("identity.no_session")
	// ErrSuspended says that the account may not sign in.
	ErrSuspended = fault.Forbidden("identity.suspended")
	// ErrForbidden says that the actor lacks the permission.
	ErrForbidden = fault.Forbidden("identity.forbidden")
	// ErrNotFound says that there is no such account, grant or session.
	ErrNotFound = fault.NotFound("identity.not_found")
	// ErrNoRole says that there is no such role.
	ErrNoRole = fault.NotFound("identity.no_role")
	// ErrRole says that a role's code, name or permissions cannot be accepted.
	ErrRole = fault.Invalid("identity.role")
	// ErrName says that a name is missing or too long.
	ErrName = fault.Invalid("identity.name")
	// ErrContactTaken says that another account has that address.
	ErrContactTaken = fault.Conflict("identity.contact_taken")
	// ErrNotStaff says that only staff can be given a role.
	ErrNotStaff = fault.Conflict("identity.not_staff")
	// ErrSelf says that nobody suspends himself.
	ErrSelf = fault.Conflict("identity.self")
	// ErrValidity says that a grant would end before it begins.
	ErrValidity = fault.Invalid("identity.validity")
	// ErrSource says that something cannot be the source of grants.
	ErrSource = fault.Invalid("identity.source")
	// ErrSourced says that a grant follows from something else, and is taken back there.
	ErrSourced = fault.Conflict("identity.sourced")
	// ErrNoProvider says that there is no such sign-in provider, or not for this.
	ErrNoProvider = fault.NotFound("identity.no_provider")
	// ErrProvider says which settings of a provider cannot be accepted.
	ErrProvider = fault.Invalid("identity.provider")
	// ErrFederation says that the sign-in at a provider was not begun here, is too old, or did not check out.
	ErrFederation = fault.Invalid("identity.federation")
	// ErrProviderAway says that the provider did not answer.
	ErrProviderAway = fault.Unavailable("identity.provider_away")
	// ErrNotLinked says that the provider knows somebody who has no staff account here.
	ErrNotLinked = fault.Forbidden("identity.not_linked")
)
