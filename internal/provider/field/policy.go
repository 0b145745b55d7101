package field

import "digit/internal/infra/platform/policy"

// What this module asks for.
const (
	// Use allows to take visits along; which, the roles in their states decide.
	Use = "field:use"
	// Manage allows to see all devices and to have them wiped.
	Manage = "field:manage"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Use, Roles: []string{"field-officer", "lighting-technician"}},
	{Code: Manage, Roles: []string{"administrator"}},
}
