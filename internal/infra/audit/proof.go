package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Proof shows that an entry is part of the log that a checkpoint states. It holds for good and needs nothing of ours to be
// checked.
type Proof struct {
	Index      int64 // of the leaf, from 0
	Preimage   []byte
	Hashes     []tlog.Hash // RFC 6962, 2.1.1: from the leaf's sibling to the root's child
	Checkpoint Checkpoint
}

// Leaf is the entry's leaf.
func (p Proof) Leaf() tlog.Hash { return tlog.RecordHash(p.Preimage) }

// Prove returns the proof of an entry in the latest checkpoint. Permission: audit:read, which the page asks for.
// Errors: ErrNotFound, ErrPending, ErrProof where the log is broken.
func (s *Service) Prove(ctx context.Context, tx *pg.Tx, entry uuid.UUID) (p Proof, err error) {
	defer fault.Wrap(&err, "audit.Prove(%s)", entry)
	r, seq, err := getEntry(ctx, tx, entry)
	if err != nil {
		return p, err
	}
	p.Index = seq
	p.Checkpoint, err = latestCheckpoint(ctx, tx)
	if err == nil && (seq < 0 || seq >= p.Checkpoint.Size) {
		err = ErrPending
	}
	if err != nil {
		return p, err
	}
	if p.Preimage, err = r.preimage(); err != nil {
		return p, ErrProof.Because(err)
	}
	p.Hashes, err = tlog.ProveRecord(p.Checkpoint.Size, seq, hashes(ctx, tx))
	if err != nil {
		return p, ErrProof.Because(err)
	}
	return p, p.Check()
}

// Check recomputes the root from the leaf. Whether the checkpoint is genuine is another question. Errors: ErrProof.
func (p Proof) Check() error {
	if err := tlog.CheckRecord(p.Hashes, p.Checkpoint.Size, p.Checkpoint.Root, p.Index, p.Leaf()); err != nil {
		return ErrProof.Because(err)
	}
	return nil
}

const proofHead = "c2sp.org/tlog-proof@v1"

// Text writes the proof in the form of c2sp.org/tlog-proof; its extra line is what the leaf is the hash of.
func (p Proof) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHead, base64.StdEncoding.EncodeToString(p.Preimage), p.Index)
	for _, h := range p.Hashes {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h[:]))
	}
	return b.String() + "\n" + p.Checkpoint.Note
}

// ParseProof reads what Text wrote, without believing it. Errors: ErrProof, ErrCheckpoint.
func ParseProof(text string) (p Proof, err error) {
	head, rest, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != proofHead {
		return p, ErrProof
	}
	extra, hasExtra := strings.CutPrefix(lines[1], "extra ")
	index, hasIndex := strings.CutPrefix(lines[2], "index ")
	if !hasExtra || !hasIndex {
		return p, ErrProof
	}
	if p.Preimage, err = base64.StdEncoding.DecodeString(extra); err != nil {
		return p, ErrProof.Because(err)
	}
	if p.Index, err = strconv.ParseInt(index, 10, 64); err != nil {
		return p, ErrProof.Because(err)
	}
	if p.Hashes, err = parseHashes(lines[3:]); err != nil {
		return p, err
	}
	p.Checkpoint, err = ParseCheckpoint(rest)
	return p, err
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, line := range lines {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return nil, ErrProof.Because(err)
		}
		out = append(out, h)
	}
	return out, nil
}

// Content is what a proof's preimage says: the entry without what leads to somebody, for which commitments stand.
// Errors: ErrProof.
func (p Proof) Content() (words []string, err error) {
	if len(p.Preimage) < saltSize {
		return nil, ErrProof
	}
	rest := p.Preimage[saltSize:]
	for len(rest) > 0 {
		length, after, ok := bytes.Cut(rest, []byte{':'})
		n, err := strconv.Atoi(string(length))
		if !ok || err != nil || n < 0 || n >= len(after) || after[n] != ',' {
			return nil, ErrProof
		}
		words, rest = append(words, string(after[:n])), after[n+1:]
	}
	return words, nil
}

// TreeProof shows that the log of an older checkpoint is the beginning of that of a newer one: nothing was altered or
// removed since.
type TreeProof struct {
	Old    Checkpoint
	Hashes []tlog.Hash // RFC 6962, 2.1.2
	New    Checkpoint
}

// ProveSince returns the proof that the latest checkpoint goes on from an older one, which may have been kept outside.
// Permission: audit:read, which the page asks for. Errors: ErrNotFound, ErrProof where it does not.
func (s *Service) ProveSince(ctx context.Context, tx *pg.Tx, old Checkpoint) (p TreeProof, err error) {
	defer fault.Wrap(&err, "audit.ProveSince(%d)", old.Size)
	p.Old = old
	if p.New, err = latestCheckpoint(ctx, tx); err != nil {
		return p, err
	}
	if old.Size < 1 || old.Size > p.New.Size || old.Origin != p.New.Origin {
		return p, ErrProof
	}
	if p.Hashes, err = tlog.ProveTree(p.New.Size, old.Size, hashes(ctx, tx)); err != nil {
		return p, ErrProof.Because(err)
	}
	return p, p.Check()
}

// Check recomputes both roots. Errors: ErrProof.
func (p TreeProof) Check() error {
	if err := tlog.CheckTree(p.Hashes, p.New.Size, p.New.Root, p.Old.Size, p.Old.Root); err != nil {
		return ErrProof.Because(err)
	}
	return nil
}

// Text writes the proof as a witness takes it (c2sp.org/tlog-witness, add-checkpoint): the old size, the hashes, and the
// new checkpoint.
func (p TreeProof) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "old %d\n", p.Old.Size)
	for _, h := range p.Hashes {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h[:]))
	}
	return b.String() + "\n" + p.New.Note
}
