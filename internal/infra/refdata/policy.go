package refdata

import "digit/internal/infra/platform/policy"

// Policy lists the module's permissions and who has them in a new tenant.
var Policy = []policy.Permission{
	{Code: "refdata:read", Roles: []string{"administrator", "agency-admin", "analyst", "auditor"}},
	{Code: "refdata:manage", Roles: []string{"administrator"}},
}
