package analytics

import "digit/internal/infra/platform/policy"

// Read allows to see the figures of an agency, or with a role for the whole state those of all.
const Read = "analytics:read"

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Read, Roles: []string{"agency-admin", "analyst", "administrator", "auditor"}},
}
