package pdf

// Table is a grid with a head, such as the lines of a receipt. The head is repeated on each page.
type Table struct {
	Head    []string
	Rows    [][]string
	Foot    []string  // a last row set bold, such as the total; may be nil
	Weights []float64 // shares of the width; 1 each where missing
	Align   []Align   // of each column; Start where missing
}

// KeyValues adds a list of labels and values, as certificates and receipts have.
func (f *Flow) KeyValues(rows [][2]string) { f.add(keyValues(rows)) }

// Table adds a table. Rows may be shorter than the head.
func (f *Flow) Table(t Table) { f.add(t) }

// A cell is one text of a row, laid out in its column.
type cell struct {
	pieces []piece
	x      float64
}

const cellPad = 4.5

// row makes the pieces of one row: line by line, so that a very long one may cross a page.
func row(cells []cell, width float64, mark func(p *painter, x, y, h float64, last bool)) []piece {
	n := 0
	for _, c := range cells {
		n = max(n, len(c.pieces))
	}
	out := make([]piece, n)
	for i := range n {
		h := 0.0
		for _, c := range cells {
			if i < len(c.pieces) {
				h = max(h, c.pieces[i].height)
			}
		}
		top, full := 0.0, h
		if i == 0 {
			top, full = cellPad, full+cellPad
		}
		if i == n-1 {
			full += cellPad
		}
		out[i] = piece{height: full, keep: i < n-1 && n <= 12, draw: func(p *painter, x, y float64) {
			p.artifact(func() { mark(p, x, y, full, i == n-1) })
			for _, c := range cells {
				if i < len(c.pieces) {
					c.pieces[i].draw(p, x+c.x, y+top+(h-c.pieces[i].height)/2)
				}
			}
		}}
	}
	return out
}

func hairline(width float64) func(*painter, float64, float64, float64, bool) {
	return func(p *painter, x, y, h float64, last bool) {
		if last {
			p.rule(x, y+h, width, 0.5, hair)
		}
	}
}

type keyValues [][2]string

func (b keyValues) lay(l *layout, parent *elem, width float64) []piece {
	const gutter = 12
	label := width * 0.34
	value := width - label - gutter
	labelX, valueX := 0.0, label+gutter
	if l.rtl {
		labelX, valueX = width-label, 0
	}
	t := parent.add("Table")
	var out []piece
	for _, kv := range b {
		tr := t.add("TR")
		th := tr.add("TH")
		th.attrs = "<</O/Table/Scope/Row>>"
		cells := []cell{
			{l.text(th, kv[0], label, Style{Size: 9, Color: muted}), labelX},
			{l.text(tr.add("TD"), kv[1], value, Style{Size: 10.5, Bold: true}), valueX},
		}
		out = append(out, row(cells, width, hairline(width))...)
	}
	return append(out, piece{height: 12, blank: true})
}

func (b Table) lay(l *layout, parent *elem, width float64) []piece {
	cols := max(len(b.Head), len(b.Foot))
	for _, r := range b.Rows {
		cols = max(cols, len(r))
	}
	t := parent.add("Table")
	var head *piece
	var out []piece
	if len(b.Head) > 0 {
		pieces := b.row(l, t, b.Head, "TH", cols, width, Style{Size: 8.5, Bold: true, Color: l.theme.Accent}, true)
		for i := range pieces {
			pieces[i].keep = true
		}
		out = append(out, pieces...)
		again := stack{pieces: b.row(l, nil, b.Head, "TH", cols, width, Style{Size: 8.5, Bold: true, Color: l.theme.Accent}, true)}
		head = &piece{height: again.height(), draw: again.draw}
	}
	for _, r := range b.Rows {
		pieces := b.row(l, t, r, "TD", cols, width, Style{Size: 10}, false)
		for i := range pieces {
			pieces[i].head = head
		}
		out = append(out, pieces...)
	}
	if len(b.Foot) > 0 {
		if len(b.Rows) > 0 {
			out[len(out)-1].keep = true // a total does not stand alone
		}
		out = append(out, b.row(l, t, b.Foot, "TD", cols, width, Style{Size: 11, Bold: true}, true)...)
	}
	return append(out, piece{height: 8, blank: true})
}

// row lays out one row of the table. Without a table element (nil) the row is decoration.
func (b Table) row(l *layout, t *elem, texts []string, typ string, cols int, width float64, st Style, shaded bool) []piece {
	const pad = 5
	total := 0.0
	for i := range cols {
		total += b.weight(i)
	}
	var tr *elem
	if t != nil {
		tr = t.add("TR")
	}
	var cells []cell
	left := 0.0
	for i := range cols {
		w := width * b.weight(i) / total
		c := cell{x: left + pad}
		if l.rtl {
			c.x = width - left - w + pad
		}
		left += w
		text := ""
		if i < len(texts) {
			text = texts[i]
		}
		if i < len(b.Align) {
			st.Align = b.Align[i]
		}
		var e *elem
		if tr != nil {
			e = tr.add(typ)
		}
		if e != nil && typ == "TH" {
			e.attrs = "<</O/Table/Scope/Column>>"
		}
		c.pieces = l.text(e, text, w-2*pad, st)
		cells = append(cells, c)
		st.Align = Start
	}
	mark := hairline(width)
	if shaded {
		mark = func(p *painter, x, y, h float64, _ bool) { p.fill(x, y, width, h, l.theme.Accent.tint(0.09)) }
	}
	return row(cells, width, mark)
}

func (b Table) weight(i int) float64 {
	if i < len(b.Weights) && b.Weights[i] > 0 {
		return b.Weights[i]
	}
	return 1
}
