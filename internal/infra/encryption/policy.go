package encryption

import "digit/internal/infra/platform/policy"

// Policy lists this module's permissions.
var Policy = []policy.Permission{
	{Code: "encryption:manage", Roles: []string{"administrator"}},
}
