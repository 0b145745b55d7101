package audit

import (
	"bytes"
	"maps"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// TestTheEdgeIsTheTree holds the edge against the library's tree, of any size.
func TestTheEdgeIsTheTree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(0, 600).Draw(t, "size")
		var stored []tlog.Hash
		rows := map[int64][]tlog.Hash{}
		reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
			for _, i := range indexes {
				out = append(out, stored[i])
			}
			return out, nil
		})
		var e edge
		for n := range size {
			leaf := tlog.RecordHash([]byte{byte(n), byte(n >> 8)})
			want, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
			if err != nil {
				t.Fatal(err)
			}
			rows[n] = e.add(leaf)
			if !bytes.Equal(join(rows[n]), join(want)) || len(want) != completed(n) {
				t.Fatalf("leaf %d completes %d hashes, want %d", n, len(rows[n]), len(want))
			}
			stored = append(stored, want...)
		}
		root, err := tlog.TreeHash(size, reader)
		if size == 0 {
			root, err = edgeOfNothing(), nil
		}
		if err != nil || e.root() != root {
			t.Fatalf("root of %d: %v", size, err)
		}
		for index := range int64(len(stored)) {
			seq, level := at(index)
			if rows[seq][level] != stored[index] {
				t.Fatalf("hash %d is not at row %d, level %d", index, seq, level)
			}
		}
		seqs, levels := summits(size)
		for i, seq := range seqs {
			if rows[seq][levels[i]] != e.peaks[levels[i]] {
				t.Fatalf("summit %d of %d", i, size)
			}
		}
	})
}

func edgeOfNothing() tlog.Hash { return (&edge{}).root() }

// TestErasingKeepsTheLeaf: whatever parts are erased, one after another, the leaf is the same, and nothing of what was
// erased can be told from what remains.
func TestErasingKeepsTheLeaf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		some := func(name string) uuid.UUID {
			if rapid.Bool().Draw(t, "has "+name) {
				return uuid.New()
			}
			return uuid.Nil
		}
		text := func(name string) string { return rapid.StringN(0, 20, 40).Draw(t, name) }
		r := record{
			tenant: uuid.New(), id: uuid.New(), kind: KindRead, actorKind: text("actor kind"), action: text("action"), object: text("object"), reason: text("reason"),
			purpose: text("purpose"), request: text("request"), detail: text("detail"), actor: some("actor"), onBehalf: some("behalf"), session: some("session"),
			objectID: some("object"), subject: some("person"), network: text("network"), origin: []byte(text("origin")), salt: rapid.SliceOfN(rapid.Byte(), saltSize, saltSize).Draw(t, "salt"),
		}
		want, err := r.leaf()
		if err != nil {
			t.Fatal(err)
		}
		left := r
		for range rapid.IntRange(1, 4).Draw(t, "times") {
			gone := rapid.SliceOfNDistinct(rapid.SampledFrom(parts), 1, len(parts), rapid.ID).Draw(t, "gone")
			if left, err = left.without(gone, uuid.New()); err != nil {
				t.Fatal(err)
			}
			for _, p := range gone {
				if len(left.value(p)) > 0 {
					t.Fatalf("%s is still there", p)
				}
			}
			got, err := left.leaf()
			if err != nil || got != want {
				t.Fatalf("after erasing %v: another leaf, %v", gone, err)
			}
			again, err := parseRemains(left.erased.text())
			if err != nil || again.text() != left.erased.text() {
				t.Fatalf("remains do not read back: %v", err)
			}
		}
		if bytes.Contains([]byte(left.erased.text()), r.salt) || left.salt != nil {
			t.Fatal("the salt from which all are derived is still there")
		}
	})
}

// TestEveryBitOfWhatRemainsCounts: whichever bit of an erased entry's remains is changed, they cannot be read any more, the
// leaf is another, or another entry is named for having told of the erasing.
func TestEveryBitOfWhatRemainsCounts(t *testing.T) {
	t.Parallel()
	r := record{tenant: uuid.New(), id: uuid.New(), actor: uuid.New(), session: uuid.New(), subject: uuid.New(), salt: bytes.Repeat([]byte{0xab}, saltSize)}
	want, err := r.leaf()
	if err != nil {
		t.Fatal(err)
	}
	left, err := r.without([]part{partActor, partSession}, uuid.New())
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(left.erased.text())
	for i := range text {
		for bit := range 8 {
			changed := bytes.Clone(text)
			changed[i] ^= 1 << bit
			got := left
			if got.erased, err = parseRemains(string(changed)); err != nil {
				continue
			}
			if leaf, err := got.leaf(); err == nil && leaf == want && maps.Equal(got.erased.By, left.erased.By) {
				t.Errorf("%s means the same", changed)
			}
		}
	}
}

// TestTheLeafCoversEverything: two entries that differ in one field have two leaves, and no field runs into the next.
func TestTheLeafCoversEverything(t *testing.T) {
	t.Parallel()
	base := record{tenant: uuid.New(), id: uuid.New(), action: "ab", object: "c", salt: make([]byte, saltSize)}
	seen := map[tlog.Hash]string{}
	for name, change := range map[string]func(*record){
		"nothing": func(*record) {}, "tenant": func(r *record) { r.tenant[0] ^= 1 }, "id": func(r *record) { r.id[15] ^= 1 }, "at": func(r *record) { r.at = r.at.Add(1000) },
		"recorded": func(r *record) { r.recordedAt = r.recordedAt.Add(1000) }, "kind": func(r *record) { r.kind = "x" }, "actor kind": func(r *record) { r.actorKind = "x" },
		"shifted": func(r *record) { r.action, r.object = "a", "bc" }, "reason": func(r *record) { r.reason = "x" }, "purpose": func(r *record) { r.purpose = "x" },
		"request": func(r *record) { r.request = "x" }, "detail": func(r *record) { r.detail = "x" }, "actor": func(r *record) { r.actor = uuid.New() },
		"behalf": func(r *record) { r.onBehalf = uuid.New() }, "session": func(r *record) { r.session = uuid.New() }, "object": func(r *record) { r.objectID = uuid.New() },
		"person": func(r *record) { r.subject = uuid.New() }, "network": func(r *record) { r.network = "x" }, "origin": func(r *record) { r.origin = []byte("x") },
		"salt": func(r *record) { r.salt = bytes.Repeat([]byte{1}, saltSize) },
	} {
		r := base
		change(&r)
		leaf, err := r.leaf()
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[leaf]; taken {
			t.Errorf("%s and %s have one leaf", name, other)
		}
		seen[leaf] = name
	}
}
