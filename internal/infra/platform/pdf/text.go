package pdf

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	gobidi "github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	gofont "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

// engine holds the working memory of shaping, which is costly to build and not safe to share. Engines are
// pooled: a document borrows one while it is laid out.
type engine struct {
	shaper shaping.HarfbuzzShaper
	seg    shaping.Segmenter
	wrap   shaping.LineWrapper
	para   gobidi.Paragraph
	faces  []*gofont.Face
	ids    map[*gofont.Font]fontID
}

var engines = sync.Pool{New: func() any {
	e := &engine{ids: map[*gofont.Font]fontID{}}
	for i, tf := range fonts() {
		e.faces = append(e.faces, gofont.NewFace(tf.font))
		e.ids[tf.font] = fontID(i)
	}
	return e
}}

// A textLine is one shaped line, its runs in the order they stand on the page from left to right.
type textLine struct {
	runs  []textRun
	width float64 // thousandths of an em
	tall  bool    // has a script that needs more room between lines than Latin
	rtl   bool    // has text that runs from right to left
}

type textRun struct {
	font   fontID
	glyphs []shaping.Glyph
	text   []rune // of the whole paragraph; glyph clusters point into it
	rtl    bool
}

// unit is the size text is shaped at: glyph measures are then thousandths of an em, as PDF has them.
const unit = 1000

// lines shapes and breaks a text to a width given in points at a size in points. A line break in the text
// stays one; an empty text gives one empty line.
func (e *engine) lines(text string, width, size float64, bold bool, lang string, docRTL bool) []textLine {
	var out []textLine
	for part := range strings.SplitSeq(clean(text), "\n") {
		out = append(out, e.paragraph([]rune(part), width/size*unit, bold, lang, docRTL)...)
	}
	return out
}

func (e *engine) paragraph(text []rune, width float64, bold bool, lang string, docRTL bool) []textLine {
	if len(text) == 0 {
		return []textLine{{}}
	}
	rtl := baseRTL(text, docRTL)
	levels := e.levels(text, rtl)
	fm := &fontmap{faces: e.faces}
	if bold {
		fm.bold = 1
	}
	var shaped []shaping.Output
	for start := 0; start < len(text); {
		end := start + 1
		for end < len(text) && levels[end] == levels[start] {
			end++
		}
		in := shaping.Input{
			Text: text, RunStart: start, RunEnd: end, Direction: direction(levels[start]%2 == 1),
			Size: fixed.I(unit), Language: language.NewLanguage(lang),
		}
		for _, part := range e.seg.Split(in, fm) {
			shaped = append(shaped, inked(e.shaper.ShapeNoExtents(part), text))
		}
		start = end
	}
	cfg := shaping.WrapConfig{Direction: direction(rtl)}
	wrapped, _ := e.wrap.WrapParagraphF(cfg, fixed.Int26_6(width*64), text, shaping.NewSliceIterator(shaped))
	out := make([]textLine, 0, len(wrapped))
	for _, w := range wrapped {
		out = append(out, e.line(w, text, levels))
	}
	return out
}

// inked marks the glyphs that are not spaces as having width: the wrapper takes those without for spaces it
// may trim at the end of a line, and extents, which would tell, are costly to compute.
func inked(out shaping.Output, text []rune) shaping.Output {
	for i, g := range out.Glyphs {
		if !unicode.IsSpace(text[g.TextIndex()]) {
			out.Glyphs[i].Width = 1
		}
	}
	return out
}

// line puts the runs of a wrapped line into visual order (rule L2 of the bidirectional algorithm, by the
// levels of the whole paragraph) and copies them out of the wrapper's working memory.
func (e *engine) line(w shaping.Line, text []rune, levels []int8) textLine {
	var l textLine
	lv := make([]int8, len(w))
	var top int8
	for i, run := range w {
		id := e.ids[run.Face.Font]
		lv[i] = levels[run.Runes.Offset]
		top = max(top, lv[i])
		l.tall = l.tall || id > 1
		l.rtl = l.rtl || lv[i]%2 == 1
		l.runs = append(l.runs, textRun{font: id, glyphs: run.Glyphs, text: text, rtl: lv[i]%2 == 1})
		for _, g := range run.Glyphs {
			l.width += float64(g.Advance) / 64
		}
	}
	for level := top; level > 0; level-- {
		for i := 0; i < len(lv); i++ {
			j := i
			for j < len(lv) && lv[j] >= level {
				j++
			}
			for a, b := i, j-1; a < b; a, b = a+1, b-1 {
				l.runs[a], l.runs[b] = l.runs[b], l.runs[a]
				lv[a], lv[b] = lv[b], lv[a]
			}
			i = max(i, j-1)
		}
	}
	return l
}

// levels gives the embedding level of each character. The library joins neighbouring runs of the same
// parity, which loses the difference between a number inside right-to-left text (2) and the left-to-right
// text round it (0); it is found again here.
func (e *engine) levels(text []rune, rtl bool) []int8 {
	def := gobidi.LeftToRight
	if rtl {
		def = gobidi.RightToLeft
	}
	levels := make([]int8, len(text))
	runs := e.para.Segment(text, def)
	for i := range runs.NumRuns() {
		r := runs.Run(i)
		for j := r.Start; j < r.End && j < len(levels); j++ {
			levels[j] = int8(r.Level)
		}
	}
	if !rtl {
		splitNumbers(text, levels)
	}
	return levels
}

// splitNumbers tells numbers of right-to-left text (level 2) from left-to-right text (level 0) in a
// left-to-right paragraph: Arabic digits always, European digits when the last letter before them was
// Arabic or Hebrew, and the separators within such a number.
func splitNumbers(text []rune, levels []int8) {
	last := bidi.L
	for i, r := range text {
		c := class(r)
		if levels[i]%2 == 1 {
			if c == bidi.R || c == bidi.AL {
				last = c
			}
			continue
		}
		levels[i] = 0
		switch {
		case c == bidi.L:
			last = c
		case c == bidi.AN, c == bidi.EN && last != bidi.L:
			levels[i] = 2
		}
	}
	for i := range text {
		c := class(text[i])
		if levels[i] != 0 {
			continue
		}
		before, after := i > 0 && levels[i-1] == 2, i+1 < len(text) && levels[i+1] == 2
		if (c == bidi.ES || c == bidi.CS) && before && after || c == bidi.ET && (before || after) || c == bidi.NSM && before {
			levels[i] = 2
		}
	}
}

func class(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// baseRTL says which way a text runs as a whole: the document's way if the text has any letter of it,
// otherwise that of its letters; a text without letters (a telephone number, an amount) from left to right.
func baseRTL(text []rune, docRTL bool) bool {
	var left, right bool
	for _, r := range text {
		switch class(r) {
		case bidi.L:
			left = true
		case bidi.R, bidi.AL:
			right = true
		}
	}
	if docRTL {
		return right
	}
	return right && !left
}

func direction(rtl bool) di.Direction {
	if rtl {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// clean makes any string fit to print: valid UTF-8, no control characters but line breaks, and none of the
// marks that override direction, by which a name could be made to read as another.
func clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029' || r == '\r':
			return '\n'
		case r == '\t':
			return ' '
		case r >= '\u202A' && r <= '\u202E', r == '\uFEFF', unicode.Is(unicode.Cc, r):
			return -1
		case r == utf8.RuneError:
			return '\uFFFD'
		}
		return r
	}, s)
}

// rightToLeft says whether a language is written from right to left.
func rightToLeft(lang string) bool {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	switch base {
	case "ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "ks":
		return true
	}
	return false
}
