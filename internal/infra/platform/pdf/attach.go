package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"

	"digit/internal/infra/platform/fault"
)

// The failures of reading: a file this package did not write (or that was changed by another program since),
// and a file without an attachment of the name.
var (
	ErrForeign      = fault.Invalid("pdf.foreign")
	ErrNoAttachment = fault.NotFound("pdf.attachment.not_found")
)

// maxUpload is the most bytes Attachment looks at.
const maxUpload = 32 << 20

// Attachment reads a file out of a PDF written by this package. The PDF may come from anybody: it is read
// strictly, within fixed bounds of depth and memory (MaxAttachment), and nothing in it is believed beyond
// where the data lies; whoever takes the data must check its signature.
// Errors: ErrForeign, ErrNoAttachment.
func Attachment(pdf []byte, name string) (data []byte, err error) {
	if len(pdf) > maxUpload || !bytes.HasPrefix(pdf, []byte("%PDF-1.7\n")) {
		return nil, ErrForeign
	}
	r := &reader{data: pdf}
	data, err = r.attachment(name)
	if err != nil && !errors.Is(err, ErrNoAttachment) {
		return nil, ErrForeign.Because(err)
	}
	return data, err
}

// reader finds objects of a PDF by its cross-reference table.
type reader struct {
	data    []byte
	offsets []int
}

func (r *reader) attachment(name string) ([]byte, error) {
	trailer, err := r.open()
	if err != nil {
		return nil, err
	}
	catalog, err := r.dict(trailer["Root"])
	if err != nil {
		return nil, err
	}
	if catalog["Names"] == nil {
		return nil, ErrNoAttachment
	}
	names, err := r.dict(catalog["Names"])
	if err != nil {
		return nil, err
	}
	tree, err := r.dict(names["EmbeddedFiles"])
	if err != nil {
		return nil, err
	}
	list, ok := tree["Names"].([]any)
	if !ok {
		return nil, errors.New("no list of names")
	}
	for i := 0; i+1 < len(list); i += 2 {
		if s, ok := list[i].(textValue); ok && s.String() == name {
			return r.embedded(list[i+1])
		}
	}
	return nil, ErrNoAttachment
}

// open reads the cross-reference table and the trailer. A file that was added to has more than one and is
// refused: what it shows may differ from what we wrote.
func (r *reader) open() (map[string]any, error) {
	if bytes.Count(r.data, []byte("\nstartxref\n")) != 1 || !bytes.HasSuffix(r.data, []byte("\n%%EOF\n")) {
		return nil, errors.New("not one table")
	}
	tail := bytes.TrimSuffix(r.data[bytes.LastIndex(r.data, []byte("\nstartxref\n"))+11:], []byte("\n%%EOF\n"))
	start, err := strconv.Atoi(string(tail))
	if err != nil || start < 0 || start >= len(r.data) {
		return nil, errors.New("no table")
	}
	p := &parser{data: r.data, pos: start}
	if !p.take("xref\n0 ") {
		return nil, errors.New("no table")
	}
	n, err := p.integer()
	if err != nil || n < 1 || !p.take("\n") || n > (len(r.data)-p.pos)/20 {
		return nil, errors.New("bad table")
	}
	r.offsets = make([]int, n)
	for i := range n {
		entry := r.data[p.pos : p.pos+20]
		p.pos += 20
		if off, err := strconv.Atoi(string(entry[:10])); err == nil && entry[17] == 'n' {
			r.offsets[i] = off
		}
	}
	if !p.take("trailer\n") {
		return nil, errors.New("no trailer")
	}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	trailer, ok := v.(map[string]any)
	if !ok || trailer["Prev"] != nil || trailer["Encrypt"] != nil {
		return nil, errors.New("bad trailer")
	}
	return trailer, nil
}

// object goes to an object; the parser then stands before its value.
func (r *reader) object(v any) (*parser, error) {
	ref, ok := v.(reference)
	if !ok || ref <= 0 || int(ref) >= len(r.offsets) {
		return nil, errors.New("bad reference")
	}
	off := r.offsets[ref]
	if off <= 0 || off >= len(r.data) {
		return nil, errors.New("bad place")
	}
	p := &parser{data: r.data, pos: off}
	if !p.take(fmt.Sprintf("%d 0 obj\n", ref)) {
		return nil, errors.New("no object where the table says")
	}
	return p, nil
}

// dict resolves a dictionary, direct or referred to.
func (r *reader) dict(v any) (map[string]any, error) {
	if d, ok := v.(map[string]any); ok {
		return d, nil
	}
	p, err := r.object(v)
	if err != nil {
		return nil, err
	}
	v, err = p.value(0)
	if d, ok := v.(map[string]any); ok && err == nil {
		return d, nil
	}
	return nil, errors.Join(errors.New("not a dictionary"), err)
}

// embedded unpacks the file that a file specification describes.
func (r *reader) embedded(v any) ([]byte, error) {
	spec, err := r.dict(v)
	if err != nil {
		return nil, err
	}
	ef, ok := spec["EF"].(map[string]any)
	if !ok {
		return nil, errors.New("no embedded file")
	}
	p, err := r.object(ef["F"])
	if err != nil {
		return nil, err
	}
	v, err = p.value(0)
	d, ok := v.(map[string]any)
	if err != nil || !ok || d["Filter"] != nameValue("FlateDecode") {
		return nil, errors.New("not a packed stream")
	}
	length, ok := d["Length"].(int)
	if !ok || !p.take("\nstream\n") || length < 0 || length > len(r.data)-p.pos {
		return nil, errors.New("bad stream")
	}
	z, err := zlib.NewReader(bytes.NewReader(r.data[p.pos : p.pos+length]))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxAttachment+1))
	if err != nil || len(out) > MaxAttachment {
		return nil, errors.Join(errors.New("bad data"), err)
	}
	params, ok := d["Params"].(map[string]any)
	if !ok || params["Size"] != len(out) {
		return nil, errors.New("not the size it says")
	}
	return out, nil
}

// String decodes a PDF text string: UTF-16 with a byte order mark, or ASCII.
func (t textValue) String() string {
	s := string(t)
	if len(s) < 2 || s[:2] != "\xFE\xFF" {
		return s
	}
	var u []uint16
	for i := 2; i+1 < len(s); i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(u))
}
