package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"

	"digit/cmd/digit/app"
	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

type auditCmd struct {
	Verify     auditVerifyCmd     `cmd:"" help:"Walk the audit log of every tenant; exits with 1 and names the first row that was altered, removed, put in, moved or cut off."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Print the latest checkpoint and the keys that verify it."`
	Prove      auditProveCmd      `cmd:"" help:"Write the proof that an entry is part of the log, or that the log goes on from a checkpoint kept outside."`
	Check      auditCheckCmd      `cmd:"" help:"Check a proof or checkpoints, without any database."`
	Export     auditExportCmd     `cmd:"" help:"Write a tenant's whole log as JSON lines."`
}

// withAudit runs work beside the configured installation.
func withAudit(ctx context.Context, c *app.Config, work func(context.Context, *app.Inspection) error) (err error) {
	c.LogLevel = "error"
	i, err := app.Inspect(ctx, *c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.Close(context.WithoutCancel(ctx))) }()
	return work(ctx, i)
}

// system is the scope in which the operator looks at a tenant.
func system(t pg.TenantRow, readOnly bool) pg.Scope {
	return pg.Scope{Tenant: t.ID, Actor: pg.System(), ReadOnly: readOnly}
}

// tenantsOf are all tenants, or the one that is named.
func tenantsOf(ctx context.Context, db *pg.DB, slug string) ([]pg.TenantRow, error) {
	if slug == "" {
		return db.Tenants(ctx)
	}
	t, err := db.TenantBySlug(ctx, slug)
	return []pg.TenantRow{t}, err
}

type auditVerifyCmd struct {
	Tenant     string   `help:"Only this tenant." placeholder:"SLUG"`
	Checkpoint []string `help:"File of checkpoints kept outside; only with one is a cut-off end found." type:"existingfile" placeholder:"FILE"`
	Key        []string `help:"Public key kept outside, to believe instead of those in the database." type:"existingfile" placeholder:"FILE"`
	Quick      bool     `help:"Only what came since the last whole walk."`
}

// Run walks the logs.
func (v auditVerifyCmd) Run(ctx context.Context, c *app.Config) error {
	kept, keys, err := v.read()
	if err != nil {
		return err
	}
	return withAudit(ctx, c, func(ctx context.Context, i *app.Inspection) error {
		tenants, err := tenantsOf(ctx, i.DB, v.Tenant)
		if err != nil {
			return err
		}
		broken := false
		for _, t := range tenants {
			r, err := v.walk(ctx, i, t, kept[audit.Origin(t.ID)], keys)
			if err != nil {
				return err
			}
			delete(kept, audit.Origin(t.ID))
			broken = broken || !r.Whole()
		}
		for origin := range kept { // of a tenant that is not there any more, or not asked for
			if v.Tenant == "" {
				broken = true
				fmt.Printf("%s: there is a checkpoint of this log, but no such tenant\n", origin)
			}
		}
		if broken {
			return errors.New("the audit log was tampered with")
		}
		return nil
	})
}

// read reads the files, checkpoints by the log they are of.
func (v auditVerifyCmd) read() (map[string][]audit.Checkpoint, [][]byte, error) {
	kept := map[string][]audit.Checkpoint{}
	for _, name := range v.Checkpoint {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		all, err := audit.ParseCheckpoints(string(b))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, c := range all {
			kept[c.Origin] = append(kept[c.Origin], c)
		}
	}
	keys, err := readKeys(v.Key)
	return kept, keys, err
}

func readKeys(files []string) (keys [][]byte, err error) {
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		key, err := audit.ParsePublicKey(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// walk walks one log and prints what it finds.
func (v auditVerifyCmd) walk(ctx context.Context, i *app.Inspection, t pg.TenantRow, kept []audit.Checkpoint, keys [][]byte) (audit.Report, error) {
	opt := audit.VerifyOptions{Outside: kept, Keys: keys, Progress: progress(t.Slug)}
	if v.Quick {
		err := i.DB.InTx(ctx, system(t, true), func(ctx context.Context, tx *pg.Tx) (err error) {
			opt.From, err = i.Audit.Walked(ctx, tx)
			return err
		})
		if err != nil {
			return audit.Report{}, err
		}
	}
	r, err := i.Audit.Verify(ctx, i.DB, t.ID, opt)
	if err != nil {
		return r, err
	}
	fmt.Printf("%s: %d rows, %d waiting, %d checkpoints (%d kept outside), %d broken\n", t.Slug, r.Rows, r.Waiting, r.Checkpoints, len(kept), r.Broken)
	for _, f := range r.Findings {
		fmt.Println("  ", i.ExplainFinding(f))
	}
	if more := r.Broken - int64(len(r.Findings)); more > 0 {
		fmt.Printf("   and %d more\n", more)
	}
	return r, nil
}

// progress tells how far a walk is, on standard error and no more than once a second.
func progress(slug string) func(done, total int64) {
	last := time.Now()
	return func(done, total int64) {
		if time.Since(last) >= time.Second {
			last = time.Now()
			fmt.Fprintf(os.Stderr, "%s: %d of %d rows\n", slug, done, total)
		}
	}
}

type auditCheckpointCmd struct {
	Tenant string `help:"Only this tenant." placeholder:"SLUG"`
}

// Run prints them.
func (v auditCheckpointCmd) Run(ctx context.Context, c *app.Config) error {
	return withAudit(ctx, c, func(ctx context.Context, i *app.Inspection) error {
		tenants, err := tenantsOf(ctx, i.DB, v.Tenant)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			err := i.DB.InTx(ctx, system(t, true), func(ctx context.Context, tx *pg.Tx) error {
				st, err := i.Audit.Status(ctx, tx)
				if err != nil || st.Checkpoint == nil {
					return err
				}
				keys, err := i.Audit.Keys(ctx, tx)
				fmt.Println(st.Checkpoint.Note)
				for _, key := range keys {
					fmt.Print(key.PEM, key.Line, "\n\n")
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

type auditProveCmd struct {
	Entry string `arg:"" optional:"" help:"Id of the entry."`
	Since string `help:"File of a checkpoint kept outside." type:"existingfile" placeholder:"FILE"`
	Out   string `help:"File to write; standard output where not given." placeholder:"FILE"`
}

// Run writes the proof.
func (v auditProveCmd) Run(ctx context.Context, c *app.Config) error {
	if (v.Entry == "") == (v.Since == "") {
		return errors.New("give the id of an entry, or --since=FILE")
	}
	return withAudit(ctx, c, func(ctx context.Context, i *app.Inspection) error {
		text, err := v.prove(ctx, i)
		if err != nil {
			return err
		}
		if v.Out == "" {
			_, err = os.Stdout.WriteString(text)
			return err
		}
		return os.WriteFile(v.Out, []byte(text), 0o644)
	})
}

func (v auditProveCmd) prove(ctx context.Context, i *app.Inspection) (string, error) {
	var entry uuid.UUID
	var old audit.Checkpoint
	if v.Since != "" {
		b, err := os.ReadFile(v.Since)
		if err != nil {
			return "", err
		}
		all, err := audit.ParseCheckpoints(string(b))
		if err != nil {
			return "", err
		}
		old = all[len(all)-1]
	} else {
		var err error
		if entry, err = uuid.Parse(v.Entry); err != nil {
			return "", err
		}
	}
	tenants, err := i.DB.Tenants(ctx)
	if err != nil {
		return "", err
	}
	for _, t := range tenants {
		if v.Since != "" && old.Origin != audit.Origin(t.ID) {
			continue
		}
		text := ""
		err := i.DB.InTx(ctx, system(t, true), func(ctx context.Context, tx *pg.Tx) error {
			if v.Since != "" {
				p, err := i.Audit.ProveSince(ctx, tx, old)
				text = p.Text()
				return err
			}
			p, err := i.Audit.Prove(ctx, tx, entry)
			text = p.Text()
			return err
		})
		if !errors.Is(err, audit.ErrNotFound) {
			return text, err
		}
	}
	return "", errors.New("no tenant has such an entry or checkpoint")
}

type auditCheckCmd struct {
	File string   `arg:"" type:"existingfile" help:"Proof (.tlog-proof) or checkpoints."`
	Key  []string `required:"" type:"existingfile" help:"Public key, from a place you trust." placeholder:"FILE"`
}

// Run checks what the file says.
func (v auditCheckCmd) Run() error {
	b, err := os.ReadFile(v.File)
	if err != nil {
		return err
	}
	keys, err := readKeys(v.Key)
	if err != nil {
		return err
	}
	p, err := audit.ParseProof(string(b))
	if err == nil {
		if err := p.Check(); err != nil {
			return err
		}
		words, err := p.Content()
		if err != nil {
			return err
		}
		fmt.Printf("entry %s is number %d of the log\n", words[2], p.Index)
		return checkSigned(p.Checkpoint, keys)
	}
	all, err := audit.ParseCheckpoints(string(b))
	if err != nil {
		return errors.New("neither a proof nor checkpoints")
	}
	for _, c := range all {
		if err := checkSigned(c, keys); err != nil {
			return err
		}
	}
	return nil
}

func checkSigned(c audit.Checkpoint, keys [][]byte) error {
	if !audit.Signed(c, keys, encryption.VerifyText) {
		return fmt.Errorf("checkpoint of %d rows: not signed by this key", c.Size)
	}
	fmt.Printf("checkpoint of %d rows of %s: signed\n", c.Size, c.Origin)
	return nil
}

type auditExportCmd struct {
	Tenant string `required:"" help:"The tenant." placeholder:"SLUG"`
	Proofs bool   `help:"With the proof of each entry."`
	Out    string `help:"File to write; standard output where not given." placeholder:"FILE"`
}

// Run writes the log, and records that it did.
func (v auditExportCmd) Run(ctx context.Context, c *app.Config) error {
	return withAudit(ctx, c, func(ctx context.Context, i *app.Inspection) (err error) {
		t, err := i.DB.TenantBySlug(ctx, v.Tenant)
		if err != nil {
			return err
		}
		out := io.WriteCloser(os.Stdout)
		if v.Out != "" {
			if out, err = os.OpenFile(v.Out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
				return err
			}
		}
		n, err := i.Audit.WriteLog(ctx, i.DB, t.ID, out, v.Proofs)
		if err = errors.Join(err, out.Close()); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%d rows\n", n)
		return i.DB.InTx(ctx, system(t, false), func(ctx context.Context, tx *pg.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{Action: "audit.exported", Object: "audit.entry", Purpose: audit.PurposeOversight, Detail: map[string]any{"count": n}})
		})
	})
}
