package pdf

import (
	"bytes"
	"embed"
	"encoding/binary"
	"fmt"
	"sync"

	gofont "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
)

//go:embed font/*.ttf
var fontFiles embed.FS

// A family is one script's pair of weights. A further script is a pair of files in font/ and a line here.
type family struct {
	name    string
	scripts []language.Script
}

// families are in order of preference for characters that belong to no script.
var families = []family{
	{"NotoSans", []language.Script{language.Latin}},
	{"NotoNaskhArabic", []language.Script{language.Arabic}},
	{"NotoSansDevanagari", []language.Script{language.Devanagari}},
}

// fontID is an index into the loaded fonts: family*2 + (1 if bold).
type fontID int

// typeface is one font file: its parsed form for shaping and its raw tables for subsetting. Read-only.
type typeface struct {
	name    string // PostScript name
	font    *gofont.Font
	tables  map[string][]byte
	ascent  int16
	descent int16
	nWidths int // long metrics in hmtx
	nGlyphs int
	upem    int
	loca32  bool
}

// fonts loads the embedded fonts once. The files are ours, so a bad one is a defect and stops the program.
var fonts = sync.OnceValue(func() []*typeface {
	var out []*typeface
	for _, fam := range families {
		for _, weight := range []string{"Regular", "Bold"} {
			name := fam.name + "-" + weight
			data, err := fontFiles.ReadFile("font/" + name + ".ttf")
			if err != nil {
				panic(err)
			}
			tf, err := newTypeface(name, data)
			if err != nil {
				panic(fmt.Sprintf("pdf: font %s: %v", name, err))
			}
			out = append(out, tf)
		}
	}
	return out
})

func newTypeface(name string, data []byte) (*typeface, error) {
	ld, err := opentype.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	f, err := gofont.NewFont(ld)
	if err != nil {
		return nil, err
	}
	tf := &typeface{name: name, font: f, tables: map[string][]byte{}}
	for _, tag := range []string{"head", "hhea", "hmtx", "maxp", "loca", "glyf"} {
		t, err := ld.RawTable(opentype.MustNewTag(tag))
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", tag, err)
		}
		tf.tables[tag] = t
	}
	be := binary.BigEndian
	tf.upem = int(be.Uint16(tf.tables["head"][18:]))
	tf.loca32 = be.Uint16(tf.tables["head"][50:]) == 1
	tf.ascent = int16(be.Uint16(tf.tables["hhea"][4:]))
	tf.descent = int16(be.Uint16(tf.tables["hhea"][6:]))
	tf.nWidths = int(be.Uint16(tf.tables["hhea"][34:]))
	tf.nGlyphs = int(be.Uint16(tf.tables["maxp"][4:]))
	if tf.upem != 1000 {
		return nil, fmt.Errorf("%d units per em, want 1000", tf.upem) // widths are then PDF's thousandths as they stand
	}
	return tf, nil
}

// advance is the width of a glyph in thousandths of an em.
func (t *typeface) advance(gid uint32) int {
	i := min(int(gid), t.nWidths-1)
	return int(binary.BigEndian.Uint16(t.tables["hmtx"][4*i:]))
}

// outline is the glyph's record in glyf; empty for a glyph without ink.
func (t *typeface) outline(gid uint32) []byte {
	loca, glyf := t.tables["loca"], t.tables["glyf"]
	if int(gid) >= t.nGlyphs {
		return nil
	}
	if t.loca32 {
		return glyf[binary.BigEndian.Uint32(loca[4*gid:]):binary.BigEndian.Uint32(loca[4*gid+4:])]
	}
	return glyf[2*int(binary.BigEndian.Uint16(loca[2*gid:])) : 2*int(binary.BigEndian.Uint16(loca[2*gid+2:]))]
}

// fontmap picks the face of each character: the family of its script first, then any that has the glyph.
type fontmap struct {
	faces  []*gofont.Face // by fontID
	bold   int
	script language.Script
}

// SetScript tells the script of the characters that follow.
func (m *fontmap) SetScript(s language.Script) { m.script = s }

// ResolveFace returns the face for a character; the first family (whose .notdef is a box) if none has it.
func (m *fontmap) ResolveFace(r rune) *gofont.Face {
	for i, fam := range families {
		for _, s := range fam.scripts {
			if s == m.script {
				if f := m.faces[2*i+m.bold]; has(f, r) {
					return f
				}
			}
		}
	}
	for i := range families {
		if f := m.faces[2*i+m.bold]; has(f, r) {
			return f
		}
	}
	return m.faces[m.bold]
}

func has(f *gofont.Face, r rune) bool {
	_, ok := f.NominalGlyph(r)
	return ok
}
