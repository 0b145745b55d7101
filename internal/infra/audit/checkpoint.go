package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// KeyOwner is in whose name checkpoints are signed; the public keys are published under it.
const KeyOwner = "audit"

// chainLine begins the extension line of a first checkpoint that repeats where an older chain of hashes ended.
const chainLine = "chain "

// Checkpoint is a signed statement of the log's size and root, in the form of c2sp.org/tlog-checkpoint.
type Checkpoint struct {
	Origin   string // names the log
	Size     int64
	Root     tlog.Hash
	Extra    []string // extension lines
	Note     string   // the signed text as a whole
	SignedAt time.Time
}

// Origin names a tenant's log, in checkpoints and as the name of the key that signs them.
func Origin(tenant uuid.UUID) string { return "digit.audit/" + tenant.String() }

// body is what is signed.
func (c Checkpoint) body() string {
	text := fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
	for _, line := range c.Extra {
		text += line + "\n"
	}
	return text
}

// ParseCheckpoint reads a checkpoint without believing it. Errors: ErrCheckpoint.
func ParseCheckpoint(text string) (c Checkpoint, err error) {
	at := strings.LastIndex(text, "\n\n")
	if at < 0 {
		return c, ErrCheckpoint
	}
	lines := strings.Split(text[:at], "\n")
	if len(lines) < 3 || lines[0] == "" {
		return c, ErrCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := tlog.ParseHash(lines[2])
	if err != nil || rootErr != nil || size < 0 {
		return c, ErrCheckpoint
	}
	c = Checkpoint{Origin: lines[0], Size: size, Root: root, Extra: lines[3:], Note: text}
	if c.body() != text[:at+1] { // one way to write it, and no other
		return c, ErrCheckpoint
	}
	return c, nil
}

// ParseCheckpoints reads a file of checkpoints one after another, each followed by an empty line, as a file sink writes
// them. Errors: ErrCheckpoint.
func ParseCheckpoints(text string) ([]Checkpoint, error) {
	var all []Checkpoint
	var one []string
	signed := false
	end := func() error {
		if len(one) == 0 {
			return nil
		}
		c, err := ParseCheckpoint(strings.Join(one, "\n") + "\n")
		all, one, signed = append(all, c), nil, false
		return err
	}
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		line = strings.TrimSuffix(line, "\n")
		signature := strings.HasPrefix(line, "\u2014 ")
		if signed && !signature {
			if err := end(); err != nil {
				return nil, err
			}
		}
		if line == "" && len(one) == 0 {
			continue
		}
		signed = signed || signature
		one = append(one, line)
	}
	if err := end(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrCheckpoint
	}
	return all, nil
}

// keyHash names an ECDSA key in a signature line (c2sp.org/signed-note, type 2).
func keyHash(public []byte) uint32 {
	sum := sha256.Sum256(public)
	return binary.BigEndian.Uint32(sum[:])
}

// signer is a note.Signer and note.Verifier by a key of encryption's.
type signer struct {
	name   string
	public []byte
	sign   func(text []byte) ([]byte, error)
	verify func(public, text, signature []byte) error
}

func (s signer) Name() string                     { return s.name }
func (s signer) KeyHash() uint32                  { return keyHash(s.public) }
func (s signer) Sign(text []byte) ([]byte, error) { return s.sign(text) }
func (s signer) Verify(text, signature []byte) bool {
	return s.verify(s.public, text, signature) == nil
}

// signed returns the checkpoint with its note, signed by the tenant's key. Errors: those of Keys.SignText.
func (s *Service) signed(ctx context.Context, tx *pg.Tx, c Checkpoint) (Checkpoint, error) {
	signature, public, err := s.deps.Keys.SignText(ctx, tx, KeyOwner, []byte(c.body()))
	if err != nil {
		return c, err
	}
	given := func([]byte) ([]byte, error) { return signature, nil } // over this very text
	text, err := note.Sign(&note.Note{Text: c.body()}, signer{name: c.Origin, public: public, sign: given})
	c.Note, c.SignedAt = string(text), tx.Wall
	return c, err
}

// proven says whether one of the keys signed the checkpoint.
func (s *Service) proven(c Checkpoint, keys [][]byte) bool {
	return Signed(c, keys, s.deps.Keys.VerifyText)
}

// Signed says whether one of the public keys (DER) signed the checkpoint; verify checks one signature.
func Signed(c Checkpoint, keys [][]byte, verify func(public, text, signature []byte) error) bool {
	var known []note.Verifier
	for _, key := range keys {
		known = append(known, signer{name: c.Origin, public: key, verify: verify})
	}
	_, err := note.Open([]byte(c.Note), note.VerifierList(known...))
	return err == nil
}

// PublicKey is a key by which a tenant's checkpoints are verified.
type PublicKey struct {
	PEM  string // SubjectPublicKeyInfo, as openssl reads it
	Line string // as tools for signed notes read it: name, key hash, type and key
}

// Keys returns the public keys, active and retired, by which the tenant's checkpoints are verified.
func (s *Service) Keys(ctx context.Context, tx *pg.Tx) (keys []PublicKey, err error) {
	defer fault.Wrap(&err, "audit.Keys")
	found, err := s.deps.Keys.TextKeys(ctx, tx, KeyOwner)
	for _, der := range found {
		keys = append(keys, PublicKey{
			PEM:  string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
			Line: fmt.Sprintf("%s+%08x+%s", Origin(tx.Tenant), keyHash(der), base64.StdEncoding.EncodeToString(append([]byte{2}, der...))),
		})
	}
	return keys, err
}

// ParsePublicKey reads a key from PEM, or from the line that tools for signed notes read. Errors: ErrKey.
func ParsePublicKey(text []byte) (der []byte, err error) {
	if block, _ := pem.Decode(text); block != nil {
		return block.Bytes, nil
	}
	line := string(bytes.TrimSpace(text))
	if at := strings.Index(line, "+"); at >= 0 {
		if _, encoded, ok := strings.Cut(line[at+1:], "+"); ok {
			b, err := base64.StdEncoding.DecodeString(encoded)
			if err == nil && len(b) > 1 && b[0] == 2 {
				return b[1:], nil
			}
		}
	}
	return nil, ErrKey
}

// checkpoint signs the tree as it stands, unless there is nothing to sign with: a process without the root key goes on
// sequencing and the next one that has it signs.
func (s *Service) checkpoint(ctx context.Context, tx *pg.Tx, e edge) error {
	c := Checkpoint{Origin: Origin(tx.Tenant), Size: e.size, Root: e.root()}
	chain, err := chainEnd(ctx, tx)
	if err != nil {
		return err
	}
	if chain != nil {
		c.Extra = []string{chainLine + base64.StdEncoding.EncodeToString(chain)}
	}
	c, err = s.signed(ctx, tx, c)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.KindUnavailable {
		return nil
	}
	if err != nil {
		return err
	}
	return insertCheckpoint(ctx, tx, c)
}
