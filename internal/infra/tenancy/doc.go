// Package tenancy knows the tenants of this house: states, cities or exercises that share one process and one database
// and see nothing of each other. It keeps what each is called, speaks, pays in and looks like; the directory itself
// (short name, kind, host, clock) is the platform's, since it is read before a tenant is known.
//
// Tables: setting, one row a tenant. No events, no jobs. Nothing here is personal.
package tenancy
