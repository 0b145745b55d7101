package workflow

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow/internal/workflowdb"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{{Name: "workflow.transition.comment, findings, because", Owner: encryption.People, Page: s.sealedComments}}
}

// rowKey is the key of a transition, as the key of a row.
type rowKey struct {
	instance uuid.UUID
	rev      int64
}

func (k rowKey) String() string { return fmt.Sprintf("%s/%d", k.instance, k.rev) }

// parseRowKey reads what String wrote; "" is the transition before all.
func parseRowKey(key string) (k rowKey) {
	if len(key) > 37 {
		k.instance, _ = uuid.Parse(key[:36])
		_, _ = fmt.Sscan(key[37:], &k.rev)
	}
	return k
}

func (s *Service) sealedComments(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseRowKey(of.After)
	found, err := db.PageComments(ctx, tx, workflowdb.PageCommentsParams{Person: of.Person, Instance: after.instance, Rev: after.rev, Size: of.Limit})
	for _, r := range found {
		k := rowKey{r.InstanceID, r.Rev}
		rows = append(rows, encryption.Row{Key: k.String(), Heads: [][]byte{r.Comment, r.Findings, r.Because}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			return s.renew(ctx, tx, k)
		}})
	}
	return rows, err
}

// renew seals what a transition keeps again.
func (s *Service) renew(ctx context.Context, tx *pg.Tx, k rowKey) error {
	t, err := db.LockComment(ctx, tx, workflowdb.LockCommentParams{InstanceID: k.instance, Rev: k.rev})
	if err != nil {
		return err
	}
	p := workflowdb.SetCommentParams{InstanceID: k.instance, Rev: k.rev}
	for _, part := range []struct {
		place  encryption.Place
		sealed []byte
		into   *[]byte
	}{
		{commentPlace(k.instance), t.Comment, &p.Comment}, {findingsPlace(k.instance), t.Findings, &p.Findings}, {becausePlace(k.instance), t.Because, &p.Because},
	} {
		if *part.into, err = s.sealer.Reseal(ctx, tx, t.PersonID, part.place, part.sealed); err != nil {
			return err
		}
	}
	return db.SetComment(ctx, tx, p)
}
