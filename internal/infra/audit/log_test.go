package audit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func (b *bundle) latest(t testing.TB) (c audit.Checkpoint) {
	t.Helper()
	b.in(t, pg.Scope{Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.service.Checkpoints(ctx, tx, page.Request{Size: 1})
		if err == nil && len(p.Rows) == 1 {
			c = p.Rows[0].Checkpoint
		}
		return err
	})
	return c
}

func (b *bundle) prove(t testing.TB, entry uuid.UUID) (p audit.Proof) {
	t.Helper()
	b.in(t, pg.Scope{Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = b.service.Prove(ctx, tx, entry)
		return err
	})
	return p
}

func TestTheWholeRecordVerifies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.whole(t, 0)
	b.record(t, 3)
	b.record(t, 2)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"})
	})
	if r := b.verify(t); r.Rows != 5 || r.Waiting != 1 || r.Checkpoints != 2 || !r.Whole() || r.Size != 5 {
		t.Fatalf("got %+v", r)
	}
	setupIn(t, b.db).whole(t, 0) // another tenant sees none of it
}

func TestSequencingByTheJob(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		for range 7 {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"}); err != nil {
				return err
			}
		}
		if err := tx.Enqueue(ctx, audit.SequenceArgs{}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, audit.SequenceArgs{})
	})
	pgtest.Work(t, b.db, b.jobs)
	if r := b.whole(t, 7); r.Checkpoints != 1 {
		t.Errorf("%d checkpoints", r.Checkpoints)
	}
}

// TestWritersDoNotWait: entries are written while a sequencing holds its lock, and one that commits late is not lost.
func TestWritersDoNotWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	late, release := make(chan error, 1), make(chan struct{})
	began := make(chan struct{})
	go func() {
		late <- b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: clerk}, func(ctx context.Context, tx *pg.Tx) error {
			err := audit.Record(ctx, tx, audit.Entry{Action: "a.late", Object: "a"})
			close(began)
			<-release
			return err
		})
	}()
	<-began
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		if _, err := b.service.Sequence(ctx, tx); err != nil {
			return err
		}
		b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error { // beside the one that holds the lock
			return audit.Record(ctx, tx, audit.Entry{Action: "a.beside", Object: "a"})
		})
		return nil
	})
	b.sequence(t)
	b.whole(t, 1)
	close(release)
	if err := <-late; err != nil {
		t.Fatal(err)
	}
	b.sequence(t)
	b.whole(t, 2)
}

func TestTwoSequencingsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		for range 300 {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"}); err != nil {
				return err
			}
		}
		return nil
	})
	done := make(chan error, 4)
	for range cap(done) {
		go func() {
			done <- b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.service.Sequence(ctx, tx)
				return err
			})
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	b.whole(t, 300)
}

// TestWithoutAKeyTheLogGrows: a sealed process sequences, and the first that can signs for it.
func TestWithoutAKeyTheLogGrows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.keys.Fault = fault.Unavailable("encryption.sealed")
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"})
	})
	b.sequence(t)
	if r := b.whole(t, 1); r.Checkpoints != 0 {
		t.Fatalf("%+v", r)
	}
	b.keys.Fault = nil
	b.sequence(t)
	if r := b.whole(t, 1); r.Checkpoints != 1 {
		t.Fatalf("%+v", r)
	}
	b.keys.Rotate(b.tenant)
	b.record(t, 1)
	if r := b.whole(t, 2); r.Checkpoints != 2 {
		t.Fatalf("after a new key: %+v", r)
	}
}

// TestProofsHoldElsewhere has a library that is not ours check every entry's inclusion and every pair of checkpoints.
func TestProofsHoldElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var old []audit.Checkpoint
	for _, n := range []int{1, 1, 2, 3, 1, 6, 9} {
		b.record(t, n)
		old = append(old, b.latest(t))
	}
	rows := b.entries(t, audit.Filter{})
	for _, row := range rows {
		p := b.prove(t, row.ID)
		if leaf := rfc6962.DefaultHasher.HashLeaf(p.Preimage); !bytes.Equal(leaf, leafOf(p)) {
			t.Fatalf("the leaf of row %d is another", p.Index)
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(p.Index), uint64(p.Checkpoint.Size), leafOf(p), hashesOf(p.Hashes), p.Checkpoint.Root[:]); err != nil {
			t.Errorf("row %d: %v", p.Index, err)
		}
		words, err := p.Content()
		if err != nil || words[2] != row.ID.String() || words[7] != row.Action {
			t.Errorf("row %d says %q, %v", p.Index, words, err)
		}
	}
	for _, c := range old {
		b.in(t, pg.Scope{ReadOnly: true, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			p, err := b.service.ProveSince(ctx, tx, c)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(p.Text(), "old ") || !strings.HasSuffix(p.Text(), p.New.Note) {
				t.Errorf("written as %q", p.Text())
			}
			return proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(c.Size), uint64(p.New.Size), hashesOf(p.Hashes), c.Root[:], p.New.Root[:])
		})
	}
	c := old[0]
	c.Root[3] ^= 1
	err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.ProveSince(ctx, tx, c)
		return err
	})
	if !errors.Is(err, audit.ErrProof) {
		t.Errorf("the log goes on from a root it never had: %v", err)
	}
}

func leafOf(p audit.Proof) []byte { h := p.Leaf(); return h[:] }

func hashesOf[H ~[32]byte](list []H) (out [][]byte) {
	for _, h := range list {
		out = append(out, bytes.Clone(h[:]))
	}
	return out
}

func TestProofsAreFiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 9)
	row := b.entries(t, audit.Filter{})[4]
	p := b.prove(t, row.ID)
	again, err := audit.ParseProof(p.Text())
	if err != nil || again.Check() != nil || again.Text() != p.Text() {
		t.Fatalf("%v, %v", err, again.Check())
	}
	for _, change := range []func(string) string{
		func(s string) string { return strings.Replace(s, "index 4", "index 5", 1) },
		func(s string) string { return strings.Replace(s, "extra ", "extra AAAA", 1) },
		func(s string) string { return strings.Replace(s, "@v1", "@v2", 1) },
		func(s string) string { return strings.Replace(s, "\n9\n", "\n8\n", 1) },
		func(s string) string { return strings.Replace(s, "index ", "index x", 1) },
		func(s string) string { return strings.Replace(s, "index 4\n", "index 4\nAAAA\n", 1) },
		func(s string) string { return s[:len(s)/3] },
		func(string) string { return "" },
	} {
		text := change(p.Text())
		if text == p.Text() {
			t.Fatal("the change changes nothing")
		}
		if q, err := audit.ParseProof(text); err == nil && q.Check() == nil {
			t.Errorf("still proves: %s", text)
		}
	}
}

func TestNoProofBeforeACheckpoint(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"})
	})
	row := b.entries(t, audit.Filter{})[0]
	for entry, want := range map[uuid.UUID]error{row.ID: audit.ErrPending, id.New(): audit.ErrNotFound} {
		err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Prove(ctx, tx, entry)
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	see := func() (v audit.View) {
		b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) (err error) {
			v, err = b.service.Entry(ctx, tx, row.ID)
			return err
		})
		return v
	}
	if v := see(); v.Sequenced || v.Proof != nil || v.Checkpoint != nil || !v.Sound || v.Seq != -1 {
		t.Errorf("before: %+v", v)
	}
	b.sequence(t)
	if v := see(); !v.Sequenced || v.Proof == nil || v.Checkpoint == nil || !v.Sound || v.Seq != 0 {
		t.Errorf("after: %+v", v)
	}
	if looks := b.entries(t, audit.Filter{Action: "audit.list"}); len(looks) != 2 {
		t.Errorf("%d looks at the record are on record", len(looks))
	}
}

// TestCheckpointsVerifyWithOpenssl checks a checkpoint by the words of docs/operating.md, with the tools named there.
func TestCheckpointsVerifyWithOpenssl(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	b := setup(t)
	b.record(t, 3)
	c := b.latest(t)
	var keys []audit.PublicKey
	b.in(t, pg.Scope{ReadOnly: true, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) (err error) {
		keys, err = b.service.Keys(ctx, tx)
		return err
	})
	dir := t.TempDir()
	for name, text := range map[string]string{"checkpoint": c.Note, "key.pem": keys[0].PEM} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := `sed '/^$/,$d' checkpoint > body
sed -n 's/^\xe2\x80\x94 [^ ]* //p' checkpoint | base64 -d | tail -c +5 > signature
` + openssl + ` dgst -sha256 -verify key.pem -signature signature body`
	run := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err != nil || !strings.Contains(out, "Verified OK") {
		t.Fatalf("%s, %v", out, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "checkpoint"), []byte(strings.Replace(c.Note, "\n3\n", "\n4\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(); err == nil {
		t.Fatalf("an altered one verifies: %s", out)
	}
	block, _ := pem.Decode([]byte(keys[0].PEM))
	for _, text := range []string{keys[0].PEM, keys[0].Line + "\n"} {
		if der, err := audit.ParsePublicKey([]byte(text)); err != nil || !bytes.Equal(der, block.Bytes) {
			t.Errorf("%v from %q", err, text)
		}
	}
	sum := sha256.Sum256(block.Bytes)
	if hash := strings.Split(keys[0].Line, "+")[1]; !strings.EqualFold(hash, strings.ReplaceAll(uuid.UUID(sum[:16]).String()[:8], "-", "")) {
		t.Errorf("the key is named %s", hash)
	}
	for _, text := range []string{"", "x", "a+b+c", "name+00000000+AQ=="} {
		if _, err := audit.ParsePublicKey([]byte(text)); !errors.Is(err, audit.ErrKey) {
			t.Errorf("%q is a key", text)
		}
	}
}

func TestCheckpointsAreWrittenOneWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 1)
	one := b.latest(t)
	b.record(t, 1)
	two := b.latest(t)
	for name, text := range map[string]string{
		"as a file sink has them": one.Note + "\n" + two.Note + "\n", "joined": one.Note + two.Note, "from a mail": "\n\n" + strings.ReplaceAll(one.Note+"\n"+two.Note, "\n", "\r\n"),
	} {
		all, err := audit.ParseCheckpoints(text)
		if err != nil || len(all) != 2 || all[0].Note != one.Note || all[1].Note != two.Note {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
	for _, text := range []string{"", "a\n1\n", one.Note[1:60], strings.Replace(one.Note, "\n1\n", "\n01\n", 1), strings.Replace(one.Note, "\n1\n", "\n-1\n", 1), "\n" + one.Note} {
		if c, err := audit.ParseCheckpoint(text); !errors.Is(err, audit.ErrCheckpoint) {
			t.Errorf("%q is one: %+v", text, c)
		}
	}
	if _, err := audit.ParseCheckpoints("nothing"); !errors.Is(err, audit.ErrCheckpoint) {
		t.Error(err)
	}
}

func TestVerificationsByTheJob(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 5)
	start := func(quick bool) (v audit.Verification) {
		b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.StartVerification(ctx, tx, quick)
			return err
		})
		pgtest.Work(t, b.db, b.jobs)
		b.in(t, pg.Scope{ReadOnly: true, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			p, err := b.service.Verifications(ctx, tx, page.Request{Size: 1})
			if err == nil {
				v = p.Rows[0]
			}
			return err
		})
		return v
	}
	if v := start(false); v.State != "whole" || v.Rows != 5 || v.Finished == nil || v.Report == nil || v.Report.Size != 5 {
		t.Fatalf("%+v", v)
	}
	b.sequence(t) // what was recorded of the verification itself: asked for, found whole
	if v := start(true); v.State != "whole" || !v.Quick || v.Rows != 2 || v.Report.Size != 7 {
		t.Fatalf("a quick one: %+v", v)
	}
	b.tamper(t, "UPDATE audit.entry SET action = 'x' WHERE id = @entry")
	if v := start(false); v.State != "broken" || len(v.Report.Findings) != 1 || v.Report.Findings[0].Seq != 1 {
		t.Fatalf("%+v", v)
	}
	b.in(t, pg.Scope{Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		st, err := b.service.Status(ctx, tx)
		if st.Verified == nil || st.Verified.State != "broken" || st.Size != 7 || st.Checkpoint == nil || st.Waiting == 0 || time.Since(st.Oldest) > time.Hour {
			t.Errorf("%+v", st)
		}
		return err
	})
}
