// Package tenancy knows the tenants of this house: states, cities or exercises that share one process and one database
// and see nothing of each other. It keeps what each is called, speaks, pays in and looks like; the directory itself
// (short name, kind, host, clock) is the platform's, since it is read before a tenant is known.
//
// Wording keeps what a tenant says otherwise than the product, and the languages it adds. The texts of a tenant are compiled once a
// process and version: the version stands in the settings, which every page reads anyway, so that a change is seen by all processes with
// the next page and costs no question to the database in between.
//
// Tables: setting, one row a tenant; language, wording; wording_act and wording_change, the history of the wording. No events, no
// jobs. Nothing here is personal.
package tenancy
