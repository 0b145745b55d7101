package payment

import "digit/internal/infra/platform/policy"

// Policy lists the module's permissions and who has them in a new tenant.
var Policy = []policy.Permission{
	{Code: "payment:read", Roles: []string{"administrator", "agency-admin", "licence-manager", "analyst", "auditor"}},
	{Code: "payment:refund", Roles: []string{"administrator"}},
	{Code: "payment:manage", Roles: []string{"administrator"}},
}
