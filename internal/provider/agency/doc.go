// Package agency knows the agencies that provide services: their names, where their offices are and when they are
// open, and who works in which of them. What a person may do there is identity's business (grants); agency only says
// where somebody belongs.
//
// Tables: agency.agency, agency.office, agency.staff. It publishes no events and has no jobs.
package agency
