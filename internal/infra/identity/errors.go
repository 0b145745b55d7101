package identity

import "digit/internal/infra/platform/fault"

// Errors of this module.
var (
	// ErrAddress says that the text is no telephone number or e-mail address.
	ErrAddress = fault.Invalid("identity.address")
	// ErrTooManyCodes says that too many codes were asked for, for one address or from one place; argument wait, a duration.
	ErrTooManyCodes = fault.TooMany("identity.too_many_codes")
	// ErrCodeWrong says that the code is not the one that was sent; argument left, the tries that remain.
	ErrCodeWrong = fault.Invalid("identity.code_wrong")
	// ErrCodeTries says that the code was tried wrongly too often and is dead.
	ErrCodeTries = fault.TooMany("identity.code_tries")
	// ErrCodeExpired says that the code is too old, or was never sent.
	ErrCodeExpired = fault.Invalid("identity.code_expired")
	// ErrCodeUsed says that somebody signed in with the code already.
	ErrCodeUsed = fault.Invalid("identity.code_used")
	// ErrGuestAddress says that a guest has not proved yet where they are reached.
	ErrGuestAddress = fault.Conflict("identity.guest_address")
	// ErrTooManyTries says that something was guessed wrongly too often; argument wait, a duration.
	ErrTooManyTries = fault.TooMany("identity.too_many_tries")
	// ErrPasswordWrong says that address and password do not belong together, and not which of them is wrong.
	ErrPasswordWrong = fault.Invalid("identity.password_wrong")
	// ErrPasswordAlone says that the password is too short to sign in without a second factor.
	ErrPasswordAlone = fault.Conflict("identity.password_alone")
	// ErrPassword says why a new password cannot be accepted, in the field "password".
	ErrPassword = fault.Invalid("identity.password")
	// ErrBusy says that too many passwords are being checked at this moment.
	ErrBusy = fault.Unavailable("identity.busy")
	// ErrPasskey says that the passkey is not known here, or that its answer does not check out.
	ErrPasskey = fault.Invalid("identity.passkey")
	// ErrPasskeySuspect says that the passkey seems to have been copied and signs nobody in any longer.
	ErrPasskeySuspect = fault.Invalid("identity.passkey_suspect")
	// ErrPasskeyHost says that no passkey can be made for the host, such as one that is a bare number.
	ErrPasskeyHost = fault.Unsupported("identity.passkey_host")
	// ErrPasskeyName says that a passkey's name is missing or too long.
	ErrPasskeyName = fault.Invalid("identity.passkey_name")
	// ErrTOTPWrong says that the authenticator app's code is wrong, too old or used already.
	ErrTOTPWrong = fault.Invalid("identity.totp_wrong")
	// ErrTOTPThere says that the account has an authenticator app already.
	ErrTOTPThere = fault.Conflict("identity.totp_there")
	// ErrRecoveryWrong says that the recovery code is wrong or used already.
	ErrRecoveryWrong = fault.Invalid("identity.recovery_wrong")
	// ErrNoFactor says that the account has no such factor.
	ErrNoFactor = fault.NotFound("identity.no_factor")
	// ErrHalfOver says that a sign-in whose second step is due was never begun, or too long ago.
	ErrHalfOver = fault.Invalid("identity.half_over")
	// ErrConfirm says that the act asks for a fresh proof of who somebody is.
	ErrConfirm = fault.Unauthenticated("identity.confirm")
	// ErrLastContact says that an account keeps at least one address that it has proved.
	ErrLastContact = fault.Conflict("identity.last_contact")
	// ErrContactStaff says that the addresses of staff are changed by an administrator.
	ErrContactStaff = fault.Forbidden("identity.contact_staff")
	// ErrNoSession says that nobody is signed in by that token, or no longer.
	ErrNoSession = fault.Unauthenticated("identity.no_session")
	// ErrCallerSecond says that the account has a second step, which a telephone number is not.
	ErrCallerSecond = fault.Forbidden("identity.caller_second")
	// ErrSuspended says that the account may not sign in.
	ErrSuspended = fault.Forbidden("identity.suspended")
	// ErrForbidden says that the actor lacks the permission.
	ErrForbidden = fault.Forbidden("identity.forbidden")
	// ErrPolicy says that a policy of the tenant's own forbids it; arguments policy, its code, and reason, in words.
	ErrPolicy = fault.Forbidden("identity.policy")
	// ErrOwnPolicy says what of a policy of the tenant's own cannot be accepted, one field each.
	ErrOwnPolicy = fault.Invalid("identity.own_policy")
	// ErrLockout says that under the policy its author could not take it back.
	ErrLockout = fault.Conflict("identity.lockout")
	// ErrEmergency says what of a role to be taken in an emergency cannot be accepted, one field each.
	ErrEmergency = fault.Invalid("identity.emergency")
	// ErrEmergencyRuns says that one role taken in an emergency is enough at a time.
	ErrEmergencyRuns = fault.Conflict("identity.emergency_runs")
	// ErrDelegation says what of an invitation to act for somebody cannot be accepted, one field each.
	ErrDelegation = fault.Invalid("identity.delegation")
	// ErrRepresentative says that whoever acts for somebody else may not do that in their name.
	ErrRepresentative = fault.Forbidden("identity.representative")
	// ErrLastManager says that a business would be left without anybody who may manage it.
	ErrLastManager = fault.Conflict("identity.last_manager")
	// ErrMachine says what of a machine cannot be accepted, one field each.
	ErrMachine = fault.Invalid("identity.machine")
	// ErrMachineRevoked says that a machine's access was taken away for good.
	ErrMachineRevoked = fault.Conflict("identity.machine_revoked")
	// ErrBearer says that no machine shows such a key or token, or no longer.
	ErrBearer = fault.Unauthenticated("identity.bearer")
	// ErrClient says that there is no such OAuth client, or that its secret is another.
	ErrClient = fault.Unauthenticated("identity.client")
	// ErrScope says that a client asks for more than it has; argument scope.
	ErrScope = fault.Invalid("identity.scope")
	// ErrRate says that a machine calls too often; arguments limit, a minute, and fault.RetryAfter.
	ErrRate = fault.TooMany("identity.rate")
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
	// ErrSelf says that nobody suspends himself, nor acts for himself.
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
	// ErrNoAccount says that the provider knows a person who has no account here, and that it makes none.
	ErrNoAccount = fault.Forbidden("identity.no_account")
	// ErrLinkFirst says that somebody has an account by the address which the provider names: it is linked once both are proved.
	ErrLinkFirst = fault.Conflict("identity.link_first")
	// ErrLinkTaken says that another account is known by that provider's person.
	ErrLinkTaken = fault.Conflict("identity.link_taken")
	// ErrLinkTwice says that the account is known by another person of that provider already.
	ErrLinkTwice = fault.Conflict("identity.link_twice")
	// ErrLastWay says that the account would have no way in any longer.
	ErrLastWay = fault.Conflict("identity.last_way")
	// ErrNoDirectory says that there is no such directory, or not for signing in.
	ErrNoDirectory = fault.NotFound("identity.no_directory")
	// ErrDirectory says which settings of a directory cannot be accepted.
	ErrDirectory = fault.Invalid("identity.directory")
	// ErrDirectoryAway says that the directory did not answer, or not with what was asked.
	ErrDirectoryAway = fault.Unavailable("identity.directory_away")
	// ErrDirectoryTries says that too many passwords were tried, for one login or from one place; argument minutes.
	ErrDirectoryTries = fault.TooMany("identity.directory_tries")
	// ErrCredentials says that login and password do not belong together, and not which of them is wrong.
	ErrCredentials = fault.Invalid("identity.credentials")
	// ErrSyncState says that a comparison with a directory does not wait for anybody any longer.
	ErrSyncState = fault.Conflict("identity.sync_state")
	// ErrLogout says that a provider's word that somebody signed out does not check out, or was heard before.
	ErrLogout = fault.Invalid("identity.logout")
	// ErrRule says what is wrong with a rule that gives a role.
	ErrRule = fault.Invalid("identity.rule")
	// ErrDoor says that the staff door cannot be shut, since nobody else could let staff in.
	ErrDoor = fault.Conflict("identity.door")
	// ErrShut says that staff sign in through a provider or directory, and not here.
	ErrShut = fault.Conflict("identity.shut")
	// ErrEmergencyMany says that there are as many emergency accounts as there may be; argument n.
	ErrEmergencyMany = fault.Conflict("identity.emergency_many")
	// ErrVisitAddress says that consent is asked for at an address that the person has proved, if they have proved one.
	ErrVisitAddress = fault.Conflict("identity.visit_address")
	// ErrNotPerson says that the account is not that of somebody who uses services.
	ErrNotPerson = fault.NotFound("identity.not_person")
)
