package orchestration

import (
	"context"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

func (s *Service) sealedOpinions(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageOpinions(ctx, tx, orchestrationdb.PageOpinionsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			o, err := db.LockOpinion(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			p := orchestrationdb.SetOpinionSealedParams{ID: r.ID}
			if p.Words, err = s.deps.Sealer.Reseal(ctx, tx, o.PersonID, opinionPlace("words", r.ID), o.Words); err != nil {
				return err
			}
			if p.Files, err = s.deps.Sealer.Reseal(ctx, tx, o.PersonID, opinionPlace("files", r.ID), o.Files); err != nil {
				return err
			}
			return db.SetOpinionSealed(ctx, tx, p)
		}, r.Words, r.Files))
	}
	return rows, err
}

func (s *Service) sealedConsultations(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageConsultations(ctx, tx, orchestrationdb.PageConsultationsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := db.LockConsultation(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			p := orchestrationdb.SetConsultationSealedParams{ID: r.ID}
			if p.Shown, err = s.deps.Sealer.Reseal(ctx, tx, c.PersonID, consultationPlace("shown", r.ID), c.Shown); err != nil {
				return err
			}
			if p.Words, err = s.deps.Sealer.Reseal(ctx, tx, c.PersonID, consultationPlace("words", r.ID), c.Words); err != nil {
				return err
			}
			if p.Files, err = s.deps.Sealer.Reseal(ctx, tx, c.PersonID, consultationPlace("files", r.ID), c.Files); err != nil {
				return err
			}
			return db.SetConsultationSealed(ctx, tx, p)
		}, r.Shown, r.Words, r.Files))
	}
	return rows, err
}
