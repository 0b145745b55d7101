package pdf

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/fault"
)

// Meta describes a document. Language is a BCP 47 code; it decides the direction of the page. Created is
// written into the file if it is not zero: leave it out, or give a fixed moment, where bytes must repeat.
type Meta struct {
	Title, Author, Subject, Language string
	Created                          time.Time
}

// Theme is the look of a document. The zero value is a plain page for receipts and letters.
type Theme struct {
	Accent         Color // headings, frame, seal; 0 takes a dark blue
	Frame          bool  // an ornamental border round each page, with a faint rosette behind the text
	CenterHeadings bool
}

// Document is a paper in the making: blocks are added from top to bottom and laid out by WriteTo.
type Document struct {
	*Flow
	meta        Meta
	theme       Theme
	footer      string
	attachments []attachment
}

type attachment struct {
	name, mediaType string
	data            []byte
}

// MaxAttachment is the most bytes an attached file may have.
const MaxAttachment = 4 << 20

// The failures of writing: an attachment with no name, a name twice, or too many bytes.
var ErrAttachment = fault.Invalid("pdf.attachment.invalid")

// New starts an empty document.
func New(m Meta) *Document {
	return &Document{Flow: &Flow{err: new(error)}, meta: m, theme: Theme{Accent: 0x1F3A5F}}
}

// Theme sets the look of the document.
func (d *Document) Theme(t Theme) {
	if t.Accent == 0 {
		t.Accent = 0x1F3A5F
	}
	d.theme = t
}

// Footer sets the small line at the foot of each page. {page} and {pages} in it stand for the numbers.
func (d *Document) Footer(text string) { d.footer = text }

// Attach puts a file inside the document. Attachment reads it back by its name. A name that is empty or
// taken, or data over MaxAttachment, makes WriteTo fail with ErrAttachment.
func (d *Document) Attach(name, mediaType string, data []byte) {
	taken := slices.ContainsFunc(d.attachments, func(a attachment) bool { return a.name == name })
	if name == "" || clean(name) != name || taken || len(data) > MaxAttachment {
		d.fail(ErrAttachment.With("name", name))
		return
	}
	d.attachments = append(d.attachments, attachment{name, mediaType, slices.Clone(data)})
}

// WriteTo lays the document out and writes it. The same document gives the same bytes each time.
// Errors: ErrPicture, ErrAttachment, ErrQR from the blocks that were added; those of w.
func (d *Document) WriteTo(w io.Writer) (n int64, err error) {
	defer fault.Wrap(&err, "pdf.WriteTo(%q)", d.meta.Title)
	if *d.err != nil {
		return 0, *d.err
	}
	e := engines.Get().(*engine)
	defer engines.Put(e)
	root := &elem{typ: "Document"}
	p := d.paginate(e, root)
	m, err := w.Write(d.assemble(p, root))
	return int64(m), err
}

// assemble writes the laid out pages as a file.
func (d *Document) assemble(p *painter, root *elem) []byte {
	f := newFile()
	catalog, info, tree, resources, list := f.alloc(), f.alloc(), f.alloc(), f.alloc(), f.alloc()
	pages := make([]int, len(p.sheets))
	for i := range pages {
		pages[i] = f.alloc()
	}
	parents := d.structure(f, root, tree, pages, p)
	d.catalog(f, catalog, tree, list)
	f.object(info, d.info())
	writeResources(f, resources, p)
	var refs strings.Builder
	for i, s := range p.sheets {
		content := f.alloc()
		fmt.Fprintf(&refs, "%d 0 R ", pages[i])
		f.object(pages[i], fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources %d 0 R/Contents %d 0 R/StructParents %d/Tabs/S>>",
			list, num(pageWidth), num(pageHeight), resources, content, i))
		f.stream(content, "", s.content.Bytes())
	}
	f.object(list, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), strings.TrimSpace(refs.String())))
	f.object(tree, fmt.Sprintf("<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>", root.num, parents, len(pages)))
	return f.finish(catalog, info)
}

// structure writes the tree of elements and the table from a page's marked pieces to their elements.
func (d *Document) structure(f *file, root *elem, tree int, pages []int, p *painter) (parents int) {
	root.number(f)
	root.write(f, tree, pages)
	parents = f.alloc()
	var b strings.Builder
	b.WriteString("<</Nums[")
	for i, s := range p.sheets {
		fmt.Fprintf(&b, "%d[", i)
		for _, e := range s.marks {
			fmt.Fprintf(&b, "%d 0 R ", e.num)
		}
		b.WriteString("]")
	}
	b.WriteString("]>>")
	f.object(parents, b.String())
	return parents
}

func (d *Document) catalog(f *file, n, tree, pages int) {
	view := "/DisplayDocTitle true"
	if d.rtl() {
		view += "/Direction/R2L"
	}
	body := fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/StructTreeRoot %d 0 R/MarkInfo<</Marked true>>/ViewerPreferences<<%s>>", pages, tree, view)
	if d.meta.Language != "" {
		body += "/Lang" + textString(clean(d.meta.Language))
	}
	if len(d.attachments) > 0 {
		sorted := slices.Clone(d.attachments)
		slices.SortFunc(sorted, func(a, b attachment) int { return cmp.Compare(textString(a.name), textString(b.name)) })
		var names, refs strings.Builder
		for _, a := range sorted {
			spec := a.write(f)
			fmt.Fprintf(&names, "%s %d 0 R ", textString(a.name), spec)
			fmt.Fprintf(&refs, "%d 0 R ", spec)
		}
		body += fmt.Sprintf("/Names<</EmbeddedFiles<</Names[%s]>>>>/AF[%s]", names.String(), refs.String())
	}
	f.object(n, body+">>")
}

// write adds the attached file and its description and returns the latter's number.
func (a attachment) write(f *file) (spec int) {
	spec, data := f.alloc(), f.alloc()
	name := textString(a.name)
	f.object(spec, fmt.Sprintf("<</Type/Filespec/F%s/UF%s/AFRelationship/Data/EF<</F %d 0 R/UF %d 0 R>>>>", name, name, data, data))
	f.stream(data, fmt.Sprintf("/Type/EmbeddedFile/Subtype%s/Params<</Size %d>>", nameObject(a.mediaType), len(a.data)), a.data)
	return spec
}

func (d *Document) info() string {
	b := "<</Producer(DIGIT)"
	for _, t := range []struct{ key, val string }{{"Title", d.meta.Title}, {"Author", d.meta.Author}, {"Subject", d.meta.Subject}} {
		if t.val != "" {
			b += "/" + t.key + textString(strings.ReplaceAll(clean(t.val), "\n", " "))
		}
	}
	if !d.meta.Created.IsZero() {
		b += "/CreationDate" + dateString(d.meta.Created)
	}
	return b + ">>"
}

// writeResources writes fonts, pictures and forms, which all pages share.
func writeResources(f *file, n int, p *painter) {
	var fonts, objects strings.Builder
	for i, u := range p.fonts {
		if u != nil {
			at := f.alloc()
			u.write(f, at)
			fmt.Fprintf(&fonts, "/F%d %d 0 R", i, at)
		}
	}
	for i, pic := range p.pics {
		at := f.alloc()
		pic.write(f, at)
		fmt.Fprintf(&objects, "/I%d %d 0 R", i, at)
	}
	for _, fm := range p.forms {
		sized := num(fm.size)
		at := f.alloc()
		f.packed(at, fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 %s %s]/Filter/FlateDecode", sized, sized), fm.data)
		fmt.Fprintf(&objects, "/%s %d 0 R", fm.name, at)
	}
	f.object(n, fmt.Sprintf("<</Font<<%s>>/XObject<<%s>>>>", fonts.String(), objects.String()))
}

func (d *Document) rtl() bool { return rightToLeft(d.meta.Language) }
