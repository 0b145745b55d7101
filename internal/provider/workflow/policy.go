package workflow

import "digit/internal/infra/platform/policy"

// Release allows to put back a case that a colleague has taken, to give cases to colleagues, and to see the work of all roles of the agency.
const Release = "workflow:release"

// Policy lists the permissions of this module. Who may take which action stands in the service's definition, by role.
var Policy = []policy.Permission{
	{Code: Release, Roles: []string{"registrar", "licence-manager", "lighting-dispatcher", "agency-admin", "administrator"}},
}
