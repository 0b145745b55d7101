package studio

import "digit/internal/infra/platform/policy"

// Permissions of this module.
const (
	// Read allows to look at the agency's drafts and proposals.
	Read = "studio:read"
	// Design allows to begin and to change drafts of the agency, and to propose them.
	Design = "studio:design"
	// Approve allows to decide proposals that somebody else wrote, and to return to an earlier version.
	Approve = "studio:approve"
	// Publish allows to publish a file without a second person.
	Publish = "studio:publish"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Read, Roles: []string{"designer", "service-approver", "agency-admin", "administrator", "auditor"}},
	{Code: Design, Roles: []string{"designer"}},
	{Code: Approve, Roles: []string{"service-approver"}},
	{Code: Publish, Roles: []string{"agency-admin", "administrator"}},
}
