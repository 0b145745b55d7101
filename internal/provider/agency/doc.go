// Package agency knows the agencies that provide services: their names, where their offices are and when they are
// open, which positions they have, and who works where. What a person may do is identity's business (grants): a position
// only carries the codes of roles, which whoever holds it is given for that time, and loses with it; who stands in for a holder who is
// away has them for the time of the absence.
//
// Tables: agency.agency, agency.office, agency.staff, agency.position, agency.holding, agency.absence, agency.import,
// agency.import_row. It publishes no events. Jobs: agency.run_import does or undoes the rows of a table, agency.forget_import removes what
// is kept of one after its time.
package agency
