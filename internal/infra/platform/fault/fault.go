// Package fault is the one shape of an expected failure. A module says what went wrong by a kind and a
// stable code; the edge (web, API, jobs) turns the kind into a status and the code into a sentence in the
// reader's language. What is not a fault is a defect or an outage, and its text never reaches a person.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Kind says what sort of failure it is, and with that what a caller can do about it.
type Kind int

// The kinds, by what the caller can do.
const (
	KindInternal        Kind = iota // nothing: a defect, logged with a reference
	KindInvalid                     // mend the input
	KindUnauthenticated             // sign in
	KindForbidden                   // ask somebody who may
	KindNotFound                    // look elsewhere
	KindConflict                    // look again: somebody acted meanwhile, or it was done already
	KindTooMany                     // wait
	KindUnavailable                 // try again: a part of the system is away
	KindUnsupported                 // not offered here
)

var kindNames = map[Kind]string{
	KindInternal: "internal", KindInvalid: "invalid", KindUnauthenticated: "unauthenticated",
	KindForbidden: "forbidden", KindNotFound: "not_found", KindConflict: "conflict",
	KindTooMany: "too_many", KindUnavailable: "unavailable", KindUnsupported: "unsupported",
}

// String returns the kind's name, such as "not_found".
func (k Kind) String() string { return kindNames[k] }

// RetryAfter is the argument of a KindTooMany that says after how many seconds another try makes sense.
const RetryAfter = "retry_after"

// Field is one input at fault: Path names it ("applicant.phone"), Code is the reason, whose sentence
// stands in the message catalogue under "error." + Code.
type Field struct {
	Path string
	Code string
	Args map[string]any
}

// Error is an expected failure. Code is stable ("payment.demand.already_paid") and part of the API.
type Error struct {
	Kind   Kind
	Code   string
	Args   map[string]any
	Fields []Field
	Cause  error
}

// Error returns kind, code and cause, for logs; people get the catalogue's sentence.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Code
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s %s]", f.Path, f.Code)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is an Error of the same code, so that a copy made by With still matches its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Key is the catalogue key of the sentence for people.
func (e *Error) Key() string { return "error." + e.Code }

// With returns a copy with arguments for the sentence, given as key, value, key, value….
func (e *Error) With(pairs ...any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return &c
}

// WithFields returns a copy that names the inputs at fault.
func (e *Error) WithFields(fields ...Field) *Error {
	c := *e
	c.Fields = append(slices.Clone(e.Fields), fields...)
	return &c
}

// Because returns a copy that wraps cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

func sentinel(k Kind, code string) *Error { return &Error{Kind: k, Code: code} }

// Invalid is a sentinel for input that cannot be accepted.
func Invalid(code string) *Error { return sentinel(KindInvalid, code) }

// Unauthenticated is a sentinel for a caller who is not signed in.
func Unauthenticated(code string) *Error { return sentinel(KindUnauthenticated, code) }

// Forbidden is a sentinel for a caller who may not.
func Forbidden(code string) *Error { return sentinel(KindForbidden, code) }

// NotFound is a sentinel for what is not there, or not there for this caller.
func NotFound(code string) *Error { return sentinel(KindNotFound, code) }

// Conflict is a sentinel for an act that the present state does not allow.
func Conflict(code string) *Error { return sentinel(KindConflict, code) }

// TooMany is a sentinel for a limit reached.
func TooMany(code string) *Error { return sentinel(KindTooMany, code) }

// Unavailable is a sentinel for a part of the system that is away.
func Unavailable(code string) *Error { return sentinel(KindUnavailable, code) }

// Unsupported is a sentinel for what is not offered here.
func Unsupported(code string) *Error { return sentinel(KindUnsupported, code) }

// Of returns the Error in err's chain, or an internal one that wraps err; nil for nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: KindInternal, Code: "internal", Cause: err}
}

// Wrap adds what was being done to *errp, if there is an error. Use: defer fault.Wrap(&err, "payment.Raise(%s)", id).
func Wrap(errp *error, format string, args ...any) {
	if *errp != nil {
		*errp = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *errp)
	}
}
