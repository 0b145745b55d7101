package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document/inspect"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// What callers must expect.
var (
	// ErrTooLarge says that the file is larger than allowed.
	ErrTooLarge = fault.Invalid("document.too_large")
	// ErrType says that the content is not of an accepted type, whatever the name says.
	ErrType = inspect.ErrType
	// ErrEmpty says that there is no content.
	ErrEmpty = fault.Invalid("document.empty")
	// ErrNotFound says that there is no such file, or no more.
	ErrNotFound = fault.NotFound("document.not_found")
	// ErrDamaged says that the stored content is not what was handed in.
	ErrDamaged = fault.Conflict("document.damaged")
	// ErrWaiting says that the content is still looked through for malicious software.
	ErrWaiting = fault.Conflict("document.waiting")
	// ErrNoTransfer says that no such file is on its way.
	ErrNoTransfer = fault.NotFound("document.no_transfer")
	// ErrPiece says that a file was announced that cannot be, or that a piece does not fit what was announced.
	ErrPiece = fault.Invalid("document.piece")
	// ErrOffset says that a piece does not follow what has arrived; argument: received.
	ErrOffset = fault.Conflict("document.offset")
	// ErrBroken says that what arrived is not what was announced; it must be sent anew.
	ErrBroken = fault.Conflict("document.broken")
	// ErrInfected says that malicious software was found in it and the content is gone.
	ErrInfected = fault.Conflict("document.infected")
)

// DefaultMaxSize is the limit where a caller names none: 10 MiB.
const DefaultMaxSize = 10 << 20

// pieceSize is how much is sealed at once.
const pieceSize = 256 << 10

// File describes a stored file.
type File struct {
	ID        uuid.UUID
	Person    uuid.UUID
	Purpose   string
	Name      string
	MediaType string
	Size      int64 // bytes
	SHA256    []byte
	Scan      Scan
	Finding   string // what the scanner calls what it found; "" for nothing
	CreatedAt time.Time
}

// Store says how a file is to be kept: Person is whose data it is (uuid.Nil: the tenant's), Accept the media types
// allowed (empty: PDF, JPEG, PNG), MaxSize the limit in bytes.
type Store struct {
	Name    string
	Person  uuid.UUID
	Purpose string
	Accept  []string
	MaxSize int64
}

// Scanner looks for malicious software in content: clamd, say.
type Scanner interface {
	// Scan returns the name of what it found, "" for nothing.
	Scan(ctx context.Context, r io.Reader) (finding string, err error)
}

// Deps is what documents need. Inspector looks into what people hand in (nil: inspect.File, in this process); Scanner
// looks for malicious software in it (nil: nobody does).
type Deps struct {
	Encryption *encryption.Service
	Inspector  func(ctx context.Context, q inspect.Query) (inspect.Result, error)
	Scanner    Scanner
}

// Service stores files.
type Service struct {
	deps    Deps
	benches chan struct{} // places where a file can be inspected
}

// New makes the service.
func New(d Deps) *Service {
	if d.Encryption == nil {
		panic("document.New: a dependency is missing")
	}
	if d.Inspector == nil {
		d.Inspector = inspect.File
	}
	return &Service{deps: d, benches: make(chan struct{}, benches)}
}

func (in *Store) defaults() {
	if in.MaxSize <= 0 {
		in.MaxSize = DefaultMaxSize
	}
	if len(in.Accept) == 0 {
		in.Accept = []string{"application/pdf", "image/jpeg", "image/png"}
	}
}

// Store keeps the content of r, which the platform made itself: what comes from outside goes by Inspect and Take. Memory
// stays at one piece, however large the file. Errors: ErrTooLarge, ErrType, ErrEmpty.
func (s *Service) Store(ctx context.Context, tx *pg.Tx, in Store, r io.Reader) (f File, err error) {
	defer fault.Wrap(&err, "document.Store(%s)", in.Purpose)
	in.defaults()
	first := make([]byte, pieceSize)
	n, _, err := fill(r, first)
	if err != nil {
		return f, err
	}
	if n == 0 {
		return f, ErrEmpty
	}
	f = File{ID: id.New(), Person: in.Person, Purpose: in.Purpose, Name: cleanName(in.Name), Scan: NotScanned, CreatedAt: tx.Now}
	if f.MediaType, err = sniff(first[:n], in.Accept); err != nil {
		return f, err
	}
	rest := io.MultiReader(bytes.NewReader(first[:n]), r)
	if err := s.insert(ctx, tx, &f, io.LimitReader(rest, in.MaxSize+1), in.MaxSize); err != nil {
		return f, err
	}
	return f, recordStored(ctx, tx, f)
}

func recordStored(ctx context.Context, tx *pg.Tx, f File) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: "document.store", Object: "document.file", ObjectID: f.ID, Person: f.Person,
		Detail: map[string]any{"purpose": f.Purpose, "media_type": f.MediaType, "size": f.Size},
	})
}

// fill reads until the piece is full or the content ends. Unlike io.ReadFull it tells the end from content that was cut
// off on its way, for which HTTP bodies return io.ErrUnexpectedEOF.
func fill(r io.Reader, piece []byte) (n int, end bool, err error) {
	for n < len(piece) && err == nil {
		var got int
		got, err = r.Read(piece[n:])
		n += got
	}
	if errors.Is(err, io.EOF) {
		return n, true, nil
	}
	return n, false, err
}

// sniff returns the media type of the content when it is accepted, as itself or as one of a group ("image/*").
// Errors: ErrType.
func sniff(head []byte, accept []string) (string, error) {
	for m := mimetype.Detect(head); m != nil; m = m.Parent() {
		kind, _, _ := strings.Cut(m.String(), ";")
		if accepted(kind, accept) {
			return kind, nil
		}
	}
	return "", refuseType(accept)
}

func accepted(kind string, accept []string) bool {
	return slices.Contains(accept, kind) || slices.ContainsFunc(accept, func(a string) bool { return inGroup(kind, a) })
}

func refuseType(accept []string) error { return ErrType.With("accept", strings.Join(accept, ", ")) }

// inGroup reports whether group is like "image/*" and has the kind. SVG is no picture in that sense: it can carry
// scripts, so who wants it must name it.
func inGroup(kind, group string) bool {
	prefix, ok := strings.CutSuffix(group, "*")
	return ok && strings.HasSuffix(prefix, "/") && strings.HasPrefix(kind, prefix) && kind != "image/svg+xml"
}

// cleanName keeps the last element of what a browser calls the file, at most 200 bytes, without control characters and
// those that turn the direction of writing, by which "exe.pdf" can be made of "fdp.exe".
func cleanName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	for len(name) > 200 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if strings.Trim(name, ". /") == "" {
		return "file"
	}
	return name
}

// insert seals and stores piece by piece, then the file's row, whose size and sum are known only then.
func (s *Service) insert(ctx context.Context, tx *pg.Tx, f *File, r io.Reader, limit int64) error {
	sum := sha256.New()
	buf := make([]byte, pieceSize)
	for seq, end := 0, false; !end; seq++ {
		n, last, err := fill(r, buf)
		end = last
		if f.Size += int64(n); err == nil && f.Size > limit {
			err = ErrTooLarge.With("max", limit)
		}
		if err != nil { // the caller may go on with the same transaction: nothing of the refused file may stay in it
			return errors.Join(err, deletePieces(ctx, tx, f.ID))
		}
		if n > 0 {
			sum.Write(buf[:n])
			sealed, err := s.deps.Encryption.Seal(ctx, tx, f.Person, piecePlace(f.ID, seq), buf[:n])
			if err != nil {
				return err
			}
			if err := insertPiece(ctx, tx, f.ID, seq, sealed); err != nil {
				return err
			}
		}
	}
	f.SHA256 = sum.Sum(nil)
	name, err := s.deps.Encryption.Seal(ctx, tx, f.Person, namePlace(f.ID), []byte(f.Name))
	if err != nil {
		return err
	}
	return insertFile(ctx, tx, *f, name)
}

// File returns a file's description. Errors: ErrNotFound.
func (s *Service) File(ctx context.Context, tx *pg.Tx, file uuid.UUID) (f File, err error) {
	defer fault.Wrap(&err, "document.File(%s)", file)
	f, name, err := getFile(ctx, tx, file)
	if err != nil {
		return f, err
	}
	plain, err := s.deps.Encryption.Open(ctx, tx, f.Person, namePlace(f.ID), name)
	f.Name = string(plain)
	return f, err
}

// Read writes a file's content to w and checks that it is what was handed in. Whether the actor may read it is the
// caller's to decide; who reads somebody else's is on record, which needs a transaction that writes. Errors: ErrNotFound, ErrDamaged.
func (s *Service) Read(ctx context.Context, tx *pg.Tx, file uuid.UUID, w io.Writer) (err error) {
	defer fault.Wrap(&err, "document.Read(%s)", file)
	f, _, err := getFile(ctx, tx, file)
	if err != nil {
		return err
	}
	if err := f.Scan.readable(); err != nil {
		return err
	}
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	for seq := 0; seq < f.pieces(); seq++ {
		plain, err := s.piece(ctx, tx, f, seq)
		if err != nil {
			return err
		}
		if _, err := out.Write(plain); err != nil {
			return err
		}
	}
	if !bytes.Equal(sum.Sum(nil), f.SHA256) {
		return ErrDamaged
	}
	return audit.Read(ctx, tx, audit.Entry{
		Action: "document.read", Object: "document.file", ObjectID: file, Person: f.Person, Detail: map[string]any{"purpose": f.Purpose},
	})
}

// pieces is of how many pieces the content is.
func (f File) pieces() int { return int((f.Size + pieceSize - 1) / pieceSize) }

// piece opens one piece of the content. Errors: ErrDamaged.
func (s *Service) piece(ctx context.Context, tx *pg.Tx, f File, seq int) ([]byte, error) {
	sealed, err := getPiece(ctx, tx, f.ID, seq)
	if err != nil {
		return nil, err
	}
	plain, err := s.deps.Encryption.Open(ctx, tx, f.Person, piecePlace(f.ID, seq), sealed)
	if errors.Is(err, encryption.ErrUnreadable) {
		return nil, ErrDamaged.Because(err)
	}
	return plain, err
}

// Delete removes a file's content; that it was there stays on record. Deleting twice is no error.
func (s *Service) Delete(ctx context.Context, tx *pg.Tx, file uuid.UUID) (err error) {
	defer fault.Wrap(&err, "document.Delete(%s)", file)
	person, gone, err := deleteFile(ctx, tx, file)
	if err != nil || !gone {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "document.delete", Object: "document.file", ObjectID: file, Person: person})
}

func namePlace(file uuid.UUID) encryption.Place {
	return encryption.Place{Table: "document.file", Column: "name", Row: file}
}

// piecePlace binds a piece to its file and its place in it, so that pieces cannot be exchanged.
func piecePlace(file uuid.UUID, seq int) encryption.Place {
	return encryption.Place{Table: "document.chunk", Column: "content/" + strconv.Itoa(seq), Row: file}
}
