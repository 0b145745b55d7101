package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"digit/cmd/digit/app"
	"digit/internal/provider/console"
)

type doctorCmd struct{}

// Run prints a line for each thing checked, and fails when one of them is wrong. Beside a running platform with a
// private database it asks that one; otherwise it opens the database itself.
func (doctorCmd) Run(ctx context.Context, c *app.Config) (err error) {
	c.LogLevel = "error"
	if c.DatabaseURL == "" {
		if url := runningAt(*c); url != "" {
			return askRunning(ctx, url)
		}
	}
	c.Listen = "localhost:0"
	a, err := app.Open(ctx, *c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	failed := 0
	for _, check := range a.Console.Health(ctx, a.DB) {
		if check.State == console.Fail {
			failed++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", check.State, check.Name, check.Tenant, a.Explain(check))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of the checks failed", failed)
	}
	return nil
}

// runningAt returns the address of the platform that runs on this data folder, "" for none.
func runningAt(c app.Config) string {
	dir, err := c.DataDir()
	if err != nil {
		return ""
	}
	b, err := os.ReadFile(filepath.Join(dir, "lock"))
	if err != nil {
		return ""
	}
	for _, word := range strings.Fields(string(b)) {
		if strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://") {
			return word
		}
	}
	return ""
}

// askRunning asks the running platform whether it is ready; its console page has every check.
func askRunning(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the platform should run at %s but does not answer: %w", url, err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the platform at %s is not ready", url)
	}
	fmt.Printf("running at %s; every check is on %s/console/health\n", url, url)
	return nil
}
