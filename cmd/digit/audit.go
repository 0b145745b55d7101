package main

import (
	"context"
	"errors"
	"fmt"

	"digit/cmd/digit/app"
	"digit/internal/infra/audit"
	"digit/internal/infra/platform/pg"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check every tenant's audit trail; exits with 1 when a row was altered, removed or moved."`
}

type auditVerifyCmd struct{}

// Run checks the trails.
func (auditVerifyCmd) Run(ctx context.Context, c *app.Config) error {
	broken := false
	err := withPool(ctx, c, func(ctx context.Context, db *pg.DB) error {
		tenants, err := db.Tenants(ctx)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			err := db.InTx(ctx, pg.Scope{Tenant: t.ID, Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
				r, err := audit.New(audit.Deps{}).Verify(ctx, tx)
				fmt.Printf("%s: %d rows, %d sealed, %d broken\n", t.Slug, r.Rows, r.Sealed, len(r.Broken))
				for _, b := range r.Broken {
					broken = true
					fmt.Println("  ", b)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && broken {
		err = errors.New("the audit trail was tampered with")
	}
	return err
}

func withPool(ctx context.Context, c *app.Config, work func(context.Context, *pg.DB) error) error {
	return withDatabase(ctx, c, func(ctx context.Context, d app.Database) error {
		db, err := d.Pool(ctx, c.Logger())
		if err != nil {
			return err
		}
		defer db.Close()
		return work(ctx, db)
	})
}
