package performance

import "digit/internal/infra/platform/policy"

// Read allows to see how an agency keeps its promises, or with a role for the whole state how all do.
const Read = "performance:read"

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Read, Roles: []string{"agency-admin", "analyst", "administrator", "auditor"}},
}
