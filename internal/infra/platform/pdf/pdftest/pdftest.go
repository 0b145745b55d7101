// Package pdftest reads, for tests, what a PDF says.
package pdftest

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// Text returns the words of a PDF as they stand on its pages, by poppler's pdftotext. The test is skipped where that is missing, but
// not in CI.
func Text(t testing.TB, data []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is missing: apt-get install poppler-utils")
		}
		t.Skip("pdftotext is not installed (poppler-utils)")
	}
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
