package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

// digit runs a command as it is typed and returns what it prints.
func digit(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, wrong bytes.Buffer
	var c struct {
		Pack packCmd `cmd:""`
	}
	k, err := kong.New(&c, kong.Name("digit"), kong.Writers(&out, &wrong))
	if err != nil {
		t.Fatal(err)
	}
	run, err := k.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	err = run.Run()
	return out.String(), err
}

// shelf writes the services of the library into a folder.
func shelf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, p := range library.Packs() {
		source, err := servicespec.Print(p)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, p.Code+".yaml"), string(source))
	}
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPackCheck(t *testing.T) {
	t.Parallel()
	dir := shelf(t)
	out, err := digit(t, "pack", "check", "--warnings", dir)
	if err != nil || strings.Count(out, ": ok\n") != len(library.Codes()) {
		t.Errorf("%v\n%s", err, out)
	}
	file := filepath.Join(dir, "streetlight-complaint.yaml")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(source), "working_days: 3", "working_weeks: 3", 1))
	out, err = digit(t, "pack", "check", "--lang", "pt", file)
	if !errors.Is(err, errPackWrong) || !strings.Contains(out, file+":") || !strings.Contains(out, ": erro: ") || !strings.Contains(out, "working_weeks") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestTheLibraryAsItIsWritten checks and plays the services of the library from their own files.
func TestTheLibraryAsItIsWritten(t *testing.T) {
	t.Parallel()
	const dir = "../../internal/infra/servicespec/library"
	if out, err := digit(t, "pack", "check", "--warnings", dir); err != nil || strings.Count(out, ": ok\n") != len(library.Codes()) {
		t.Errorf("%v\n%s", err, out)
	}
	out, err := digit(t, "pack", "test", dir)
	if err != nil || strings.Contains(out, "FAIL") || strings.Count(out, "ok   ") < 80 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestPackTest(t *testing.T) {
	t.Parallel()
	dir := shelf(t)
	out, err := digit(t, "pack", "test", "-v", dir)
	if err != nil || strings.Contains(out, "FAIL") || !strings.Contains(out, "ok   streetlight-complaint: ") {
		t.Errorf("%v\n%s", err, out)
	}
	write(t, filepath.Join(dir, "streetlight-complaint.scenarios.yaml"),
		"scenarios:\n  - {name: Told beside, today: 2026-11-23, answers: {problem: wires}, expect: {problems: {place: required}}}\n")
	out, err = digit(t, "pack", "test", filepath.Join(dir, "streetlight-complaint.yaml"))
	if err == nil || !strings.Contains(out, "FAIL streetlight-complaint: Told beside") {
		t.Errorf("a scenario that does not come out so: %v\n%s", err, out)
	}
}

func TestPackDiffSchemaFormat(t *testing.T) {
	t.Parallel()
	dir := shelf(t)
	file, later := filepath.Join(dir, "streetlight-complaint.yaml"), filepath.Join(dir, "later.yaml")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := digit(t, "pack", "diff", file, file); err != nil || out != "" {
		t.Errorf("no difference: %v\n%s", err, out)
	}
	write(t, later, strings.Replace(string(source), "working_days: 3", "working_days: 5", 1))
	if out, err := digit(t, "pack", "diff", file, later); err != nil || !strings.Contains(out, "working_days") || !strings.Contains(out, "5") {
		t.Errorf("another promise: %v\n%s", err, out)
	}
	out, err := digit(t, "pack", "schema", "--lang", "ar", file)
	var schema struct{ Properties map[string]any }
	if err != nil || json.Unmarshal([]byte(out), &schema) != nil || schema.Properties["landmark"] == nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := digit(t, "pack", "format", file); err != nil || out != string(source) {
		t.Errorf("formatting what is formatted: %v", err)
	}
}
