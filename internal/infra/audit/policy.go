package audit

import "digit/internal/infra/platform/policy"

// Policy lists this module's permissions.
var Policy = []policy.Permission{
	{Code: "audit:read", Roles: []string{"administrator", "auditor"}},
	{Code: "audit:manage", Roles: []string{"administrator", "auditor"}}, // where checkpoints are sent: an auditor keeps their own
}
