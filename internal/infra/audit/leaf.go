package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
)

// part is what of an entry leads to somebody. The leaf covers a commitment to it, SHA-256 over a salt of its own and the
// value, so that both can be erased and the leaf still holds.
type part string

// The parts, in the order in which the leaf covers them, for ever.
const (
	partActor    part = "actor"
	partOnBehalf part = "on_behalf"
	partSession  part = "session"
	partNetwork  part = "network"
	partOrigin   part = "origin"
	partObject   part = "object"
	partPerson   part = "person"
)

var parts = []part{partActor, partOnBehalf, partSession, partNetwork, partOrigin, partObject, partPerson}

const (
	form     = "digit audit entry 1" // the first word of the content, so that another form could follow
	saltSize = 16
)

// record is an entry with all that the transaction knows of it.
type record struct {
	tenant, id                                  uuid.UUID
	at, recordedAt                              time.Time
	kind, actorKind, action, object             string
	reason, purpose, request, detail            string
	actor, onBehalf, session, objectID, subject uuid.UUID
	network                                     string
	origin                                      []byte
	salt                                        []byte   // nil once something was erased
	erased                                      *remains // nil before
}

// remains are what an entry keeps in place of its salt once parts of it were erased. Bytes are hexadecimal.
type remains struct {
	Salt   string            `json:"salt"`   // the entry's own
	Salts  map[part]string   `json:"salts"`  // of the parts that are still there
	Hashes map[part]string   `json:"hashes"` // commitments to those that are not
	By     map[part]erasedBy `json:"by"`     // which entry tells of the erasing
}

type erasedBy = uuid.UUID

// text is the one form in which the remains are stored: keys in order, digits in lower case.
func (e remains) text() string {
	b, _ := json.Marshal(e) // strings and maps of strings always encode
	return string(b)
}

var errRemains = errors.New("not the remains of an erased entry")

// parseRemains reads what text wrote and nothing else, so that a changed letter is always a difference.
func parseRemains(text string) (*remains, error) {
	var e remains
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil || e.text() != text || len(e.By) != len(e.Hashes) || len(e.Salts)+len(e.Hashes) != len(parts) {
		return nil, errRemains
	}
	for _, p := range parts {
		_, there := e.Salts[p]
		_, gone := e.Hashes[p]
		if _, told := e.By[p]; there == gone || told != gone {
			return nil, errRemains
		}
	}
	return &e, nil
}

// derive makes the salt of one thing from an entry's salt, so that a row stores one.
func derive(salt []byte, name string) []byte {
	sum := sha256.Sum256(append(slices.Clone(salt), name...))
	return sum[:saltSize]
}

func commit(salt, value []byte) []byte {
	sum := sha256.Sum256(append(slices.Clone(salt), value...))
	return sum[:]
}

// value is what a part says, in bytes; empty where there is nothing.
func (r record) value(p part) []byte {
	id := func(u uuid.UUID) []byte {
		if u == uuid.Nil {
			return nil
		}
		return u[:]
	}
	switch p {
	case partActor:
		return id(r.actor)
	case partOnBehalf:
		return id(r.onBehalf)
	case partSession:
		return id(r.session)
	case partNetwork:
		return []byte(r.network)
	case partOrigin:
		return r.origin
	case partObject:
		return id(r.objectID)
	}
	return id(r.subject)
}

// erase empties a part of the entry's value.
func (r *record) erase(p part) {
	switch p {
	case partActor:
		r.actor = uuid.Nil
	case partOnBehalf:
		r.onBehalf = uuid.Nil
	case partSession:
		r.session = uuid.Nil
	case partNetwork:
		r.network = ""
	case partOrigin:
		r.origin = nil
	case partObject:
		r.objectID = uuid.Nil
	case partPerson:
		r.subject = uuid.Nil
	}
}

// salts returns the entry's own salt and that of a part; a part that was erased has a commitment instead.
func (r record) entrySalt() ([]byte, error) {
	if r.erased == nil {
		return derive(r.salt, "entry"), nil
	}
	return unhex(r.erased.Salt, saltSize)
}

func (r record) commitment(p part) ([]byte, error) {
	if r.erased == nil {
		return commit(derive(r.salt, string(p)), r.value(p)), nil
	}
	if hash, gone := r.erased.Hashes[p]; gone {
		if len(r.value(p)) > 0 {
			return nil, errRemains // something was written where something had been erased
		}
		return unhex(hash, sha256.Size)
	}
	salt, err := unhex(r.erased.Salts[p], saltSize)
	return commit(salt, r.value(p)), err
}

func unhex(s string, size int) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != size || hex.EncodeToString(b) != s {
		return nil, errRemains
	}
	return b, nil
}

// preimage is what the leaf is the hash of: a salt, and the content as netstrings (length, colon, bytes, comma), in
// this order for ever. It says nothing that leads to somebody, and so goes into proofs.
func (r record) preimage() ([]byte, error) {
	salt, err := r.entrySalt()
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(salt)
	put := func(b []byte) {
		out.WriteString(strconv.Itoa(len(b)))
		out.WriteByte(':')
		out.Write(b)
		out.WriteByte(',')
	}
	for _, word := range []string{
		form, r.tenant.String(), r.id.String(), micros(r.at), micros(r.recordedAt), r.kind, r.actorKind, r.action, r.object, r.reason, r.purpose,
		r.request, r.detail,
	} {
		put([]byte(word))
	}
	for _, p := range parts {
		hash, err := r.commitment(p)
		if err != nil {
			return nil, err
		}
		put(hash)
	}
	return out.Bytes(), nil
}

func micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// leaf is the entry's leaf (RFC 6962, 2.1): SHA-256 over a zero byte and the preimage.
func (r record) leaf() (tlog.Hash, error) {
	b, err := r.preimage()
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.RecordHash(b), nil
}

// without returns the entry with some parts erased, told of by the entry that erases them. Its leaf stays the same.
func (r record) without(gone []part, by uuid.UUID) (record, error) {
	left := remains{Salts: map[part]string{}, Hashes: map[part]string{}, By: map[part]erasedBy{}}
	salt, err := r.entrySalt()
	if err != nil {
		return r, err
	}
	left.Salt = hex.EncodeToString(salt)
	for _, p := range parts {
		before, was := erasedBy{}, false
		if r.erased != nil {
			before, was = r.erased.By[p]
		}
		switch {
		case was:
			left.Hashes[p], left.By[p] = r.erased.Hashes[p], before
		case slices.Contains(gone, p):
			hash, err := r.commitment(p)
			if err != nil {
				return r, err
			}
			left.Hashes[p], left.By[p] = hex.EncodeToString(hash), by
		case r.erased != nil:
			left.Salts[p] = r.erased.Salts[p]
		default:
			left.Salts[p] = hex.EncodeToString(derive(r.salt, string(p)))
		}
	}
	for p := range left.Hashes {
		r.erase(p)
	}
	r.salt, r.erased = nil, &left
	return r, nil
}
