package pg

import "errors"

// kept marks an error that does not undo the work.
type kept struct{ error }

// Unwrap returns the error itself.
func (k kept) Unwrap() error { return k.error }

// Keep marks err as an answer rather than a failure: InTx returns it, yet commits what was written before. It is for
// refusals that must leave a trace, such as counting a wrong one-time code; nothing else of the unit of work should
// have been written by then. Keep(nil) is nil.
func Keep(err error) error {
	if err == nil {
		return nil
	}
	return kept{err}
}

func isKept(err error) bool {
	var k kept
	return errors.As(err, &k)
}
