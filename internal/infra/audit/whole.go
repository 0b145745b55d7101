package audit

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// wholeHead is the first line of a log that is written out.
type wholeHead struct {
	Origin     string   `json:"origin"`
	Checkpoint string   `json:"checkpoint"`
	Keys       []string `json:"keys"` // PEM
}

// wholeLine is one entry of it, with all one needs to compute its leaf and to lead it to the checkpoint's root.
type wholeLine struct {
	Seq        int64              `json:"seq"`
	ID         uuid.UUID          `json:"id"`
	At         string             `json:"at_micros"`
	RecordedAt string             `json:"recorded_at_micros"`
	Kind       string             `json:"kind"`
	ActorKind  string             `json:"actor_kind"`
	Action     string             `json:"action"`
	Object     string             `json:"object"`
	Reason     string             `json:"reason"`
	Purpose    string             `json:"purpose"`
	Request    string             `json:"request"`
	Detail     string             `json:"detail"`
	Salt       string             `json:"salt"`
	Parts      map[part]wholePart `json:"parts"`
	Leaf       string             `json:"leaf"`
	Proof      []string           `json:"proof,omitempty"`
}

// wholePart is what leads to somebody, with its salt; once it was erased only the commitment is there. Bytes are
// hexadecimal.
type wholePart struct {
	Salt  string `json:"salt,omitempty"`
	Value string `json:"value,omitempty"`
	Hash  string `json:"hash"`
}

// WriteLog writes a tenant's log out as JSON lines, the latest checkpoint first, then each entry that it counts in order;
// with proofs, each with the hashes that lead from its leaf to the root. It reads in batches of short transactions.
// Permission: audit:read, which the caller asks for and records. Errors: ErrPending where there is no checkpoint.
func (s *Service) WriteLog(ctx context.Context, db *pg.DB, tenant uuid.UUID, out io.Writer, proofs bool) (n int64, err error) {
	defer fault.Wrap(&err, "audit.WriteLog(%s)", tenant)
	w := bufio.NewWriter(out)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	scope := pg.Scope{Tenant: tenant, Actor: pg.System(), ReadOnly: true}
	var c Checkpoint
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
		if c, err = latestCheckpoint(ctx, tx); err != nil {
			return err
		}
		keys, err := s.Keys(ctx, tx)
		head := wholeHead{Origin: c.Origin, Checkpoint: c.Note}
		for _, key := range keys {
			head.Keys = append(head.Keys, key.PEM)
		}
		return errors.Join(err, lines.Encode(head))
	})
	for after := int64(math.MinInt64); err == nil && after < c.Size-1; {
		err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
			places, err := listPlaces(ctx, tx, after, c.Size-1)
			if err != nil || len(places) == 0 {
				after = math.MaxInt64
				return err
			}
			after = places[len(places)-1].seq
			n += int64(len(places))
			return writePlaces(ctx, tx, lines, places, c.Size, proofs)
		})
	}
	return n, errors.Join(err, w.Flush())
}

func writePlaces(ctx context.Context, tx *pg.Tx, lines *json.Encoder, places []place, size int64, proofs bool) error {
	ids := make([]uuid.UUID, 0, len(places))
	for _, p := range places {
		ids = append(ids, p.entry)
	}
	entries, err := getEntries(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, p := range places {
		line, err := lineOf(p, entries[p.entry])
		if err != nil {
			return err
		}
		if proofs {
			path, err := tlog.ProveRecord(size, p.seq, hashes(ctx, tx))
			if err != nil {
				return err
			}
			for _, h := range path {
				line.Proof = append(line.Proof, base64.StdEncoding.EncodeToString(h[:]))
			}
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func lineOf(p place, e stored) (wholeLine, error) {
	salt, err := e.entrySalt()
	line := wholeLine{
		Seq: p.seq, ID: p.entry, At: micros(e.at), RecordedAt: micros(e.recordedAt), Kind: e.kind, ActorKind: e.actorKind, Action: e.action, Object: e.object,
		Reason: e.reason, Purpose: e.purpose, Request: e.request, Detail: e.detail, Salt: hex.EncodeToString(salt), Parts: map[part]wholePart{},
		Leaf: base64.StdEncoding.EncodeToString(e.leaf),
	}
	for _, name := range parts {
		hash, failed := e.commitment(name)
		err = errors.Join(err, failed)
		out := wholePart{Hash: hex.EncodeToString(hash), Value: hex.EncodeToString(e.value(name))}
		switch {
		case e.erased == nil:
			out.Salt = hex.EncodeToString(derive(e.salt, string(name)))
		default:
			out.Salt = e.erased.Salts[name]
		}
		line.Parts[name] = out
	}
	return line, err
}
