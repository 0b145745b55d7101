package archtest_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	repository  = "../.."
	generateSum = "generate.sum"
)

// toolLine are the lines of go.mod and tools/go.mod that pin a generator's version.
var toolLine = regexp.MustCompile(`(?m)^\s*(github\.com/(?:a-h/templ|sqlc-dev/sqlc) v\S+)`)

// TestGeneratedCodeIsCurrent compares generate.sum, which make generate writes, with what it would write now. It costs
// nothing beside generating, so that a forgotten make generate, or a generated file edited by hand, shows at once.
// With GENERATE_SUM=write it writes the file instead.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	t.Parallel()
	var sources, generated []string
	if err := filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path, err = filepath.Rel(repository, path)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		switch {
		case d.IsDir():
			if slices.Contains([]string{".git", "bin", "dist", "data", "node_modules"}, path) {
				return filepath.SkipDir
			}
		case isSource(path):
			sources = append(sources, path)
		case isGenerated(path):
			generated = append(generated, path)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("tools %x\nsources %x\ngenerated %x\n", toolVersions(t), hashFiles(t, sources), hashFiles(t, generated))
	path := filepath.Join(repository, generateSum)
	if os.Getenv("GENERATE_SUM") == "write" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("generated code is not current: run make generate and commit what it changes.\n%s has\n%sbut the files make\n%s", generateSum, got, want)
	}
}

func isSource(path string) bool {
	return path == "sqlc.yaml" || strings.HasSuffix(path, ".templ") ||
		(strings.HasSuffix(path, ".sql") && (strings.HasPrefix(path, "db/migrations/") || strings.HasPrefix(path, "db/queries/")))
}

// isGenerated reports whether sqlc or templ made the file.
func isGenerated(path string) bool {
	dirs := strings.Split(path, "/")
	inDB := len(dirs) > 3 && dirs[len(dirs)-3] == "internal" && strings.HasSuffix(dirs[len(dirs)-2], "db")
	return strings.HasSuffix(path, "_templ.go") || (inDB && strings.HasSuffix(path, ".go"))
}

// toolVersions hashes the generators' versions.
func toolVersions(t *testing.T) []byte {
	t.Helper()
	sum := sha256.New()
	for _, path := range []string{"go.mod", "tools/go.mod"} {
		text, err := os.ReadFile(filepath.Join(repository, path))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range toolLine.FindAllSubmatch(text, -1) {
			fmt.Fprintf(sum, "%s\n", m[1])
		}
	}
	return sum.Sum(nil)
}

// hashFiles hashes names and contents, with line ends as git stores them.
func hashFiles(t *testing.T, paths []string) []byte {
	t.Helper()
	slices.Sort(paths)
	sum := sha256.New()
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join(repository, path))
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
	}
	return sum.Sum(nil)
}
