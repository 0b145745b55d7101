package orchestration

import "digit/internal/infra/platform/policy"

// Permissions of this module.
const (
	// Read allows to see applications of the agency with the answers in them. Each reading is audited.
	Read = "orchestration:read"
)

// Policy lists the permissions of this module. Who may act on an application stands in the service's definition.
var Policy = []policy.Permission{
	{Code: Read, Roles: []string{
		"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer",
		"lighting-dispatcher", "lighting-technician", "auditor",
	}},
}
