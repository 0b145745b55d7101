package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"digit/cmd/digit/app"
)

// TestOwnTemp changes the environment of the process, so it runs alone.
func TestOwnTemp(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", os.TempDir())
	old, fresh := filepath.Join(dir, "tmp", "multipart-1"), filepath.Join(dir, "tmp", "multipart-2")
	if err := os.MkdirAll(filepath.Dir(old), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("somebody's"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if err := ownTemp(&app.Config{Data: dir}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "tmp"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others can open the folder: %v, %v", info.Mode(), err)
	}
	if os.TempDir() != filepath.Join(dir, "tmp") {
		t.Errorf("temporary files go to %s", os.TempDir())
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Error("what a crash left is still there")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("what somebody may be using is gone: %v", err)
	}
}
