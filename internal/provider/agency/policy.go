package agency

import "digit/internal/infra/platform/policy"

// Permissions of this module.
const (
	// Manage allows to change agencies and offices and to assign staff.
	Manage = "agency:manage"
	// Read allows to see who works where. Agencies and offices themselves are public.
	Read = "agency:read"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Manage, Roles: []string{"agency-admin", "administrator"}},
	{Code: Read, Roles: []string{
		"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer",
		"lighting-dispatcher", "lighting-technician", "agency-admin", "analyst", "administrator", "auditor",
	}},
}
