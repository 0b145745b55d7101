package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"digit/internal/infra/platform/fault"
)

// The two roles of a DIGIT database. They belong to the whole server, so that no migration makes them.
const (
	OwnerRole = "digit_owner" // owns every object and runs migrations
	AppRole   = "digit_app"   // what the process uses: bound by row security, cannot change the schema
)

// InitDB makes the roles digit_owner and digit_app and the database dbname, and may be repeated: it makes what is
// missing and sets ownership and settings anew. superURL is a connection that may create roles and databases.
// Roles get no password: give them one, or let the server know them by peer or certificate.
func InitDB(ctx context.Context, superURL, dbname string) (err error) {
	defer fault.Wrap(&err, "migrate.InitDB(%s)", dbname)
	conn, err := pgx.Connect(ctx, superURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, role := range []string{OwnerRole, AppRole} {
		if err := tolerant(ctx, conn, `CREATE ROLE `+role, pgerrcode.DuplicateObject, pgerrcode.UniqueViolation); err != nil {
			return err
		}
		// an older role of that name may have had more
		if err := tolerant(ctx, conn, `ALTER ROLE `+role+` LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION`); err != nil {
			return err
		}
	}
	db := pgx.Identifier{dbname}.Sanitize()
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, dbname).Scan(&there); err != nil {
		return err
	}
	if !there {
		create := `CREATE DATABASE ` + db + ` OWNER ` + OwnerRole + ` TEMPLATE template0 ENCODING 'UTF8'`
		if err := tolerant(ctx, conn, create, pgerrcode.DuplicateDatabase, pgerrcode.UniqueViolation); err != nil {
			return err
		}
	}
	for _, statement := range []string{
		`ALTER DATABASE ` + db + ` OWNER TO ` + OwnerRole,
		`ALTER DATABASE ` + db + ` SET timezone TO 'UTC'`,
		`REVOKE ALL ON DATABASE ` + db + ` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ` + db + ` TO ` + AppRole,
	} {
		if err := tolerant(ctx, conn, statement); err != nil {
			return err
		}
	}
	return nil
}

// tolerant runs a statement, takes the listed errors for "somebody did it already", and repeats it when two
// processes changed the same catalogue row at once, for which PostgreSQL has no code of its own.
func tolerant(ctx context.Context, conn *pgx.Conn, statement string, codes ...string) error {
	for attempt := 0; ; attempt++ {
		_, err := conn.Exec(ctx, statement)
		var pe *pgconn.PgError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &pe):
			return err
		case slices.Contains(codes, pe.Code):
			return nil
		case pe.Code == pgerrcode.InternalError && attempt < 20: // "tuple concurrently updated"
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		default:
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
}
