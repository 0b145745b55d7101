package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"digit/cmd/digit/app"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
)

type packImportCmd struct {
	File   string `arg:"" type:"existingfile" help:"The service."`
	Tenant string `required:"" help:"Tenant, such as cv."`
}

// Run begins a draft of the file.
func (c packImportCmd) Run(ctx context.Context, k *kong.Context, cfg *app.Config) error {
	source, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return inTenant(ctx, cfg, c.Tenant, func(ctx context.Context, tx *pg.Tx, a *app.App) error {
		d, err := a.Studio.BeginFile(ctx, tx, identity.Principal{}, source)
		if err == nil {
			fmt.Fprintf(k.Stdout, "%s is in the Studio: /studio/%s\n", d.Code, d.ID)
		}
		return err
	})
}

type packExportCmd struct {
	Service string `arg:"" help:"Code of the service."`
	Tenant  string `required:"" help:"Tenant, such as cv."`
	Version int    `help:"A published version; the newest when left out."`
	Draft   bool   `help:"The draft in the Studio, instead of what is published."`
}

// Run prints a service.
func (c packExportCmd) Run(ctx context.Context, k *kong.Context, cfg *app.Config) error {
	return inTenant(ctx, cfg, c.Tenant, func(ctx context.Context, tx *pg.Tx, a *app.App) error {
		p, err := c.pack(ctx, tx, a)
		if err != nil {
			return err
		}
		source, err := servicespec.Print(p)
		if err != nil {
			return err
		}
		_, err = k.Stdout.Write(source)
		return err
	})
}

func (c packExportCmd) pack(ctx context.Context, tx *pg.Tx, a *app.App) (*servicespec.Pack, error) {
	if !c.Draft {
		p, err := a.Catalog.Pack(ctx, tx, c.Service, c.Version)
		return &p, err
	}
	d, found, err := a.Studio.DraftOf(ctx, tx, identity.Principal{}, c.Service)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, studio.ErrUnknown.With("service", c.Service)
	}
	_, p, err := a.Studio.Open(ctx, tx, identity.Principal{}, d.ID)
	return p, err
}

// inTenant runs work as the system in a tenant, without serving anything.
func inTenant(ctx context.Context, cfg *app.Config, slug string, work func(context.Context, *pg.Tx, *app.App) error) (err error) {
	cfg.Listen = "localhost:0"
	a, err := app.Open(ctx, *cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	t, err := a.DB.TenantBySlug(ctx, slug)
	if err != nil {
		return err
	}
	return a.DB.InTx(ctx, pg.Scope{Tenant: t.ID, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error { return work(ctx, tx, a) })
}
