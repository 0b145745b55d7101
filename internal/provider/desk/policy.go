package desk

import "digit/internal/infra/platform/policy"

// Permissions of this module. Each counts at the offices where its holder works.
const (
	// Use allows to serve people at a counter.
	Use = "desk:use"
	// Supervise allows to look after an office's counters: to approve the close of a till, to give back, to settle cheques.
	Supervise = "desk:supervise"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: Use, Roles: []string{"desk-operator", "desk-supervisor"}},
	{Code: Supervise, Roles: []string{"desk-supervisor"}},
}
