package audit

import (
	"context"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

const (
	batchSize = 1000
	// growth is how many entries one transaction sequences at most; what remains is the next one's.
	growth = 20 * batchSize
	// overlap is how far before the last sequencing an entry may date that was committed after it: longer than any
	// transaction may take, and than the clocks of two machines may differ.
	overlap = time.Hour
)

// Sequence makes the entries that are not part of the log yet its next leaves, oldest first, signs a checkpoint of what
// it grew to, and returns how many they were: 20,000 at most, so that as many mean that there may be more. Writers
// never wait for it; two sequencings of one tenant do for each other.
func (s *Service) Sequence(ctx context.Context, tx *pg.Tx) (n int, err error) {
	defer fault.Wrap(&err, "audit.Sequence")
	if err := db.LockLog(ctx, tx); err != nil {
		return 0, err
	}
	h, err := head(ctx, tx)
	if err != nil {
		return 0, err
	}
	since := time.Time{}
	if h.edge.size > 0 {
		since = h.sequencedAt.Add(-overlap)
	}
	found, err := unsequenced(ctx, tx, since)
	if err != nil {
		return 0, err
	}
	for batch := range slices.Chunk(found, batchSize) {
		places := make([]place, 0, len(batch))
		for _, f := range batch {
			p := place{seq: h.edge.size, entry: f.entry, at: tx.Wall.Truncate(time.Microsecond)}
			p.hashes = h.edge.add(f.leaf)
			p.digest = p.sum()
			places = append(places, p)
		}
		if err := insertPlaces(ctx, tx, places); err != nil {
			return n, err
		}
		n += len(batch)
	}
	if h.edge.size > h.signed {
		err = s.checkpoint(ctx, tx, h.edge)
	}
	return n, err
}

// hashes reads the tree from the log's rows.
func hashes(ctx context.Context, tx *pg.Tx) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		seqs := make([]int64, 0, len(indexes))
		for _, index := range indexes {
			seq, _ := at(index)
			seqs = append(seqs, seq)
		}
		rows, err := placesAt(ctx, tx, seqs)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, 0, len(indexes))
		for _, index := range indexes {
			seq, level := at(index)
			row, ok := rows[seq]
			if !ok || level >= len(row.hashes) {
				return nil, ErrProof // the log is broken there; Verify tells how
			}
			out = append(out, row.hashes[level])
		}
		return out, nil
	})
}
