// Package cluster runs a PostgreSQL of DIGIT's own, for the installation that was given no DATABASE_URL:
// one folder, one process that is our child, one unix socket and no TCP port, no password and no trust.
//
// The data folder holds
//
//	lock           held by flock while a DIGIT uses the folder; names its process and its address
//	postgres/      the cluster itself, owned by the user the server runs as
//	postgres.log   the server's log, turned over at start when it has grown
//	run/           the socket (in a short folder elsewhere when the path would be too long for a socket)
//	pgbin/         PostgreSQL's programs, when they had to be fetched
//
// The server never runs as root: started by root it becomes user postgres, else nobody. The system's
// own peer authentication lets exactly two operating system users in, that of DIGIT and that of the server,
// and lets them be the roles postgres (superuser), digit_owner and digit_app.
//
// Only one process may use a folder at a time, and that lock is what makes it safe to clean up after a run
// that was killed: whatever still works in the folder while we hold the lock has been left behind.
//
// Runs on Linux and macOS.
package cluster
