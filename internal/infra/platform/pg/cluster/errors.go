package cluster

import (
	"errors"
	"fmt"

	"digit/internal/infra/platform/fault"
)

// What can stand in the way, to be told apart with errors.Is. The sentence for people is in Problem.
var (
	// ErrRunning says that another process uses the data folder.
	ErrRunning = fault.Conflict("cluster.running")
	// ErrNoServer says that PostgreSQL's programs were not found.
	ErrNoServer = fault.Unavailable("cluster.no_server")
	// ErrVersion says that the programs found cannot run the data that is there.
	ErrVersion = fault.Conflict("cluster.version")
	// ErrFolder says that a folder cannot be used: not reachable, not writable or somebody else's.
	ErrFolder = fault.Forbidden("cluster.folder")
	// ErrUser says that there is no operating system user the server could run as.
	ErrUser = fault.Unavailable("cluster.user")
	// ErrStart says that PostgreSQL would not start; the sentence carries the end of its log.
	ErrStart = fault.Unavailable("cluster.start")
	// ErrDied says that PostgreSQL ended without having been asked to.
	ErrDied = fault.Unavailable("cluster.died")
)

// Problem is a failure told in sentences for the person at the terminal. It matches one of the sentinels.
type Problem struct {
	Is    *fault.Error
	Text  string // what is wrong and what to do about it; may have several lines
	Cause error
}

// Error returns the sentences, and the cause behind them.
func (p *Problem) Error() string {
	if p.Cause != nil {
		return p.Text + " (" + p.Cause.Error() + ")"
	}
	return p.Text
}

// Unwrap returns the sentinel and the cause.
func (p *Problem) Unwrap() []error {
	if p.Cause != nil {
		return []error{p.Is, p.Cause}
	}
	return []error{p.Is}
}

func problem(is *fault.Error, cause error, format string, args ...any) error {
	return &Problem{Is: is, Text: fmt.Sprintf(format, args...), Cause: cause}
}

// wrap adds what was being done, except to a Problem, which is already a sentence for a person.
func wrap(errp *error, format string, args ...any) {
	var p *Problem
	if !errors.As(*errp, &p) {
		fault.Wrap(errp, format, args...)
	}
}
