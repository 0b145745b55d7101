package migrate_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg/pgtest"
)

// files makes a tree of migrations from the bodies of module "platform": up, down, up, down….
func files(bodies ...string) fs.FS {
	tree := fstest.MapFS{}
	for i, body := range bodies {
		name := "platform/" + []string{"000001_a", "000002_b", "000003_c"}[i/2] + []string{".up.sql", ".down.sql"}[i%2]
		tree[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return tree
}

const (
	makeSchema = "CREATE SCHEMA platform; CREATE TABLE platform.a (id int)"
	dropSchema = "DROP SCHEMA platform CASCADE"
)

func TestBrokenFileIsTriedAgain(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	broken := files(makeSchema, dropSchema, "CREATE TABLE platform.b (id int); SELECT 1/0 -- by mistake", "DROP TABLE platform.b")
	for range 2 {
		err := migrate.UpFiles(t.Context(), ownerURL, broken)
		if err == nil || !strings.Contains(err.Error(), "division by zero") {
			t.Fatalf("got %v", err)
		}
	}
	mended := files(makeSchema, dropSchema, "CREATE TABLE platform.b (id int) -- mended", "DROP TABLE platform.b")
	if err := migrate.UpFiles(t.Context(), ownerURL, mended); err != nil {
		t.Fatal(err)
	}
	if n := count(t, ownerURL, `SELECT count(*) FROM migrations.platform WHERE version = 2 AND NOT dirty`); n != 1 {
		t.Error("version 2 is not recorded")
	}
}

func TestFirstFileBroken(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	if err := migrate.UpFiles(t.Context(), ownerURL, files("CREATE SCHEMA platform; SELECT 1/0", dropSchema)); err == nil {
		t.Fatal("no error")
	}
	if err := migrate.UpFiles(t.Context(), ownerURL, files(makeSchema, dropSchema)); err != nil {
		t.Fatal(err)
	}
}

func TestBrokenDownLeavesTheVersion(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	tree := files(makeSchema, dropSchema, "CREATE TABLE platform.b (id int)", "SELECT 1/0")
	if err := migrate.UpFiles(t.Context(), ownerURL, tree); err != nil {
		t.Fatal(err)
	}
	if err := migrate.DownFiles(t.Context(), ownerURL, tree, "platform"); err == nil {
		t.Fatal("no error")
	}
	if err := migrate.UpFiles(t.Context(), ownerURL, tree); err != nil {
		t.Fatal(err)
	}
}

func TestConcurrentIndexStandsAloneAndIsNotReset(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	good := files(makeSchema, dropSchema, "CREATE INDEX CONCURRENTLY a_id_idx ON platform.a (id)", "DROP INDEX platform.a_id_idx")
	if err := migrate.UpFiles(t.Context(), ownerURL, good); err != nil {
		t.Fatal(err)
	}
	bad := files(makeSchema, dropSchema, "CREATE INDEX CONCURRENTLY a_id_idx ON platform.a (id)", "DROP INDEX platform.a_id_idx",
		"CREATE UNIQUE INDEX CONCURRENTLY b_id_idx ON platform.nowhere (id)", "SELECT 1")
	if err := migrate.UpFiles(t.Context(), ownerURL, bad); err == nil {
		t.Fatal("no error")
	}
	err := migrate.UpFiles(t.Context(), ownerURL, bad)
	if err == nil || !strings.Contains(err.Error(), "digit migrate force platform") {
		t.Errorf("got %v", err)
	}
}

func TestNumbersHaveNoGap(t *testing.T) {
	t.Parallel()
	ownerURL, _ := pgtest.Scratch(t)
	tree := files(makeSchema, dropSchema).(fstest.MapFS)
	tree["platform/000003_c.up.sql"], tree["platform/000003_c.down.sql"] = tree["platform/000001_a.up.sql"], tree["platform/000001_a.down.sql"]
	if err := migrate.UpFiles(t.Context(), ownerURL, tree); err == nil || !strings.Contains(err.Error(), "expected") {
		t.Errorf("a gap: %v", err)
	}
	delete(tree, "platform/000003_c.up.sql")
	delete(tree, "platform/000001_a.down.sql")
	if err := migrate.UpFiles(t.Context(), ownerURL, tree); err == nil {
		t.Error("no way back, and no error")
	}
}
