package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// usedFont collects what a document uses of one font. A character code of the document (CID) stands for a
// glyph together with the text it was shaped from, since one glyph may stand for different texts (a space
// and a no-break space); in the subset, glyph number n is CID n.
type usedFont struct {
	face *typeface
	cids map[glyphKey]uint16
	keys []glyphKey // by CID; CID 0 is .notdef
}

type glyphKey struct {
	gid  uint32
	text string // what copying the glyph gives; "" when a neighbour in the cluster carries the text
	// A ligature of right-to-left letters is split into as many codes as it has letters, each with that
	// share (1/n) of the width; all but the first are blank.
	share uint8
	blank bool
}

func newUsedFont(face *typeface) *usedFont {
	return &usedFont{face: face, cids: map[glyphKey]uint16{}, keys: []glyphKey{{share: 1}}}
}

// cid returns the code of a glyph, giving it one at first use.
func (u *usedFont) cid(k glyphKey) uint16 {
	c, ok := u.cids[k]
	if !ok && len(u.keys) < 0xFFFF {
		c = uint16(len(u.keys))
		u.cids[k] = c
		u.keys = append(u.keys, k)
	}
	return c
}

// advance is the width of a code in thousandths of an em.
func (u *usedFont) advance(k glyphKey) int { return u.face.advance(k.gid) / int(k.share) }

// Flags of a component of a composite glyph (OpenType, table glyf).
const (
	compWords = 1 << 0
	compScale = 1 << 3
	compMore  = 1 << 5
	compXY    = 1 << 6
	comp2x2   = 1 << 7
)

// subset builds a TrueType file of the used glyphs alone. Components of composite glyphs follow after the
// last CID.
func (u *usedFont) subset() []byte {
	be := binary.BigEndian
	keys := append([]glyphKey(nil), u.keys...)
	at := map[uint32]uint16{} // component → new number
	var glyf, loca, hmtx []byte
	for i := 0; i < len(keys); i++ {
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		var src []byte
		if !keys[i].blank {
			src = u.face.outline(keys[i].gid)
		}
		g := append([]byte(nil), src...)
		for _, off := range components(g) {
			old := uint32(be.Uint16(g[off:]))
			n, ok := at[old]
			if !ok {
				n = uint16(len(keys))
				at[old] = n
				keys = append(keys, glyphKey{gid: old, share: 1})
			}
			be.PutUint16(g[off:], n)
		}
		glyf = append(glyf, g...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = be.AppendUint16(hmtx, uint16(u.advance(keys[i])))
		hmtx = be.AppendUint16(hmtx, leftBearing(src))
	}
	loca = be.AppendUint32(loca, uint32(len(glyf)))

	head := append([]byte(nil), u.face.tables["head"]...)
	be.PutUint32(head[8:], 0)  // checksum of the whole: readers of embedded fonts do not look at it
	be.PutUint16(head[50:], 1) // long loca
	hhea := append([]byte(nil), u.face.tables["hhea"]...)
	be.PutUint16(hhea[34:], uint16(len(keys)))
	maxp := append([]byte(nil), u.face.tables["maxp"]...)
	be.PutUint16(maxp[4:], uint16(len(keys)))
	return sfnt([]table{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}})
}

// components returns the offsets of the glyph numbers inside a composite glyph; nil for a simple one.
func components(g []byte) []int {
	be := binary.BigEndian
	if len(g) < 10 || int16(be.Uint16(g)) >= 0 {
		return nil
	}
	var out []int
	for p := 10; p+4 <= len(g); {
		flags := be.Uint16(g[p:])
		out = append(out, p+2)
		p += 6
		if flags&compWords != 0 {
			p += 2
		}
		switch {
		case flags&compScale != 0:
			p += 2
		case flags&compXY != 0:
			p += 4
		case flags&comp2x2 != 0:
			p += 8
		}
		if flags&compMore == 0 {
			return out
		}
	}
	return out
}

// leftBearing is the glyph's xMin: our fonts have no hinting, so the two agree.
func leftBearing(g []byte) uint16 {
	if len(g) < 4 {
		return 0
	}
	return binary.BigEndian.Uint16(g[2:])
}

type table struct {
	tag  string
	data []byte
}

// sfnt assembles a font file; the tables must come in order of their tags.
func sfnt(tables []table) []byte {
	be := binary.BigEndian
	n := len(tables)
	pow, log := 1, 0
	for pow*2 <= n {
		pow, log = pow*2, log+1
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, pow * 16, log, (n - pow) * 16} {
		out = be.AppendUint16(out, uint16(v))
	}
	off := 12 + 16*n
	for _, t := range tables {
		out = append(out, t.tag...)
		out = be.AppendUint32(out, checksum(t.data))
		out = be.AppendUint32(out, uint32(off))
		out = be.AppendUint32(out, uint32(len(t.data)))
		off += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	var rest [4]byte
	copy(rest[:], b)
	return sum + binary.BigEndian.Uint32(rest[:])
}

// write adds the font's five objects to the file; n is the number of the first, the font itself.
func (u *usedFont) write(f *file, n int) {
	sub := u.subset()
	name := subsetTag(sub) + "+" + u.face.name
	cidFont, desc, data, uni := f.alloc(), f.alloc(), f.alloc(), f.alloc()
	f.object(n, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, cidFont, uni))
	var w strings.Builder
	for _, k := range u.keys {
		fmt.Fprintf(&w, "%d ", u.advance(k))
	}
	f.object(cidFont, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/CIDToGIDMap/Identity/DW 0/W[0[%s]]/FontDescriptor %d 0 R>>", name, strings.TrimSpace(w.String()), desc))
	weight := 80
	if strings.HasSuffix(u.face.name, "Bold") {
		weight = 140
	}
	f.object(desc, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[-600 -700 2000 1300]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight 714/StemV %d/FontFile2 %d 0 R>>",
		name, u.face.ascent, u.face.descent, weight, data))
	f.stream(data, fmt.Sprintf("/Length1 %d", len(sub)), sub)
	f.stream(uni, "", u.toUnicode())
}

// subsetTag is the six letters that name a subset, drawn from its content to be the same each time.
func subsetTag(sub []byte) string {
	h := sha256.Sum256(sub)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + h[i]%26
	}
	return string(tag)
}

// toUnicode is the table by which a reader turns codes back into text.
func (u *usedFont) toUnicode() []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var rows []string
	for cid, k := range u.keys {
		if k.text != "" {
			rows = append(rows, fmt.Sprintf("<%04X> <%s>\n", cid, hexUTF16(k.text)))
		}
	}
	for len(rows) > 0 {
		n := min(100, len(rows)) // the most a section may hold
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(rows[:n], ""))
		rows = rows[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
