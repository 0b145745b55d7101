package exchange

import "digit/internal/infra/platform/policy"

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: "exchange:read", Roles: []string{"administrator", "auditor"}},
	{Code: "exchange:manage", Roles: []string{"administrator"}},
}
