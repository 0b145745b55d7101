package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// printed is what a command prints, and whether it fails.
func printed(t *testing.T, run func() error) (string, error) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	out := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		out <- string(b)
	}()
	err = run()
	os.Stdout = stdout
	w.Close()
	return <-out, err
}

// TestAuditCommands runs a platform that sends its checkpoints to a folder, stops it, and lets the operator look: all is
// whole, proofs hold without a database, and what is done to the record behind its back is named.
func TestAuditCommands(t *testing.T) { // not parallel: it borrows standard output
	owner, user := pgtest.Scratch(t)
	kept := t.TempDir()
	c := app.Config{
		Listen: "localhost:0", Data: t.TempDir(), DatabaseURL: user, OwnerURL: owner, Demo: true, Log: "text", LogLevel: "error", LogTo: io.Discard,
		CheckpointTo: []string{"file:" + kept, "sandbox=https://localhost:1/"},
	}
	a, err := app.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	time.Sleep(time.Second) // it may as well be ready; stopping at once must do, too
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	file, keys := filepath.Join(kept, "cv.checkpoints"), must(filepath.Glob(filepath.Join(kept, "cv-*.pem")))(t)
	if len(keys) != 1 {
		t.Fatalf("keys beside the checkpoints: %v", keys)
	}
	verify := func(v auditVerifyCmd) (string, error) {
		return printed(t, func() error { return v.Run(t.Context(), &c) })
	}
	out, err := verify(auditVerifyCmd{Checkpoint: []string{file}, Key: keys, Tenant: "cv"})
	if err != nil || !strings.Contains(out, " 0 waiting, ") || !strings.Contains(out, "kept outside), 0 broken") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := verify(auditVerifyCmd{Quick: true}); err != nil || strings.Count(out, " 0 broken") != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := printed(t, func() error { return auditCheckCmd{File: file, Key: keys}.Run() }); err != nil || !strings.Contains(out, "signed") {
		t.Fatalf("%v\n%s", err, out)
	}

	super, err := pgx.Connect(t.Context(), pgtest.SuperOf(t, owner))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	var entry string
	if err := super.QueryRow(t.Context(), `SELECT s.entry_id::text FROM audit.sequence s JOIN platform.tenant t ON t.id = s.tenant_id WHERE t.slug = 'cv' AND s.seq = 7`).Scan(&entry); err != nil {
		t.Fatal(err)
	}
	proof := filepath.Join(kept, "seventh.tlog-proof")
	for _, p := range []auditProveCmd{{Entry: entry, Out: proof}, {Since: file, Out: filepath.Join(kept, "since")}} {
		if out, err := printed(t, func() error { return p.Run(t.Context(), &c) }); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if out, err := printed(t, func() error { return auditCheckCmd{File: proof, Key: keys}.Run() }); err != nil || !strings.Contains(out, "entry "+entry+" is number 7 of the log") {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := filepath.Join(kept, "whole.jsonl")
	if out, err := printed(t, func() error { return auditExportCmd{Tenant: "cv", Out: whole, Proofs: true}.Run(t.Context(), &c) }); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if b := must(os.ReadFile(whole))(t); strings.Count(string(b), "\n") < 20 || !strings.HasPrefix(string(b), `{"origin":"digit.audit/`) || !strings.Contains(string(b), entry) {
		t.Errorf("the whole log: %d lines", strings.Count(string(b), "\n"))
	}
	if out, err := printed(t, func() error { return auditCheckpointCmd{Tenant: "cv"}.Run(t.Context(), &c) }); err != nil || !strings.Contains(out, "BEGIN PUBLIC KEY") {
		t.Errorf("%v\n%s", err, out)
	}

	tamper := func(statement string) {
		t.Helper()
		if _, err := super.Exec(t.Context(), `SET session_replication_role = replica; `+statement); err != nil {
			t.Fatal(err)
		}
	}
	tamper(`UPDATE audit.entry SET reason = 'other' WHERE id = '` + entry + `'`)
	if out, err := verify(auditVerifyCmd{Tenant: "cv"}); err == nil || !strings.Contains(out, "Row 7: entry "+entry+" does not say what it said") {
		t.Errorf("altered: %v\n%s", err, out)
	}
	tamper(`DELETE FROM audit.checkpoint; DELETE FROM audit.sequence WHERE seq > 20; DELETE FROM audit.entry e WHERE NOT EXISTS (SELECT FROM audit.sequence s WHERE s.entry_id = e.id)`)
	if out, err := verify(auditVerifyCmd{Checkpoint: []string{file}}); err == nil || !strings.Contains(out, "The end was cut off: rows 21 to ") {
		t.Errorf("cut off: %v\n%s", err, out)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestCheckpointsGoOutOfTheDataFolder: a file that goes with what it should guard guards nothing.
func TestCheckpointsGoOutOfTheDataFolder(t *testing.T) {
	dir := t.TempDir()
	for _, place := range []string{"file:" + dir, "file:" + filepath.Join(dir, "kept"), "cv=file:" + dir, "ftp://x", "file:relative"} {
		a, err := app.Open(t.Context(), app.Config{Listen: "localhost:0", Data: dir, DatabaseURL: "postgres://nobody@localhost:1/none", Log: "text", LogLevel: "error", LogTo: io.Discard, CheckpointTo: []string{place}})
		if err == nil || !strings.Contains(err.Error(), "checkpoint-to") {
			t.Errorf("%s is taken: %v, %v", place, a, err)
		}
	}
}
