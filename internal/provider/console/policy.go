package console

import "digit/internal/infra/platform/policy"

// Permissions of this module.
const (
	// Use allows to open the console; what is on its pages has permissions of its own.
	Use = "console:use"
	// Jobs allows to see and to move the jobs of the queue, those of all tenants.
	Jobs = "console:jobs"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Use, Roles: []string{"administrator", "agency-admin", "auditor"}},
	{Code: Jobs, Roles: []string{"administrator"}},
}
