package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

const (
	hashSize  = sha256.Size
	batchSize = 1000
	// overlap is how far before the last sealing an entry may date that was committed after it: longer than any
	// transaction may take.
	overlap = time.Hour
	// named is how many broken places a report names.
	named = 100
)

// linkHash is SHA-256 over a byte that sets links apart from leaves, the hash before, the place in the chain, the
// entry's id and its leaf.
func linkHash(prev []byte, seq int64, entry uuid.UUID, leaf []byte) []byte {
	content := append([]byte{1}, prev...)
	content = binary.BigEndian.AppendUint64(content, uint64(seq))
	content = append(content, entry[:]...)
	content = append(content, leaf...)
	sum := sha256.Sum256(content)
	return sum[:]
}

// SealArgs are the arguments of the job audit.seal, which appends new entries to the tenant's chain.
type SealArgs struct {
	job.Tenant
}

// Kind names the job.
func (SealArgs) Kind() string { return "audit.seal" }

// Register adds the module's job, once a minute for each tenant. A missed run is made up by the next.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ SealArgs) error {
		_, err := s.Seal(ctx, tx)
		return err
	})
	job.Every(r, time.Minute, SealArgs{})
}

// Seal appends the entries that no link covers yet to the chain and returns how many.
func (s *Service) Seal(ctx context.Context, tx *pg.Tx) (n int, err error) {
	defer fault.Wrap(&err, "audit.Seal")
	if err := db.LockChain(ctx, tx); err != nil {
		return 0, err
	}
	seq, prev, sealedAt, err := lastLink(ctx, tx)
	if err != nil {
		return 0, err
	}
	since := time.Time{}
	if seq > 0 {
		since = sealedAt.Add(-overlap)
	}
	for {
		rows, err := db.ListUnsealed(ctx, tx, auditdb.ListUnsealedParams{Since: since, Size: batchSize})
		if err != nil {
			return n, err
		}
		links := auditdb.InsertLinksParams{SealedAt: tx.Wall}
		for _, row := range rows {
			seq++
			hash := linkHash(prev, seq, row.ID, row.Leaf)
			links.Seqs = append(links.Seqs, seq)
			links.Entries = append(links.Entries, row.ID)
			links.Prevs = append(links.Prevs, prev)
			links.Hashes = append(links.Hashes, hash)
			prev = hash
		}
		if len(rows) > 0 {
			if err := db.InsertLinks(ctx, tx, links); err != nil {
				return n, err
			}
		}
		n += len(rows)
		if len(rows) < batchSize {
			return n, nil
		}
	}
}

// Report is what Verify found.
type Report struct {
	Rows   int64  // entries looked at
	Sealed int64  // of them in the chain
	Head   []byte // hash of the last link; keep it elsewhere to notice later that the end was cut off
	Broken []string
}

func (r *Report) broken(format string, args ...any) {
	if len(r.Broken) < named {
		r.Broken = append(r.Broken, fmt.Sprintf(format, args...))
	}
}

// Verify walks the whole record of the tenant and names the places where it was altered, where entries were removed, put in
// past the chain or reordered. Use a reading transaction, which sees one moment. Permission: audit:read, which the page
// asks for.
func (s *Service) Verify(ctx context.Context, tx *pg.Tx) (_ Report, err error) {
	defer fault.Wrap(&err, "audit.Verify")
	_, _, sealedAt, err := lastLink(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	var report Report
	if err := report.walkChain(ctx, tx); err != nil {
		return Report{}, err
	}
	return report, report.walkOutside(ctx, tx, sealedAt)
}

func (r *Report) walkChain(ctx context.Context, tx *pg.Tx) error {
	seq, prev := int64(0), make([]byte, hashSize)
	for {
		links, err := db.ListLinks(ctx, tx, auditdb.ListLinksParams{After: seq, Size: batchSize})
		if err != nil {
			return err
		}
		entries, err := entriesOf(ctx, tx, links)
		if err != nil {
			return err
		}
		for _, link := range links {
			if link.Seq != seq+1 {
				r.broken("links %d to %d are missing", seq+1, link.Seq-1)
			}
			if !bytes.Equal(link.Prev, prev) {
				r.broken("link %d does not follow from the one before", link.Seq)
			}
			seq, prev = link.Seq, link.Hash
			r.checkLink(link, entries)
		}
		if len(links) < batchSize {
			r.Head = prev
			return nil
		}
	}
}

func entriesOf(ctx context.Context, tx *pg.Tx, links []auditdb.ListLinksRow) (map[uuid.UUID]auditdb.AuditEntry, error) {
	ids := make([]uuid.UUID, 0, len(links))
	for _, link := range links {
		ids = append(ids, link.EntryID)
	}
	found, err := db.GetEntries(ctx, tx, ids)
	entries := make(map[uuid.UUID]auditdb.AuditEntry, len(found))
	for _, e := range found {
		entries[e.ID] = e
	}
	return entries, err
}

func (r *Report) checkLink(link auditdb.ListLinksRow, entries map[uuid.UUID]auditdb.AuditEntry) {
	entry, ok := entries[link.EntryID]
	if !ok {
		r.broken("entry %s (link %d) was removed", link.EntryID, link.Seq)
		return
	}
	r.Rows++
	r.Sealed++
	leaf := recordOf(entry).leaf()
	if !bytes.Equal(leaf, entry.Leaf) {
		r.broken("entry %s (link %d) was altered", link.EntryID, link.Seq)
		return
	}
	if !bytes.Equal(link.Hash, linkHash(link.Prev, link.Seq, link.EntryID, leaf)) {
		r.broken("link %d does not fit entry %s", link.Seq, link.EntryID)
	}
}

// walkOutside looks at the entries that no link covers: new ones wait for the next sealing, old ones were put in later or
// had their link removed.
func (r *Report) walkOutside(ctx context.Context, tx *pg.Tx, sealedAt time.Time) error {
	after := uuid.Nil
	for {
		rows, err := db.ListOutsideChain(ctx, tx, auditdb.ListOutsideChainParams{After: after, Size: batchSize})
		if err != nil {
			return err
		}
		for _, e := range rows {
			after = e.ID
			r.Rows++
			if !bytes.Equal(recordOf(e).leaf(), e.Leaf) {
				r.broken("entry %s was altered", e.ID)
			}
			if e.RecordedAt.Before(sealedAt.Add(-overlap)) {
				r.broken("entry %s is older than the chain and not in it", e.ID)
			}
		}
		if len(rows) < batchSize {
			return nil
		}
	}
}
