package graph

import (
	"fmt"
	"strconv"
)

// textAt is a line of text in a box, with its middle at y.
type textAt struct {
	text, class string
	y           int
}

func (b Box) texts() []textAt {
	var out []textAt
	y := b.Y + int(boxPadding) + 13
	for _, s := range b.Lines {
		out = append(out, textAt{s, "label", y})
		y += int(lineHeight)
	}
	y--
	add := func(s, class string) {
		if s != "" {
			out = append(out, textAt{cut(s, 30), class, y})
			y += int(subHeight)
		}
	}
	add(b.Sub, "sub")
	add(b.Trouble, "sub trouble")
	for _, n := range b.Notes {
		add(n, "sub")
	}
	return out
}

func (b Box) radius() string {
	if b.Shape == End {
		return strconv.Itoa(min(b.H/2, 26))
	}
	return "8"
}

func legendRadius(s Shape) string {
	if s == End {
		return "8"
	}
	return "3"
}

// under are the lines below a frame's name.
func (f Frame) under() []string {
	if f.Node.Trouble == "" {
		return f.Notes
	}
	return append([]string{f.Node.Trouble}, f.Notes...)
}

func triangle(x, y int) string {
	return fmt.Sprintf("M%d %dL%d %dL%d %dZ", x, y-10, x+11, y+9, x-11, y+9)
}
