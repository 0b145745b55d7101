package document_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const piece = 256 << 10

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	person uuid.UUID
	*document.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: pgtest.New(t), person: id.New()}
	b.tenant = pgtest.Tenant(t, b.db)
	b.Service = document.New(document.Deps{Encryption: encryption.New(encryption.Deps{Root: root})})
	return b
}

func (b *bundle) in(tenant uuid.UUID, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: tenant, Actor: pg.Actor{ID: b.person, Kind: "person"}}, work)
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.in(b.tenant, work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
}

// keep stores a file and returns it.
func (b *bundle) keep(in document.Store, r io.Reader) (f document.File, err error) {
	in.Person = b.person
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = b.Store(ctx, tx, in, r)
		return err
	})
	return f, err
}

// read returns a file's content.
func (b *bundle) read(file uuid.UUID) (content []byte, err error) {
	err = b.try(func(ctx context.Context, tx *pg.Tx) error {
		var w bytes.Buffer
		err := b.Read(ctx, tx, file, &w)
		content = w.Bytes()
		return err
	})
	return content, err
}

func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	return n
}

var anything = []string{"text/plain"}

// text makes content in which no two pieces are the same.
func text(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "linha %d do canário\n", i)
	}
	return b.Bytes()[:size]
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, size := range []int{1, piece - 1, piece, piece + 1, 5 * piece} {
		content := text(size)
		f, err := b.keep(document.Store{Name: "nota.txt", Purpose: "test", Accept: anything}, iotest.HalfReader(bytes.NewReader(content)))
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		sum := sha256.Sum256(content)
		if f.Size != int64(size) || f.MediaType != "text/plain" || f.Name != "nota.txt" || !bytes.Equal(f.SHA256, sum[:]) {
			t.Errorf("%d bytes: %+v", size, f)
		}
		got, err := b.read(f.ID)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back as %d: %v", size, len(got), err)
		}
		want := (size + piece - 1) / piece
		if n := b.count(`SELECT count(*) FROM document.chunk WHERE file_id = $1`, f.ID); n != want {
			t.Errorf("%d bytes are in %d pieces, not %d", size, n, want)
		}
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			again, err := b.File(ctx, tx, f.ID)
			if err == nil && (again.Name != f.Name || again.Person != b.person || again.Purpose != "test" || again.Size != f.Size) {
				t.Errorf("%d bytes: %+v", size, again)
			}
			return err
		})
	}
}

// TestRefusedLeavesNothing stores in one transaction what is refused and then what is not.
func TestRefusedLeavesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	away := errors.New("the line broke")
	for name, c := range map[string]struct {
		content io.Reader
		max     int64
		want    error
	}{
		"empty":               {strings.NewReader(""), 0, document.ErrEmpty},
		"a byte too much":     {bytes.NewReader(text(piece + 1)), piece, document.ErrTooLarge},
		"pieces too much":     {bytes.NewReader(text(4 * piece)), 3*piece - 1, document.ErrTooLarge},
		"broken at once":      {iotest.ErrReader(away), 0, away},
		"broken later":        {io.MultiReader(bytes.NewReader(text(2*piece+7)), iotest.ErrReader(away)), 0, away},
		"cut off":             {io.MultiReader(bytes.NewReader(text(100)), iotest.ErrReader(io.ErrUnexpectedEOF)), 0, io.ErrUnexpectedEOF},
		"cut off in a piece":  {io.MultiReader(bytes.NewReader(text(piece+9)), iotest.ErrReader(io.ErrUnexpectedEOF)), 0, io.ErrUnexpectedEOF},
		"cut off at a border": {io.MultiReader(bytes.NewReader(text(piece)), iotest.ErrReader(io.ErrUnexpectedEOF)), 0, io.ErrUnexpectedEOF},
	} {
		var good document.File
		b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
			in := document.Store{Name: "x.txt", Person: b.person, Purpose: "test", Accept: anything, MaxSize: c.max}
			if _, err := b.Store(ctx, tx, in, c.content); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", name, err, c.want)
			}
			good, err = b.Store(ctx, tx, in, strings.NewReader("good"))
			return err
		})
		if n := b.count(`SELECT count(*) FROM document.chunk WHERE file_id <> $1`, good.ID); n != 0 {
			t.Errorf("%s: %d pieces stayed", name, n)
		}
		b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Delete(ctx, tx, good.ID) })
	}
	if f, err := b.keep(document.Store{Name: "full.txt", Accept: anything, MaxSize: piece}, bytes.NewReader(text(piece))); err != nil || f.Size != piece {
		t.Errorf("just as large as allowed: %v", err)
	}
}

// png returns the beginning of a picture, enough to be known as one.
func png() []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	binary.Write(&b, binary.BigEndian, uint32(13))
	b.WriteString("IHDR")
	b.Write(make([]byte, 17))
	return b.Bytes()
}

func TestContentDecidesWhatAFileIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	exe := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 200)...)
	svg := `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	for name, c := range map[string]struct {
		file    string
		content []byte
		accept  []string
		want    string // media type; "" where refused
	}{
		"a PDF":                       {"bi.pdf", []byte("%PDF-1.7\n1 0 obj\n"), nil, "application/pdf"},
		"a picture":                   {"foto.png", png(), nil, "image/png"},
		"a picture called PDF":        {"foto.pdf", png(), nil, "image/png"},
		"a program called PDF":        {"bi.pdf", exe, nil, ""},
		"a page called picture":       {"foto.png", []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), nil, ""},
		"a text":                      {"nota.txt", []byte("bom dia"), nil, ""},
		"one of a group":              {"foto.png", png(), []string{"image/*"}, "image/png"},
		"none of a group":             {"bi.pdf", []byte("%PDF-1.7\n"), []string{"image/*"}, ""},
		"a drawing with a script":     {"foto.svg", []byte(svg), []string{"image/*"}, ""},
		"a drawing where one is told": {"foto.svg", []byte(svg), []string{"image/svg+xml"}, "image/svg+xml"},
	} {
		f, err := b.keep(document.Store{Name: c.file, Purpose: "test", Accept: c.accept}, bytes.NewReader(c.content))
		if c.want == "" {
			if !errors.Is(err, document.ErrType) {
				t.Errorf("%s: got %v, want %v", name, err, document.ErrType)
			}
			continue
		}
		if err != nil || f.MediaType != c.want {
			t.Errorf("%s is %q: %v", name, f.MediaType, err)
		}
	}
}

func TestNamesAreClean(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for given, want := range map[string]string{
		"bilhete.pdf":                     "bilhete.pdf",
		"../../etc/passwd":                "passwd",
		`C:\Users\dulce\bilhete.pdf`:      "bilhete.pdf",
		"a\r\nSet-Cookie: x.pdf":          "aSet-Cookie: x.pdf",
		"nome\x00.pdf":                    "nome.pdf",
		"":                                "file",
		"..":                              "file",
		"/":                               "file",
		"foto\xff.png":                    "foto.png",
		"شهادة الميلاد.pdf":               "شهادة الميلاد.pdf",
		strings.Repeat("ç", 150) + ".pdf": strings.Repeat("ç", 100),
		"x" + strings.Repeat("ç", 150):    "x" + strings.Repeat("ç", 99),
		"gpj.\u202efoto.exe":              "gpj.foto.exe",
	} {
		f, err := b.keep(document.Store{Name: given, Purpose: "test", Accept: anything}, strings.NewReader("x"))
		if err != nil || f.Name != want {
			t.Errorf("%q became %q, not %q: %v", given, f.Name, want, err)
		}
	}
}

func TestContentIsSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	canary := "CANARIO-7f3a"
	f, err := b.keep(document.Store{Name: canary + ".txt", Purpose: "test", Accept: anything}, strings.NewReader(strings.Repeat(canary, 1000)))
	if err != nil {
		t.Fatal(err)
	}
	if n := b.count(`SELECT count(*) FROM document.chunk WHERE position($1::bytea IN content) > 0`, []byte(canary)); n != 0 {
		t.Error("a piece holds what was handed in, in clear")
	}
	if n := b.count(`SELECT count(*) FROM document.file WHERE position($1::bytea IN name) > 0`, []byte(canary)); n != 0 {
		t.Error("the row holds the name in clear")
	}
	if n := b.count(`SELECT count(*) FROM audit.entry e WHERE e::text LIKE '%' || $1 || '%'`, canary); n != 0 {
		t.Error("the audit record holds the name")
	}
	if _, err := b.read(f.ID); err != nil {
		t.Error(err)
	}
}

func TestTamperingIsNoticed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, change := range map[string]string{
		"two pieces exchanged": `UPDATE document.chunk SET seq = CASE seq WHEN 0 THEN -1 WHEN 1 THEN 0 ELSE seq END WHERE file_id = $1;
			UPDATE document.chunk SET seq = 1 WHERE file_id = $1 AND seq = -1`,
		"a piece of the other file": `UPDATE document.chunk c SET content = o.content FROM document.chunk o
			WHERE c.file_id = $1 AND c.seq = 0 AND o.file_id <> $1 AND o.seq = 0`,
		"a byte changed": `UPDATE document.chunk SET content = set_byte(content, 5000, (get_byte(content, 5000) + 1) % 256) WHERE file_id = $1 AND seq = 1`,
		"a piece lost":   `DELETE FROM document.chunk WHERE file_id = $1 AND seq = 2`,
		"cut":            `UPDATE document.file SET size = 10 WHERE id = $1`,
	} {
		in := document.Store{Name: "a.txt", Purpose: "test", Accept: anything}
		f, err := b.keep(in, bytes.NewReader(text(2*piece+5)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.keep(in, bytes.NewReader(text(2*piece+5))); err != nil {
			t.Fatal(err)
		}
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			for _, statement := range strings.Split(change, ";") {
				if _, err := tx.Exec(ctx, statement, f.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if _, err := b.read(f.ID); !errors.Is(err, document.ErrDamaged) {
			t.Errorf("%s: got %v, want %v", name, err, document.ErrDamaged)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f, err := b.keep(document.Store{Name: "a.txt", Purpose: "test", Accept: anything}, bytes.NewReader(text(piece+1)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Delete(ctx, tx, f.ID) })
		if _, err := b.read(f.ID); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("reading it: %v", err)
		}
		err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.File(ctx, tx, f.ID)
			return err
		})
		if !errors.Is(err, document.ErrNotFound) {
			t.Errorf("looking at it: %v", err)
		}
	}
	if n := b.count(`SELECT count(*) FROM document.chunk`); n != 0 {
		t.Errorf("%d pieces stayed", n)
	}
	if n := b.count(`SELECT count(*) FROM audit.entry WHERE action = 'document.delete' AND object_id = $1 AND person_id = $2`, f.ID, b.person); n != 1 {
		t.Errorf("the audit record tells it %d times", n)
	}
}

func TestOtherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f, err := b.keep(document.Store{Name: "a.txt", Purpose: "test", Accept: anything}, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	other := pgtest.Tenant(t, b.db)
	err = b.in(other, func(ctx context.Context, tx *pg.Tx) error {
		if err := b.Read(ctx, tx, f.ID, io.Discard); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("reading: %v", err)
		}
		if _, err := b.File(ctx, tx, f.ID); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("looking: %v", err)
		}
		return b.Delete(ctx, tx, f.ID)
	})
	if err != nil {
		t.Error(err)
	}
	if got, err := b.read(f.ID); err != nil || string(got) != "x" {
		t.Errorf("after all that it reads %q: %v", got, err)
	}
}
