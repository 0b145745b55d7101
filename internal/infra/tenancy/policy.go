package tenancy

import "digit/internal/infra/platform/policy"

// Policy lists this module's permissions.
var Policy = []policy.Permission{
	{Code: "tenancy:change", Roles: []string{"administrator"}},
	{Code: "tenancy:translate", Roles: []string{"administrator"}},
	{Code: "tenancy:clock", Roles: []string{"administrator"}},
	{Code: "tenancy:create"}, // by the operator of the installation, not by a role inside a tenant
}
