package pdf

import (
	"cmp"

	"rsc.io/qr"

	"digit/internal/infra/platform/fault"
)

// ErrQR says that a payload does not fit into a QR code (about 2,900 bytes).
var ErrQR = fault.Invalid("pdf.qr.too_long")

// QR adds a QR code of a given width, quiet border included, with a caption below, which is also what a
// screen reader says. A payload that is too long makes WriteTo fail with ErrQR.
func (f *Flow) QR(payload string, sizeMM float64, caption string, a Align) {
	code, err := qr.Encode(payload, qr.M)
	if err != nil { // try with less redundancy
		code, err = qr.Encode(payload, qr.L)
	}
	if err != nil {
		f.fail(ErrQR.Because(err))
		return
	}
	f.add(qrCode{code, max(sizeMM, 10) * mm, caption, a})
}

type qrCode struct {
	code    *qr.Code
	size    float64
	caption string
	align   Align
}

func (b qrCode) lay(l *layout, parent *elem, width float64) []piece {
	e := parent.add("Figure")
	e.alt = cmp.Or(clean(b.caption), "QR")
	out := []piece{{height: b.size, keep: b.caption != "", draw: func(p *painter, x, y float64) {
		x = l.place(b.align, x, width, b.size)
		e.attrs = bbox(x, y, b.size, b.size)
		p.tagged(e, func() { b.draw(p, x, y) })
	}}}
	if b.caption == "" {
		return out
	}
	s := stack{x: l.place(b.align, 0, width, b.size)}
	s.pieces = l.text(parent.add("Caption"), b.caption, b.size, Style{Size: 7.5, Align: Center, Color: muted})
	return append(out, piece{height: s.height() + 3, draw: s.draw})
}

// draw fills the dark squares, joined along each row. The border is white whatever lies below, since
// scanners need it.
func (b qrCode) draw(p *painter, x, y float64) {
	const quiet = 4
	n := b.code.Size
	module := b.size / float64(n+2*quiet)
	p.fill(x, y, b.size, b.size, 0xFFFFFF)
	p.op("q 0 g %s 0 0 -%s %s %s cm", scale(module*1000), scale(module*1000), x+quiet*module, pageHeight-y-quiet*module)
	for row := range n {
		for col := 0; col < n; col++ {
			start := col
			for col < n && b.code.Black(col, row) {
				col++
			}
			if col > start {
				p.op("%d %d %d 1 re", start, row, col-start)
			}
		}
	}
	p.op("f Q")
}
