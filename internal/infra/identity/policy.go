package identity

import "digit/internal/infra/platform/policy"

// The permissions that this module itself asks for.
const (
	permissionRead       = "identity:read"
	permissionManage     = "identity:manage"
	permissionMachines   = "identity:machines"
	permissionBreakGlass = "identity:break-glass"
	permissionVisit      = "identity:visit"
	permissionBusinesses = "identity:businesses"
)

// Businesses lets its holder say who may act for a business, where it counts in the whole tenant.
const Businesses = permissionBusinesses

// Policy lists this module's permissions.
var Policy = []policy.Permission{
	{Code: permissionRead, Roles: []string{"administrator", "agency-admin", "auditor"}},
	{Code: permissionManage, Roles: []string{"administrator", "agency-admin"}},
	{Code: permissionMachines, Roles: []string{"administrator", "agency-admin"}},
	{Code: permissionBreakGlass, Roles: []string{"administrator", "agency-admin", "registrar", "licence-manager", "lighting-dispatcher"}},
	{Code: permissionVisit, Roles: []string{"desk-operator", "desk-supervisor"}},
	{Code: permissionBusinesses, Roles: []string{"administrator"}},
}

// DefaultRoles are the codes of the roles that a new tenant gets.
var DefaultRoles = []string{
	"citizen", "registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer", "lighting-dispatcher",
	"lighting-technician", "agency-admin", "analyst", "administrator", "auditor",
	"designer", "service-approver", "desk-operator", "desk-supervisor",
}
