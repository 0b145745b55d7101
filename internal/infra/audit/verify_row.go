package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"digit/internal/infra/platform/pg"
)

const (
	// gap is how many missing rows in succession the walk steps over one by one; over more it leaps.
	gap = 1 << 12
	// acts is how many entries that tell of an erasing the walk remembers.
	actsMax = 1000
)

// row judges one row of the log and lets the tree grow by it.
func (w *walk) row(ctx context.Context, tx *pg.Tx, p place, entries map[uuid.UUID]stored) error {
	fits := bytes.Equal(p.digest, p.sum()) && len(p.hashes) == completed(p.seq)
	if p.seq < w.edge.size || !fits && p.seq > w.edge.size {
		w.report.found(row(Touched, p.seq, p.entry)) // where it stands now; where it stood is missed there
		return nil
	}
	if p.seq > w.edge.size {
		w.report.found(Finding{Code: Missing, Seq: w.edge.size, To: p.seq - 1})
		w.skip(p.seq)
	}
	if !fits {
		w.report.found(row(Touched, p.seq, p.entry))
		w.grow(nil, leafOf(p), false)
		return w.entry(ctx, tx, p, entries, false)
	}
	w.sequenced = p.at
	w.grow(p.hashes, p.hashes[0], true)
	return w.entry(ctx, tx, p, entries, true)
}

func leafOf(p place) (leaf tlog.Hash) {
	if len(p.hashes) > 0 {
		leaf = p.hashes[0]
	}
	return leaf
}

// skip lets the tree grow by rows that are not there.
func (w *walk) skip(to int64) {
	if to-w.edge.size > gap {
		w.edge.size, w.sound = to, [64]bool{}
		return
	}
	for w.edge.size < to {
		w.grow(nil, tlog.Hash{}, false)
	}
}

// grow adds a leaf to the tree and holds what it completes against the hashes that are stored with it. Where they differ, or
// where a part is not sound, it goes on with the stored one, so that one broken row is told of once and not again by
// every row above it.
func (w *walk) grow(hashes []tlog.Hash, leaf tlog.Hash, sound bool) {
	seq, level := w.edge.size, 0
	for ; seq>>level&1 == 1; level++ {
		computed := tlog.NodeHash(w.edge.peaks[level], leaf)
		switch {
		case hashes == nil:
			leaf, sound = computed, false
		case w.sound[level] && sound:
			if leaf = hashes[level+1]; computed != leaf {
				first := seq >> (level + 1) << (level + 1)
				w.report.found(Finding{Code: Rehashed, Seq: first, To: seq})
				sound = false
			}
		default:
			leaf, sound = hashes[level+1], true
		}
	}
	w.edge.peaks[level], w.sound[level] = leaf, sound
	w.edge.size++
}

// entry judges the entry of a row. fits says that the row itself is as it was.
func (w *walk) entry(ctx context.Context, tx *pg.Tx, p place, entries map[uuid.UUID]stored, fits bool) error {
	s, ok := entries[p.entry]
	if !ok {
		if fits {
			w.report.found(row(Removed, p.seq, p.entry))
		}
		return nil
	}
	leaf, err := s.record.leaf()
	if err != nil || s.unsound || !bytes.Equal(leaf[:], s.leaf) || fits && leaf != p.hashes[0] {
		w.report.found(row(Altered, p.seq, p.entry))
		return nil
	}
	if s.erased == nil {
		return nil
	}
	w.report.Erased++
	told, err := w.told(ctx, tx, p.seq, s.erased.By)
	if err == nil && !told {
		w.report.found(row(Blanked, p.seq, p.entry))
	}
	return err
}

// told says whether every part that is gone from a row is told of by the entry that it names. Where that entry is itself
// altered or gone, its own row says so.
func (w *walk) told(ctx context.Context, tx *pg.Tx, seq int64, by map[part]erasedBy) (bool, error) {
	for p, act := range by {
		t, known := w.acts[act]
		if !known {
			var err error
			if t, err = tellingOf(ctx, tx, act); err != nil {
				return false, err
			}
			if len(w.acts) >= actsMax {
				clear(w.acts)
			}
			w.acts[act] = t
		}
		if !t.broken && !slices.Contains(t.rows[p], seq) {
			return false, nil
		}
	}
	return true, nil
}

// telling is what an entry tells of an erasing: which rows lost which part.
type telling struct {
	rows   map[part][]int64
	broken bool // what it told is not known any more
}

func tellingOf(ctx context.Context, tx *pg.Tx, act uuid.UUID) (t telling, err error) {
	s, _, err := getEntry(ctx, tx, act)
	if errors.Is(err, ErrNotFound) {
		t.broken, err = db.HasPlace(ctx, tx, act)
		return t, err
	}
	if err != nil {
		return t, err
	}
	leaf, err := s.record.leaf()
	if err != nil || !bytes.Equal(leaf[:], s.leaf) {
		return telling{broken: true}, nil
	}
	if s.action == actionErase {
		t.rows = erasedRows(s.detail)
	}
	return t, nil
}

// erasedRows reads from an entry that tells of an erasing which rows lost which part.
func erasedRows(detail string) map[part][]int64 {
	var d struct {
		Rows map[part][]int64 `json:"rows"`
	}
	if json.Unmarshal([]byte(detail), &d) != nil {
		return nil
	}
	return d.Rows
}
