// Package agency knows the agencies that provide services: their names, where their offices are and when they are
// open, which positions they have, and who works where. What a person may do is identity's business (grants): a position
// only carries the codes of roles, which whoever holds it is given for that time, and loses with it.
//
// Tables: agency.agency, agency.office, agency.staff, agency.position, agency.holding. It publishes no events and has no jobs.
package agency
