package identity_test

import (
	"context"
	"testing"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

// BenchmarkSession looks a session up as every request does: one transaction that reads its tenant's clock, one query.
func BenchmarkSession(b *testing.B) {
	root, _, err := encryption.NewRoot()
	if err != nil {
		b.Fatal(err)
	}
	db, box := pgtest.New(b), &postbox{}
	tenant := pgtest.Tenant(b, db)
	service := identity.New(identity.Deps{Encryption: encryption.New(encryption.Deps{Root: root}), Tenancy: fixed{}, Codes: box})
	in := func(readOnly bool, work func(ctx context.Context, tx *pg.Tx) error) {
		scope := pg.Scope{Tenant: tenant, Actor: pg.Actor{Kind: "anonymous"}, ReadOnly: readOnly}
		if err := db.InTx(context.Background(), scope, work); err != nil {
			b.Fatal(err)
		}
	}
	var token string
	in(false, func(ctx context.Context, tx *pg.Tx) error {
		code, err := service.StartCode(ctx, tx, sms)
		if err != nil {
			return err
		}
		signedIn, err := service.FinishCode(ctx, tx, code, box.sent[0].Code)
		token = signedIn.Token
		return err
	})
	b.ResetTimer()
	for b.Loop() {
		in(true, func(ctx context.Context, tx *pg.Tx) error {
			_, err := service.Session(ctx, tx, token)
			return err
		})
	}
}

// fixed is a tenant whose settings are read from nowhere.
type fixed struct{}

func (fixed) Settings(context.Context, *pg.Tx) (tenancy.Settings, error) {
	return tenancy.Settings{Languages: []string{"pt"}, DefaultLanguage: "pt", PhoneRegion: "CV"}, nil
}
