package orchestration

import "digit/internal/infra/platform/policy"

// Permissions of this module.
const (
	// Read allows to see applications of the agency with the answers in them. Each reading is audited.
	Read = "orchestration:read"
	// ReadSpecial allows to see the answers of a special kind too: health, faith, origin.
	ReadSpecial = "orchestration:read_special"
	// Reveal allows to have such an answer shown for a reason, one at a time. Each is audited.
	Reveal = "orchestration:reveal"
	// WriteTo allows to write to who has applied, in the agency and for the area.
	WriteTo = "orchestration:message"
	// Advise allows to give the opinion of an agency that another asks for, and to see what it is shown. Each reading is audited.
	Advise = "orchestration:advise"
)

// Policy lists the permissions of this module. Who may act on an application stands in the service's definition.
var Policy = []policy.Permission{
	{Code: Read, Roles: []string{
		"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer",
		"lighting-dispatcher", "lighting-technician", "auditor",
	}},
	{Code: ReadSpecial, Roles: []string{"registrar", "licence-manager"}},
	{Code: WriteTo, Roles: []string{
		"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer", "lighting-dispatcher", "lighting-technician",
	}},
	{Code: Advise, Roles: []string{"registry-clerk", "registrar", "licence-clerk", "licence-manager", "field-officer", "lighting-dispatcher", "lighting-technician"}},
	{Code: Reveal, Roles: []string{"registry-clerk", "licence-clerk", "field-officer", "lighting-dispatcher"}},
}
