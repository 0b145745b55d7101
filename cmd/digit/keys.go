package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"digit/cmd/digit/app"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

type keysCmd struct {
	List       keysListCmd       `cmd:"" help:"List the keys of tenants."`
	Status     keysStatusCmd     `cmd:"" help:"Show where the root key is kept and which keys are being changed."`
	Rotate     keysRotateCmd     `cmd:"" help:"Begin to change a key of a tenant; the running platform does the work."`
	RotateRoot keysRotateRootCmd `cmd:"" name:"rotate-root" help:"Put another root key in the place of the present one."`
}

// withKeys opens the installation and fails where the root key cannot be had.
func withKeys(ctx context.Context, c *app.Config, work func(*app.Inspection) error) (err error) {
	c.LogLevel = "error"
	i, err := app.Inspect(ctx, *c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.Close(context.WithoutCancel(ctx))) }()
	return work(i)
}

// eachTenant looks at one tenant, or at all where no name is given.
func eachTenant(ctx context.Context, i *app.Inspection, slug string, look func(context.Context, *pg.Tx, pg.TenantRow) error) error {
	tenants, err := i.DB.Tenants(ctx)
	if slug != "" {
		var one pg.TenantRow
		one, err = i.DB.TenantBySlug(ctx, slug)
		tenants = []pg.TenantRow{one}
	}
	if err != nil {
		return err
	}
	for _, t := range tenants {
		scope := pg.Scope{Tenant: t.ID, Actor: pg.System(), ReadOnly: true}
		if err := i.DB.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return look(ctx, tx, t) }); err != nil {
			return err
		}
	}
	return nil
}

// columns writes a table to the terminal.
func columns(write func(io.Writer) error) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	return errors.Join(write(w), w.Flush())
}

type keysListCmd struct {
	Tenant string `arg:"" optional:"" help:"Tenant, such as cv; all when left out."`
}

// Run lists the keys.
func (c keysListCmd) Run(ctx context.Context, cfg *app.Config) error {
	return withKeys(ctx, cfg, func(i *app.Inspection) error {
		return columns(func(w io.Writer) error {
			fmt.Fprintln(w, "TENANT\tKEY\tID\tSTATE\tSINCE\tCHANGE BY")
			return eachTenant(ctx, i, c.Tenant, func(ctx context.Context, tx *pg.Tx, t pg.TenantRow) error {
				keys, err := i.Encryption.TenantKeys(ctx, tx)
				if err != nil {
					return err
				}
				for _, k := range keys {
					for _, v := range k.Keys {
						due := ""
						if v == k.Active() {
							due = k.Due.Format(time.DateOnly)
						}
						fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.Slug, k.Purpose, v.Key, v.State, v.CreatedAt.Format(time.DateOnly), due)
					}
				}
				signing, err := i.Encryption.SigningKeys(ctx, tx, encryption.SigningFilter{})
				for _, k := range signing {
					due := ""
					if k.State == encryption.KeyActive {
						due = k.CreatedAt.Add(encryption.SigningLifetime).Format(time.DateOnly)
					}
					fmt.Fprintf(w, "%s\t%s/%s\t%s\t%s\t%s\t%s\n", t.Slug, k.Signer.Owner, k.Signer.Use, k.ID, k.State, k.CreatedAt.Format(time.DateOnly), due)
				}
				return err
			})
		})
	})
}

type keysStatusCmd struct{}

// Run shows how things stand; it fails where the root key cannot be had.
func (keysStatusCmd) Run(ctx context.Context, cfg *app.Config) error {
	return withKeys(ctx, cfg, func(i *app.Inspection) error {
		root := i.Encryption.Custody()
		if root.Sealed {
			return fmt.Errorf("the root key cannot be had from %s: %w", root.Kept, root.Why)
		}
		fmt.Printf("root key %s, kept in %s\n", root.Root, root.Kept)
		if root.Moved() {
			fmt.Printf("  %s has followed it: start the processes with that one, then run: digit keys rotate-root --close\n", root.Active)
		}
		return eachTenant(ctx, i, "", func(ctx context.Context, tx *pg.Tx, t pg.TenantRow) error {
			open, err := i.Encryption.OpenRotations(ctx, tx)
			for _, p := range open {
				showRotation(t.Slug, p)
			}
			return err
		})
	})
}

func showRotation(slug string, p encryption.Progress) {
	state := string(p.State)
	if p.Paused {
		state = "paused"
	}
	fmt.Printf("%s: %s %s → %s, %s, %d of %d left\n", slug, p.Purpose, p.OldKey, p.NewKey, state, p.Remaining, p.Total)
	for _, c := range p.Columns {
		if c.Remaining > 0 || c.Unreadable > 0 {
			fmt.Printf("  %s: %d left, %d unreadable\n", c.Name, c.Remaining, c.Unreadable)
		}
	}
}

type keysRotateCmd struct {
	Tenant string `arg:"" help:"Tenant, such as cv."`
	Key    string `arg:"" help:"seal (what is stored), index (searches), mac (codes and tokens), api (other systems), record (addresses in the audit record), or AGENCY/USE for a signing key."`
	Watch  bool   `help:"Stay until the work is done."`
}

// Run begins the change.
func (c keysRotateCmd) Run(ctx context.Context, cfg *app.Config) error {
	return withKeys(ctx, cfg, func(i *app.Inspection) error {
		tenant, err := i.DB.TenantBySlug(ctx, c.Tenant)
		if err != nil {
			return err
		}
		in := func(work func(context.Context, *pg.Tx) error) error {
			return i.DB.InTx(ctx, pg.Scope{Tenant: tenant.ID, Actor: pg.System()}, work)
		}
		if owner, use, ok := strings.Cut(c.Key, "/"); ok {
			by := encryption.Signer{Owner: owner, Use: encryption.Use(use)}
			if err := in(func(ctx context.Context, tx *pg.Tx) error {
				have, err := i.Encryption.SigningKeys(ctx, tx, encryption.SigningFilter{Owner: owner, Use: by.Use})
				if err == nil && len(have) == 0 {
					err = fmt.Errorf("%s has no key to change", c.Key)
				}
				if err != nil {
					return err
				}
				return i.Encryption.RotateSigning(ctx, tx, by)
			}); err != nil {
				return err
			}
			fmt.Printf("the next key of %s is published and signs in 24 hours\n", c.Key)
			return nil
		}
		var id uuid.UUID
		if err := in(func(ctx context.Context, tx *pg.Tx) (err error) {
			id, err = i.Encryption.Rotate(ctx, tx, encryption.Purpose(c.Key), uuid.Nil)
			return err
		}); err != nil {
			return err
		}
		fmt.Printf("%s: the change of %s has begun (%s)\n", c.Tenant, c.Key, id)
		if !c.Watch {
			return nil
		}
		return watch(ctx, c.Tenant, func() (p encryption.Progress, err error) {
			err = in(func(ctx context.Context, tx *pg.Tx) (err error) {
				p, err = i.Encryption.Rotation(ctx, tx, id)
				return err
			})
			return p, err
		})
	})
}

// watch prints how far a change is until there is nothing left to do.
func watch(ctx context.Context, slug string, look func() (encryption.Progress, error)) error {
	for last := ""; ; {
		p, err := look()
		if err != nil {
			return err
		}
		if now := fmt.Sprint(p.State, p.Paused, p.Remaining); now != last {
			last = now
			showRotation(slug, p)
		}
		if p.State == encryption.Blocked {
			return errors.New("some rows cannot be read: see the page of keys in the console")
		}
		if !p.State.Working() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

type keysRotateRootCmd struct {
	To    string `placeholder:"PLACE" help:"Where the new root key is kept: file:PATH, vault:URL or pkcs11:URI; the same keystore when left out."`
	Close bool   `help:"End the change, once all processes run with the new root key: the old one opens nothing any more."`
}

// Run changes the root key, or ends a change. It may be interrupted and run again.
func (c keysRotateRootCmd) Run(ctx context.Context, cfg *app.Config) error {
	return withKeys(ctx, cfg, func(i *app.Inspection) error {
		if c.Close {
			closed, err := i.Encryption.CloseRoot(ctx, i.DB)
			if err != nil {
				return err
			}
			fmt.Println("closed. Only backups need what was kept before in:", strings.Join(closed, ", "))
			return nil
		}
		place := c.To
		if place == "" {
			place = cfg.RootKey
		}
		if place == "" {
			return errors.New("say by --to where the new root key is kept")
		}
		to, err := app.ParseRootKey(place)
		if err != nil {
			return err
		}
		if err := i.Encryption.RotateRoot(ctx, i.DB, to, showRoot); err != nil {
			return err
		}
		fmt.Printf("Start all processes with --root-key=%s, then run: digit keys rotate-root --close --root-key=%s\n", place, place)
		return nil
	})
}

func showRoot(p encryption.RootProgress) {
	switch {
	case p.Step == "done":
		fmt.Printf("%s → %s: done\n", p.From, p.To)
	case p.Wait > 0:
		fmt.Printf("%s → %s: %s, %s until all processes know\n", p.From, p.To, p.Step, p.Wait.Round(time.Second))
	default:
		fmt.Printf("%s → %s: %d of %d tenants\n", p.From, p.To, p.Done, p.Tenants)
	}
}
