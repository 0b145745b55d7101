package encryption

import "digit/internal/infra/platform/policy"

// Permissions of this module.
const (
	// Read allows to see how keys stand.
	Read = "encryption:read"
	// Manage allows to change keys, to propose that one is destroyed and to decide about what others proposed.
	Manage = "encryption:manage"
	// These allow other systems to have something done with keys that they never see. No role has them in a new tenant.
	Encrypts = "encryption:encrypt"
	Decrypts = "encryption:decrypt"
	Signs    = "encryption:sign"
	Verifies = "encryption:verify"
)

// Policy lists this module's permissions.
var Policy = []policy.Permission{
	{Code: Read, Roles: []string{"administrator", "auditor"}},
	{Code: Manage, Roles: []string{"administrator"}},
	{Code: Encrypts},
	{Code: Decrypts},
	{Code: Signs},
	{Code: Verifies},
}
