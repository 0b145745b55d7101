package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"digit/internal/infra/platform/fault"
)

var errPaid = fault.Conflict("payment.demand.already_paid")

func TestACopyStillMatchesItsSentinel(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("settling: %w", errPaid.With("number", "R-1").WithFields(fault.Field{Path: "amount", Code: "required"}))
	if !errors.Is(err, errPaid) {
		t.Fatalf("%v does not match its sentinel", err)
	}
	got := fault.Of(err)
	if got.Kind != fault.KindConflict || got.Args["number"] != "R-1" || len(got.Fields) != 1 {
		t.Fatalf("got %+v", got)
	}
	if errPaid.Args != nil || errPaid.Fields != nil {
		t.Fatal("the sentinel was changed by its copy")
	}
}

func TestAnUnknownErrorIsInternalAndKeepsItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	got := fault.Of(cause)
	if got.Kind != fault.KindInternal || !errors.Is(got, cause) {
		t.Fatalf("got %+v", got)
	}
	if fault.Of(nil) != nil {
		t.Fatal("nil is not a fault")
	}
}

func TestWrapSaysWhatWasDone(t *testing.T) {
	t.Parallel()
	do := func() (err error) {
		defer fault.Wrap(&err, "payment.Raise(%d)", 7)
		return errPaid
	}
	if got, want := do().Error(), "payment.Raise(7): conflict: payment.demand.already_paid"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}
