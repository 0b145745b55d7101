package encryption

import "digit/internal/infra/platform/fault"

// Errors of this module.
var (
	// ErrSealed says that the process has no root keyset: nothing personal can be read or written.
	ErrSealed = fault.Unavailable("encryption.sealed")
	// ErrAway says that the keystore which holds the root key cannot be reached.
	ErrAway = fault.Unavailable("encryption.away")
	// ErrRoot says that the root keyset is not the one that wrapped this tenant's keys.
	ErrRoot = fault.Unavailable("encryption.root")
	// ErrUnreadable says that a sealed value was altered, cut or taken from another place.
	ErrUnreadable = &fault.Error{Kind: fault.KindInternal, Code: "encryption.unreadable"}
	// ErrForgotten says that the person's key was destroyed, and with it all that was sealed for the person.
	ErrForgotten = fault.NotFound("encryption.forgotten")
	// ErrSignature says that a signed text was not signed by a key of this tenant, or was altered since.
	ErrSignature = fault.Invalid("encryption.signature")
	// ErrForbidden says that the actor may not manage keys.
	ErrForbidden = fault.Forbidden("encryption.forbidden")
	// ErrNoKey says that there is no such key.
	ErrNoKey = fault.NotFound("encryption.no_key")
	// ErrNoRotation says that there is no such rotation.
	ErrNoRotation = fault.NotFound("encryption.no_rotation")
	// ErrRotating says that the key is being changed already.
	ErrRotating = fault.Conflict("encryption.rotating")
	// ErrState says that the rotation, or the key, is not in a state in which this could be done.
	ErrState = fault.Conflict("encryption.state")
)
