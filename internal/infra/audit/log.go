package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
)

// place is one row of the log: which entry is its leaf number seq, and what of the tree this leaf completes.
type place struct {
	seq    int64
	entry  uuid.UUID
	at     time.Time
	hashes []tlog.Hash // the leaf, and above it each subtree of which it is the last
	digest []byte
}

// sum is SHA-256 over the row, with a first byte that no hash of the tree has. It is no secret: who rewrites the row can
// rewrite it as well, and is found by the tree; it names the row that somebody touched, moved or exchanged.
func (p place) sum() []byte {
	b := []byte{3}
	b = binary.BigEndian.AppendUint64(b, uint64(p.seq))
	b = append(b, p.entry[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(p.at.UnixMicro()))
	b = append(b, join(p.hashes)...)
	sum := sha256.Sum256(b)
	return sum[:]
}

// completed is how many hashes leaf number seq adds to the tree: its own, and one for each subtree it is the last of.
func completed(seq int64) int { return 1 + bits.TrailingZeros64(^uint64(seq)) }

func join(hashes []tlog.Hash) []byte {
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// split is join's opposite; it returns nil for bytes that are no hashes.
func split(b []byte) []tlog.Hash {
	if len(b) == 0 || len(b)%tlog.HashSize != 0 {
		return nil
	}
	hashes := make([]tlog.Hash, len(b)/tlog.HashSize)
	for i := range hashes {
		copy(hashes[i][:], b[i*tlog.HashSize:])
	}
	return hashes
}

// edge is the right edge of a tree: for each bit of its size, the root of the complete subtree of that height. That is
// all one has to know to let the tree grow.
type edge struct {
	size  int64
	peaks [64]tlog.Hash
}

// add lets the tree grow by a leaf and returns the hashes it completes.
func (e *edge) add(leaf tlog.Hash) []tlog.Hash {
	hashes := []tlog.Hash{leaf}
	level := 0
	for ; e.size>>level&1 == 1; level++ {
		leaf = tlog.NodeHash(e.peaks[level], leaf)
		hashes = append(hashes, leaf)
	}
	e.peaks[level] = leaf
	e.size++
	return hashes
}

// root is the hash of the whole tree (RFC 6962, 2.1).
func (e *edge) root() tlog.Hash {
	if e.size == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(uint64(e.size))
	root := e.peaks[level]
	for level++; e.size>>level > 0; level++ {
		if e.size>>level&1 == 1 {
			root = tlog.NodeHash(e.peaks[level], root)
		}
	}
	return root
}

// at says in which row the hash of a subtree stands, and which of the row's it is. Indexes are those of tlog.
func at(index int64) (seq int64, level int) {
	level, n := tlog.SplitStoredHashIndex(index)
	return (n+1)<<level - 1, level
}

// summits are the rows that a tree's edge is read from: for each bit of its size, the last leaf of that subtree.
func summits(size int64) (seqs []int64, levels []int) {
	for level := 0; size>>level > 0; level++ {
		if size>>level&1 == 1 {
			seqs, levels = append(seqs, size>>level<<level-1), append(levels, level)
		}
	}
	return seqs, levels
}
