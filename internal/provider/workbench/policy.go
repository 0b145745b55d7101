package workbench

import "digit/internal/infra/platform/policy"

// Use allows to work with the workbench: queues, cases of one's roles, notes.
const Use = "workbench:use"

// RedactFiles allows to have copies of a case's pictures made in which parts are black, which others are given in their place, and to take them out
// of use. Each is audited.
const RedactFiles = "workbench:redact"

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Use, Roles: []string{
		"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer",
		"lighting-dispatcher", "lighting-technician", "agency-admin",
	}},
	{Code: RedactFiles, Roles: []string{"registry-clerk", "registrar", "licence-clerk", "licence-manager", "lighting-dispatcher"}},
}
