package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"digit/cmd/digit/app"
	"digit/internal/provider/console"
)

type doctorCmd struct{}

// Run prints a line for each thing checked, and fails when one of them is wrong.
func (doctorCmd) Run(ctx context.Context, c *app.Config) (err error) {
	c.LogLevel = "error"
	i, err := app.Inspect(ctx, *c)
	if err != nil {
		fmt.Printf("%s  database  %v\n", console.Fail, err)
		return errors.New("nothing else can be checked without the database")
	}
	defer func() { err = errors.Join(err, i.Close(context.WithoutCancel(ctx))) }()
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	failed := 0
	for _, check := range i.Health(ctx) {
		if check.State == console.Fail {
			failed++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", check.State, check.Name, check.Tenant, i.Explain(check))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of the checks failed", failed)
	}
	return nil
}
