// Package policy has the shape in which a module declares its permissions, so that the console can render one list
// and a role can be made of codes.
package policy

// Permission is one thing that may be allowed: Code is "module:action" ("payment:refund"), Roles the codes of the
// roles that have it in a new tenant. Names for people stand in the message catalogue under "permission." + Code.
type Permission struct {
	Code  string
	Roles []string
}

// ForRole returns the codes of the permissions that a role has by default, in the order given.
func ForRole(role string, all ...[]Permission) []string {
	var codes []string
	for _, list := range all {
		for _, p := range list {
			for _, r := range p.Roles {
				if r == role {
					codes = append(codes, p.Code)
				}
			}
		}
	}
	return codes
}
