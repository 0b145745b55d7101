package catalog

import "digit/internal/infra/platform/policy"

// Permissions of this module.
const (
	// Publish allows to publish a service of the agency, to withdraw and to restore it.
	Publish = "catalog:publish"
	// Read allows to see withdrawn services and older versions. Published services are public.
	Read = "catalog:read"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Publish, Roles: []string{"service-approver", "agency-admin", "administrator"}},
	{Code: Read, Roles: []string{
		"designer", "service-approver",
		"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer",
		"lighting-dispatcher", "lighting-technician", "agency-admin", "analyst", "administrator", "auditor",
	}},
}
