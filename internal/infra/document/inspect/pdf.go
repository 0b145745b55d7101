package inspect

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gabriel-vasile/mimetype"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// The limits of what is unpacked of a PDF.
const (
	maxStream     = 32 << 20
	maxObjects    = 500_000
	maxAttachment = 1 << 20
	maxDepth      = 100
)

// cleanPDF takes a PDF as it is, for whoever signed it would not know it again if a byte were changed. It must be one from
// its first byte to its last, in clear, and hold nothing that does something.
func cleanPDF(ctx context.Context, content []byte) (Result, error) {
	if err := wholePDF(content); err != nil {
		return Result{}, err
	}
	if bytes.Contains(content, []byte("/Encrypt")) {
		return Result{}, ErrProtected
	}
	doc, err := readPDF(ctx, content)
	if err != nil {
		return Result{}, err
	}
	for number, entry := range doc.Table {
		if entry == nil || entry.Free || entry.Offset == nil && entry.Object == nil {
			continue
		}
		if entry.Object == nil && !isNull(content, *entry.Offset) {
			return Result{}, ErrUnreadable.Because(fmt.Errorf("object %d cannot be read", number))
		}
		if err := passive(ctx, entry.Object, 0); err != nil {
			return Result{}, fmt.Errorf("object %d: %w", number, err)
		}
	}
	return Result{MediaType: "application/pdf", Content: content}, nil
}

// wholePDF refuses files that are something else as well: what begins before the header or goes on after the end is there
// for another program.
func wholePDF(content []byte) error {
	const header, end = "%PDF-", "%%EOF"
	last := bytes.LastIndex(content, []byte(end))
	switch {
	case !bytes.HasPrefix(content, []byte(header)):
		return ErrUnreadable.Because(errors.New("the header is not at the beginning"))
	case last < 0:
		return ErrUnreadable.Because(errors.New("no end"))
	case len(bytes.Trim(content[last+len(end):], "\x00\t\n\f\r ")) > 0:
		return ErrUnreadable.Because(errors.New("something follows the end"))
	}
	if _, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
		return ErrType.With("accept", taken).Because(errors.New("an archive as well"))
	}
	return nil
}

// isNull reports whether nothing stands at an offset, or the object that is nothing. The reader passes over what it cannot
// read; another program might be able to, so that is not taken for nothing.
func isNull(content []byte, offset int64) bool {
	if offset <= 0 || offset >= int64(len(content)) {
		return true
	}
	body, _, _ := bytes.Cut(content[offset:], []byte("endobj"))
	f := bytes.Fields(body)
	return len(f) == 4 && string(f[2]) == "obj" && string(f[3]) == "null"
}

var withoutFolder = sync.OnceFunc(func() { model.ConfigPath = "disable" }) // the library would make a folder in the home

// readPDF reads all objects. Errors: ErrUnreadable, ErrProtected.
func readPDF(ctx context.Context, content []byte) (doc *model.Context, err error) {
	withoutFolder()
	conf := model.NewDefaultConfiguration()
	conf.Offline, conf.ValidationMode = true, model.ValidationRelaxed
	conf.Limits.MaxStreamBytes, conf.Limits.MaxDecodeBytes = int64(len(content)), maxStream
	conf.Limits.MaxObjectCount, conf.Limits.MaxXRefEntries, conf.Limits.MaxObjectStreamCount = maxObjects, maxObjects, maxObjects
	defer func() { // a file that breaks the reader is a broken file
		if p := recover(); p != nil {
			doc, err = nil, ErrUnreadable.Because(fmt.Errorf("reading it: %v", p))
		}
	}()
	doc, err = pdfcpu.ReadWithContext(ctx, bytes.NewReader(content), conf)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, pdfcpu.ErrEncrypted):
		return nil, ErrProtected
	case err != nil:
		return nil, ErrUnreadable.Because(err)
	case doc.Encrypt != nil:
		return nil, ErrProtected
	}
	return doc, nil
}

// What makes a PDF act (ISO 32000-2, 12.6 and 13): keys that hold scripts or forms with scripts, actions that start, send
// or fetch, and annotations that play.
var (
	activeKeys     = map[string]bool{"JS": true, "JavaScript": true, "XFA": true, "RichMediaContent": true}
	activeActions  = map[string]bool{"JavaScript": true, "Launch": true, "ImportData": true, "SubmitForm": true, "GoToE": true, "GoToR": true, "Rendition": true, "RichMediaExecute": true, "Movie": true, "Sound": true}
	activeSubtypes = map[string]bool{"RichMedia": true, "3D": true, "Movie": true, "Sound": true, "Screen": true}
)

// passive refuses an object that acts, or that has one in it. Objects it only refers to stand in the table themselves.
func passive(ctx context.Context, o types.Object, depth int) error {
	if depth > maxDepth {
		return ErrUnreadable.Because(errors.New("nested too deep"))
	}
	switch o := o.(type) {
	case types.LazyObjectStreamObject:
		inner, err := o.DecodedObject(ctx)
		if err != nil {
			return ErrUnreadable.Because(err)
		}
		return passive(ctx, inner, depth+1)
	case types.Array:
		for _, v := range o {
			if err := passive(ctx, v, depth+1); err != nil {
				return err
			}
		}
	case types.Dict:
		return passiveDict(ctx, o, depth)
	case types.StreamDict:
		if is(o.Dict, "Type", map[string]bool{"EmbeddedFile": true}) {
			if err := harmless(&o); err != nil {
				return err
			}
		}
		return passiveDict(ctx, o.Dict, depth)
	case types.ObjectStreamDict:
		return passiveDict(ctx, o.Dict, depth)
	case types.XRefStreamDict:
		return passiveDict(ctx, o.Dict, depth)
	}
	return nil
}

func passiveDict(ctx context.Context, d types.Dict, depth int) error {
	if is(d, "S", activeActions) || is(d, "Subtype", activeSubtypes) {
		return ErrActive
	}
	for key, v := range d {
		if activeKeys[plain(key)] {
			return ErrActive
		}
		if err := passive(ctx, v, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// is reports whether the value of a key is a name of the set.
func is(d types.Dict, key string, set map[string]bool) bool {
	for k, v := range d {
		if name, ok := v.(types.Name); ok && plain(k) == key && set[plain(string(name))] {
			return true
		}
	}
	return false
}

// plain undoes the other way of writing a name ("J#53" for "JS"), by which some hope to pass unseen.
func plain(name string) string {
	if !strings.Contains(name, "#") {
		return name
	}
	decoded, err := types.DecodeName(name)
	if err != nil {
		return name
	}
	return decoded
}

// harmless takes an attached file that is data in text, such as the credential in a certificate or an invoice's XML; what
// could be opened by a program is not.
func harmless(stream *types.StreamDict) error {
	if err := stream.DecodeWithLimit(maxAttachment); err != nil {
		return ErrActive.Because(err)
	}
	kind, _, _ := strings.Cut(mimetype.Detect(stream.Content).String(), ";")
	switch kind {
	case "text/plain", "application/json", "text/xml", "application/jwt":
		return nil
	}
	return ErrActive.Because(fmt.Errorf("an attached file of type %s", kind))
}
