package simulator

import "digit/internal/infra/platform/policy"

// Policy lists the module's permissions and who has them in a new tenant.
var Policy = []policy.Permission{
	{Code: "simulator:use", Roles: []string{"administrator"}},
}
