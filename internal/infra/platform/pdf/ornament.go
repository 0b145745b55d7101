package pdf

import (
	"bytes"
	"fmt"
	"math"
	"sync"
)

// rosette is the fine-line ornament behind framed pages and round seals: closed waves laid over one
// another, as on banknotes. Drawn once, in a square of 1000 units; the ink is that of the caller.
var rosette = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	for _, w := range []struct{ radius, wave, turns, phase float64 }{
		{400, 70, 12, 0}, {400, 70, 12, math.Pi}, {300, 60, 12, math.Pi / 2}, {300, 60, 12, -math.Pi / 2}, {465, 18, 24, 0}, {465, 18, 24, math.Pi},
	} {
		at := func(t float64) (x, y, dx, dy float64) {
			r, dr := w.radius+w.wave*math.Cos(w.turns*t+w.phase), -w.wave*w.turns*math.Sin(w.turns*t+w.phase)
			sin, cos := math.Sincos(t)
			return 500 + r*cos, 500 + r*sin, dr*cos - r*sin, dr*sin + r*cos
		}
		steps := int(w.turns) * 6
		step := 2 * math.Pi / float64(steps)
		x, y, dx, dy := at(0)
		fmt.Fprintf(&b, "%.0f %.0f m\n", x, y)
		for i := 1; i <= steps; i++ {
			nx, ny, ndx, ndy := at(float64(i) * step)
			k := step / 3 // a cubic with the wave's own tangents
			fmt.Fprintf(&b, "%.0f %.0f %.0f %.0f %.0f %.0f c\n", x+dx*k, y+dy*k, nx-ndx*k, ny-ndy*k, nx, ny)
			x, y, dx, dy = nx, ny, ndx, ndy
		}
		b.WriteString("s\n")
	}
	return deflate(b.Bytes())
})

// rosette draws the ornament in a square.
func (p *painter) rosette(x, y, size, stroke float64, c Color) {
	if len(p.forms) == 0 {
		p.forms = append(p.forms, form{name: "Rosette", size: 1000, data: rosette()})
	}
	p.op("q %s RG %s 0 0 %s %s %s cm %s w /Rosette Do Q", c.operands(), scale(size), scale(size), x, pageHeight-y-size, stroke*1000/size)
}

func scale(size float64) string { return fmt.Sprintf("%.5f", size/1000) }

// decorate draws the frame of a fresh page.
func (d *Document) decorate(p *painter) {
	if !d.theme.Frame {
		return
	}
	c := d.theme.Accent
	p.artifact(func() {
		const big = 120 * mm
		p.rosette((pageWidth-big)/2, (pageHeight-big)/2, big, 0.5, c.tint(0.10))
		out, in := 10*mm, 12.2*mm
		p.box(out, out, pageWidth-2*out, pageHeight-2*out, 2, c)
		p.box(in, in, pageWidth-2*in, pageHeight-2*in, 0.5, c)
		const corner = 7 * mm
		for _, x := range []float64{in, pageWidth - in - corner} {
			for _, y := range []float64{in, pageHeight - in - corner} {
				p.rosette(x+3, y+3, corner-6, 0.3, c)
				p.box(x, y, corner, corner, 0.5, c)
			}
		}
	})
}

// Seal adds a round seal in the accent colour with a few letters in its middle, for bodies that have no
// emblem of their own. alt says in words whose seal it is.
func (f *Flow) Seal(letters string, sizeMM float64, alt string, a Align) {
	f.add(seal{letters, max(sizeMM, 5) * mm, alt, a})
}

type seal struct {
	letters string
	size    float64
	alt     string
	align   Align
}

func (b seal) lay(l *layout, parent *elem, width float64) []piece {
	e := parent.add("Figure")
	e.alt = clean(b.alt)
	text := b.size * 0.2
	lines := l.lines(b.letters, b.size, text, true, l.lang, l.rtl)
	actual(e, b.letters, lines)
	return []piece{{height: b.size + 4, keep: true, draw: func(p *painter, x, y float64) {
		x = l.place(b.align, x, width, b.size)
		e.attrs = bbox(x, y, b.size, b.size)
		p.tagged(e, func() {
			p.rosette(x, y, b.size, 0.5, l.theme.Accent)
			top := y + (b.size-float64(len(lines))*text*1.3)/2
			for i, line := range lines {
				w := line.width * text / unit
				p.text(line, x+(b.size-w)/2, baseline(top+float64(i)*text*1.3, text*1.3, text), text, l.theme.Accent)
			}
		})
	}}}
}

// Image adds a picture of a given width; alt says in words what it shows.
func (f *Flow) Image(pic *Picture, widthMM float64, alt string, a Align) {
	if pic == nil {
		f.fail(ErrPicture)
		return
	}
	f.add(placed{pic, max(widthMM, 1) * mm, alt, a})
}

type placed struct {
	pic   *Picture
	width float64
	alt   string
	align Align
}

func (b placed) lay(l *layout, parent *elem, width float64) []piece {
	w := min(b.width, width)
	h := w * float64(b.pic.height) / float64(b.pic.width)
	if h > l.height-4 {
		w, h = w*(l.height-4)/h, l.height-4
	}
	e := parent.add("Figure")
	e.alt = clean(b.alt)
	return []piece{{height: h + 4, keep: true, draw: func(p *painter, x, y float64) {
		x = l.place(b.align, x, width, w)
		e.attrs = bbox(x, y, w, h)
		p.tagged(e, func() {
			p.op("q %s 0 0 %s %s %s cm /I%d Do Q", w, h, x, pageHeight-y-h, p.picture(b.pic))
		})
	}}}
}

// picture gives the number of a picture in the document.
func (p *painter) picture(pic *Picture) int {
	for i, have := range p.pics {
		if have == pic {
			return i
		}
	}
	p.pics = append(p.pics, pic)
	return len(p.pics) - 1
}

// bbox is the attribute that tells where a figure stands.
func bbox(x, y, w, h float64) string {
	return fmt.Sprintf("<</O/Layout/Placement/Block/BBox[%s %s %s %s]>>", num(x), num(pageHeight-y-h), num(x+w), num(pageHeight-y))
}
