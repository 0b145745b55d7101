package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/cmd/digit/app"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

type adminCmd struct {
	InitDB       initDBCmd       `cmd:"" name:"init-db" help:"Make the roles and the database on a PostgreSQL server."`
	CreateTenant createTenantCmd `cmd:"" name:"create-tenant" help:"Create a tenant with its roles and first administrator."`
	Mail         mailCmd         `cmd:"" help:"Set the mail server of a tenant."`
	ResetSignIn  resetSignInCmd  `cmd:"" name:"reset-sign-in" help:"Take passkeys, authenticator app and password away from a member of staff who has lost them."`
}

type initDBCmd struct {
	SuperURL string `name:"super-url" required:"" help:"Connection that may create roles and databases." placeholder:"URL"`
	Database string `default:"digit" help:"Name of the database."`
}

// Run prepares the server. Roles get no password: see docs/operating.md.
func (c initDBCmd) Run(ctx context.Context) error {
	return migrate.InitDB(ctx, c.SuperURL, c.Database)
}

type createTenantCmd struct {
	Slug     string   `arg:"" help:"Short name in addresses, such as cv."`
	Name     string   `required:"" help:"Name of the state or authority."`
	Kind     string   `enum:"production,sandbox,demo" default:"production" help:"production, sandbox or demo."`
	Host     string   `help:"Host name people reach it by."`
	Lang     []string `name:"languages" default:"en" help:"Languages, the default first."`
	Currency string   `required:"" help:"Currency (ISO 4217)."`
	Zone     string   `required:"" help:"Time zone, such as Atlantic/Cape_Verde."`
	Region   string   `required:"" help:"Country of telephone numbers (ISO 3166), such as CV."`
	Admin    string   `required:"" help:"Name of the first administrator."`
	Email    string   `required:"" help:"E-mail address of the first administrator, who signs in by a code sent there."`
}

// Run creates the tenant.
func (c createTenantCmd) Run(ctx context.Context, cfg *app.Config) (err error) {
	cfg.Listen = "localhost:0"
	a, err := app.Open(ctx, *cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	tenant, err := a.Tenancy.Create(ctx, a.DB, tenancy.NewTenant{Slug: c.Slug, Kind: c.Kind, Host: c.Host, Settings: tenancy.Settings{
		Name: i18n.Text{c.Lang[0]: c.Name}, Languages: c.Lang, DefaultLanguage: c.Lang[0], Currency: c.Currency, Zone: c.Zone, PhoneRegion: c.Region,
		UndoSeconds: tenancy.UsualUndo,
	}})
	if err != nil {
		return err
	}
	if err := c.furnish(ctx, a, tenant); err != nil {
		return err
	}
	fmt.Printf("tenant %s created: %s signs in with %s\n", c.Slug, c.Admin, c.Email)
	return nil
}

func (c createTenantCmd) furnish(ctx context.Context, a *app.App, tenant uuid.UUID) error {
	return a.DB.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		if err := a.SeedRoles(ctx, tx); err != nil {
			return err
		}
		admin, err := a.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: c.Admin, Email: c.Email, Lang: c.Lang[0]})
		if err != nil {
			return err
		}
		return a.Identity.Grant(ctx, tx, admin, "administrator", "", "")
	})
}

type mailCmd struct {
	Slug     string `arg:"" help:"Tenant, such as cv."`
	Host     string `required:"" help:"Mail server."`
	Port     int    `default:"587" help:"Its port."`
	User     string `help:"User name, where the server wants one."`
	Password string `env:"DIGIT_SMTP_PASSWORD" help:"Password; better given in the environment."`
	From     string `required:"" help:"Address that messages come from."`
	TLS      string `enum:"starttls,tls,none" default:"starttls" help:"starttls, tls or none."`
}

// Run sets the provider; messages that waited for one are sent.
func (c mailCmd) Run(ctx context.Context, cfg *app.Config) (err error) {
	i, err := app.Inspect(ctx, *cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.Close(context.WithoutCancel(ctx))) }()
	tenant, err := i.DB.TenantBySlug(ctx, c.Slug)
	if err != nil {
		return err
	}
	return i.DB.InTx(ctx, pg.Scope{Tenant: tenant.ID, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		return i.Notification.PutProvider(ctx, tx, notification.Provider{Channel: "email", Kind: "smtp", Settings: map[string]string{
			"host": c.Host, "port": strconv.Itoa(c.Port), "user": c.User, "password": c.Password, "from": c.From, "tls": c.TLS,
		}})
	})
}

type resetSignInCmd struct {
	Slug  string `arg:"" help:"Tenant, such as cv."`
	Email string `arg:"" help:"E-mail address of the member of staff, who signs in anew by a code sent there."`
}

// Run resets what the account signs in with: the way back in for the last administrator, also beside a running process.
func (c resetSignInCmd) Run(ctx context.Context, cfg *app.Config) (err error) {
	i, err := app.Inspect(ctx, *cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.Close(context.WithoutCancel(ctx))) }()
	tenant, err := i.DB.TenantBySlug(ctx, c.Slug)
	if err != nil {
		return err
	}
	err = i.DB.InTx(ctx, pg.Scope{Tenant: tenant.ID, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		found, err := i.Identity.Accounts(ctx, tx, identity.Filter{Kind: identity.KindStaff, Query: c.Email}, page.Request{})
		if err != nil {
			return err
		}
		if len(found.Rows) != 1 || !slices.ContainsFunc(found.Rows[0].Contacts, func(x identity.Contact) bool { return strings.EqualFold(x.Address, c.Email) }) {
			return fmt.Errorf("no member of staff of %s has the address %s", c.Slug, c.Email)
		}
		return i.Identity.ResetFactors(ctx, tx, found.Rows[0].ID)
	})
	if err == nil {
		fmt.Printf("%s signs in anew with a code sent there\n", c.Email)
	}
	return err
}
