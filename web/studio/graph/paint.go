package graph

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// paint adds the level to a picture, moved by so much.
func (l *level) paint(p *Picture, dx, dy float64) {
	if v := l.verts[l.graph.Start]; v != nil {
		p.Dots = append(p.Dots, Dot{X: round(v.x + dx), Y: round(v.y + dy - dotSpace + 8), To: round(v.y + dy)})
	}
	for _, v := range l.order {
		if len(v.inside) > 0 {
			v.paintFrame(p, dx, dy)
			continue
		}
		p.Boxes = append(p.Boxes, Box{
			Node: *v.node, Lines: v.lines, Notes: cutAll(v.notes), X: round(v.x - v.w/2 + dx), Y: round(v.y + dy), W: round(v.w), H: round(v.h),
		})
	}
	for _, k := range l.links {
		points := k.points()
		for i := range points {
			points[i] = point{points[i].x + dx, points[i].y + dy}
		}
		p.Lines = append(p.Lines, Line{
			Edge: k.Edge, Path: path(points), Arrow: arrow(points), Short: cut(k.Label, labelChars),
			LabelX: round(k.label.x + dx), LabelY: round(k.label.y + k.label.h/2 + dy), LabelW: round(k.label.w),
		})
	}
}

func (v *vertex) paintFrame(p *Picture, dx, dy float64) {
	x, y := v.x-v.w/2+dx, v.y+dy
	p.Frames = append(p.Frames, Frame{X: round(x), Y: round(y), W: round(v.w), H: round(v.h), Label: v.node.Label, Node: v.node, Notes: cutAll(v.notes)})
	top := y + frameHead + subHeight*float64(len(v.notes))
	if v.node.Trouble != "" {
		top += subHeight
	}
	at := x + framePadding
	for i, b := range v.inside {
		w := max(b.w, boxWidth)
		h := v.h - (top - y) - framePadding
		p.Frames = append(p.Frames, Frame{X: round(at - 8), Y: round(top), W: round(w + 16), H: round(h), Label: cut(v.node.Branches[i].Label, 26)})
		b.paint(p, at+(w-b.w)/2, top+branchHead)
		at += w + framePadding
	}
}

// path draws points as lines with round corners.
func path(points []point) string {
	var b strings.Builder
	for i, p := range points {
		if i == 0 {
			fmt.Fprintf(&b, "M%s", at(p))
			continue
		}
		if i == len(points)-1 {
			fmt.Fprintf(&b, "L%s", at(p))
			break
		}
		r := min(cornerRadius, distance(points[i-1], p)/2, distance(p, points[i+1])/2)
		fmt.Fprintf(&b, "L%sQ%s %s", at(toward(p, points[i-1], r)), at(p), at(toward(p, points[i+1], r)))
	}
	return b.String()
}

// arrow is the head of a line, at its last point.
func arrow(points []point) string {
	if len(points) < 2 {
		return ""
	}
	tip, before := points[len(points)-1], points[len(points)-2]
	back := 8.0
	if before.y > tip.y {
		back = -back
	}
	return fmt.Sprintf("M%sL%sL%sZ", at(tip), at(point{tip.x - 4.5, tip.y - back}), at(point{tip.x + 4.5, tip.y - back}))
}

func at(p point) string { return number1(p.x) + " " + number1(p.y) }

func number1(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

func distance(a, b point) float64 { return math.Abs(a.x-b.x) + math.Abs(a.y-b.y) }

func toward(from, to point, by float64) point {
	d := distance(from, to)
	if d == 0 {
		return from
	}
	return point{from.x + (to.x-from.x)*by/d, from.y + (to.y-from.y)*by/d}
}

var pair = regexp.MustCompile(`(-?[0-9.]+) (-?[0-9.]+)`)

// mirrorPath turns a path of absolute pairs round.
func mirrorPath(d string, width int) string {
	return pair.ReplaceAllStringFunc(d, func(s string) string {
		x, y, _ := strings.Cut(s, " ")
		v, err := strconv.ParseFloat(x, 64)
		if err != nil {
			return s
		}
		return number1(float64(width)-v) + " " + y
	})
}

func round(v float64) int { return int(math.Round(v)) }
