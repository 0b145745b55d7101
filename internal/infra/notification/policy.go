package notification

import "digit/internal/infra/platform/policy"

// Policy lists the module's permissions and who has them in a new tenant.
var Policy = []policy.Permission{
	{Code: "notification:read", Roles: []string{"administrator", "auditor"}},
	{Code: "notification:manage", Roles: []string{"administrator"}},
}
