// Package migrate brings a database to the schema of this binary. Every module has its own folder under
// db/migrations and its own version table in the schema "migrations", so that numbers of parallel work never
// collide; the platform comes first, then the job queue's own migrations, then the modules by name.
package migrate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	gomigrate "github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"digit/db"
	"digit/internal/infra/platform/fault"
)

const (
	first        = "platform" // the module that all others stand on
	versions     = "migrations"
	queueSchema  = "river"
	lockKey      = 0x6469676974 // "digit": one migration run at a time in a database
	lockInterval = 100 * time.Millisecond
)

// ModuleStatus tells how far the database is with one module. The job queue appears as "river".
type ModuleStatus struct {
	Module string
	Have   int  // the database's version; 0 before the first
	Want   int  // this binary's version
	Dirty  bool // a non-transactional migration broke off; mend by hand, then Force
}

// Current reports whether nothing is to be done.
func (s ModuleStatus) Current() bool { return s.Have == s.Want && !s.Dirty }

// Up runs the migrations that are missing. It may be called by several processes at once: the others wait.
// ownerURL is a connection as digit_owner. A transactional file that failed leaves nothing behind and is
// tried again by the next Up. Where nothing is missing, which is nearly every start, it takes no lock and looks only.
func Up(ctx context.Context, ownerURL string) error {
	if status, err := Status(ctx, ownerURL); err == nil && !slices.ContainsFunc(status, func(s ModuleStatus) bool { return !s.Current() }) {
		return nil
	}
	return up(ctx, ownerURL, root())
}

// Down takes one module back to nothing. It is for tests and for a developer's own database.
func Down(ctx context.Context, ownerURL, module string) error {
	return down(ctx, ownerURL, root(), module)
}

// Force records that module stands at version, without running anything: the way out after a migration that
// is not transactional broke off and was mended by hand. Version 0 means "none".
func Force(ctx context.Context, ownerURL, module string, version int) (err error) {
	defer fault.Wrap(&err, "migrate.Force(%s, %d)", module, version)
	return locked(ctx, ownerURL, func(conn *pgx.Conn) error {
		return withModule(ctx, conn, root(), module, func(m *gomigrate.Migrate) error {
			return m.Force(orNone(version))
		})
	})
}

// Status compares the database with this binary, module by module, and changes nothing. Any role that may
// read the schema "migrations" will do.
func Status(ctx context.Context, url string) (_ []ModuleStatus, err error) {
	defer fault.Wrap(&err, "migrate.Status")
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	modules, err := modulesOf(root())
	if err != nil {
		return nil, err
	}
	var all []ModuleStatus
	for _, module := range modules {
		files, err := filesOf(root(), module)
		if err != nil {
			return nil, err
		}
		s := ModuleStatus{Module: module, Want: len(files)}
		if s.Have, s.Dirty, err = versionOf(ctx, conn, module); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	queue, err := queueStatus(ctx, conn)
	return append(all, queue), err
}

// Hash is a fingerprint of every migration in this binary, the job queue's included.
func Hash() string {
	h := sha256.New()
	err := fs.WalkDir(root(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root(), path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the binary
	}
	for _, m := range queueMigrator(nil).AllVersions() {
		fmt.Fprintf(h, "river %d\n%s", m.Version, m.SQLUp)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func root() fs.FS {
	sub, err := fs.Sub(db.Migrations, "migrations")
	if err != nil {
		panic(err)
	}
	return sub
}

func up(ctx context.Context, ownerURL string, files fs.FS) (err error) {
	defer fault.Wrap(&err, "migrate.Up")
	modules, err := modulesOf(files)
	if err != nil {
		return err
	}
	return locked(ctx, ownerURL, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+versions+`; GRANT USAGE ON SCHEMA `+versions+` TO digit_app;
			ALTER DEFAULT PRIVILEGES FOR ROLE digit_owner IN SCHEMA `+versions+` GRANT SELECT ON TABLES TO digit_app`); err != nil {
			return err
		}
		for _, module := range modules {
			if err := upModule(ctx, conn, files, module); err != nil {
				return fmt.Errorf("module %s: %w", module, err)
			}
			if module == first {
				if err := upQueue(ctx, conn); err != nil {
					return fmt.Errorf("job queue: %w", err)
				}
			}
		}
		return nil
	})
}

func upModule(ctx context.Context, conn *pgx.Conn, files fs.FS, module string) error {
	return withModule(ctx, conn, files, module, func(m *gomigrate.Migrate) error {
		if err := resetDirty(m, files, module); err != nil {
			return err
		}
		if err := m.Up(); err != nil && !errors.Is(err, gomigrate.ErrNoChange) {
			return err
		}
		return ctx.Err()
	})
}

func down(ctx context.Context, ownerURL string, files fs.FS, module string) (err error) {
	defer fault.Wrap(&err, "migrate.Down(%s)", module)
	return locked(ctx, ownerURL, func(conn *pgx.Conn) error {
		return withModule(ctx, conn, files, module, func(m *gomigrate.Migrate) error {
			for {
				version, _, err := m.Version()
				if errors.Is(err, gomigrate.ErrNilVersion) {
					return nil
				}
				if err != nil {
					return err
				}
				if err := m.Steps(-1); err != nil {
					// the file was rolled back: say so, or Up would take the version below for the broken one
					return errors.Join(err, m.Force(int(version)))
				}
			}
		})
	})
}

// resetDirty takes back the mark of a file that was rolled back as a whole. The mark is lifted by the file's own
// transaction (see driver), so a marked transactional file has certainly left nothing behind.
func resetDirty(m *gomigrate.Migrate, files fs.FS, module string) error {
	version, dirty, err := m.Version()
	if errors.Is(err, gomigrate.ErrNilVersion) || (err == nil && !dirty) {
		return nil
	}
	if err != nil {
		return err
	}
	names, err := filesOf(files, module)
	if err != nil {
		return err
	}
	if int(version) > len(names) {
		return fmt.Errorf("version %d is newer than this program knows", version)
	}
	body, err := fs.ReadFile(files, module+"/"+names[version-1])
	if err != nil {
		return err
	}
	if !transactional(string(body)) {
		return fmt.Errorf("%s broke off and runs outside a transaction: mend the schema by hand, then `digit migrate force %s VERSION`", names[version-1], module)
	}
	return m.Force(orNone(int(version) - 1))
}

// orNone maps version 0 to the library's "no version".
func orNone(version int) int {
	if version == 0 {
		return -1
	}
	return version
}

// transactional reports whether a file runs inside the one implicit transaction that it is sent in.
func transactional(body string) bool {
	return !strings.Contains(strings.ToUpper(body), "CONCURRENTLY")
}

// modulesOf lists the folders, the platform first.
func modulesOf(files fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		switch {
		case a == first:
			return -1
		case b == first:
			return 1
		}
		return cmp.Compare(a, b)
	})
	return names, nil
}

// filesOf lists a module's up files and insists that they are numbered 1, 2, 3… with a way back each: a gap filled
// in later would be skipped in silence.
func filesOf(files fs.FS, module string) ([]string, error) {
	ups, err := fs.Glob(files, module+"/*.up.sql")
	if err != nil {
		return nil, err
	}
	var names []string
	for i, path := range ups {
		if !strings.HasPrefix(path, fmt.Sprintf("%s/%06d_", module, i+1)) {
			return nil, fmt.Errorf("%s: migration %d of %s expected here", path, i+1, module)
		}
		if _, err := fs.Stat(files, strings.TrimSuffix(path, ".up.sql")+".down.sql"); err != nil {
			return nil, err
		}
		names = append(names, strings.TrimPrefix(path, module+"/"))
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no migrations", module)
	}
	return names, nil
}

func sourceOf(files fs.FS, module string) (source.Driver, error) {
	if _, err := filesOf(files, module); err != nil {
		return nil, err
	}
	return iofs.New(files, module)
}

func queueMigrator(pool *pgxpool.Pool) *rivermigrate.Migrator[pgx.Tx] {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: queueSchema})
	if err != nil {
		panic(err) // the schema's name is a constant
	}
	return m
}
