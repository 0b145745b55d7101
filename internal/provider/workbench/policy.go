package workbench

import "digit/internal/infra/platform/policy"

// Use allows to work with the workbench: queues, cases of one's roles, notes.
const Use = "workbench:use"

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Use, Roles: []string{
		"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer",
		"lighting-dispatcher", "lighting-technician", "agency-admin",
	}},
}
