package workflow_test

import (
	"context"
	"testing"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow"
)

// BenchmarkAct is an officer's act in one transaction, on a case with a history.
func BenchmarkAct(b *testing.B) {
	o := setupFor(b, permit(b))
	by := officer(grant("clerk", "works", ""))
	i := o.start("X-N")
	if err := o.claim(by, i.ID, i.Rev); err != nil {
		b.Fatal(err)
	}
	rev := i.Rev + 1
	for b.Loop() {
		if err := o.try(func(ctx context.Context, tx *pg.Tx) error {
			m, err := o.flow.Act(ctx, tx, workflow.Act{Instance: i.ID, Action: "again", By: by, Rev: rev})
			rev = m.Instance.Rev
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}
