package graph

import (
	"cmp"
	"math"
	"slices"
)

// heights gives layers their place from top to bottom, with as much room between them as the lines that cross over need.
func (l *level) heights() {
	l.tops, l.tall = make([]float64, len(l.layers)), make([]float64, len(l.layers))
	at := dotSpace
	for r, layer := range l.layers {
		for _, v := range layer {
			l.tall[r] = max(l.tall[r], v.h)
		}
		l.tops[r] = at
		for _, v := range layer {
			v.y = at + (l.tall[r]-v.h)/2
		}
		at += l.tall[r]
		if r == len(l.layers)-1 {
			break
		}
		tracks := l.tracks(r)
		gap := layerGap + trackGap*float64(max(tracks-1, 0))
		for _, v := range layer {
			for _, s := range v.down {
				s.mid = at + layerGap/2 - 2 + trackGap*float64(s.track)
			}
		}
		at += gap
	}
	l.h = at
}

func (s *step) x1() float64 { return s.above.x + s.out }
func (s *step) x2() float64 { return s.below.x + s.in }

// tracks gives each line that crosses over between a layer and the next a height at which it meets no other, and returns
// how many heights there are. Of lines to the same side the outer one stays above, so that they do not cut each other.
func (l *level) tracks(r int) int {
	var over []*step
	for _, v := range l.layers[r] {
		for _, s := range v.down {
			if math.Abs(s.x1()-s.x2()) >= 1 {
				over = append(over, s)
			}
		}
	}
	slices.SortStableFunc(over, func(a, b *step) int {
		right := func(s *step) bool { return s.x2() > s.x1() }
		switch {
		case right(a) != right(b):
			return first(right(b)) - first(right(a))
		case right(a):
			return cmp.Compare(b.x1(), a.x1())
		}
		return cmp.Compare(a.x1(), b.x1())
	})
	most := 0
	for i, s := range over {
		for _, other := range over[:i] {
			if !meet(s, other) {
				continue
			}
			if (s.x2() > s.x1()) == (other.x2() > other.x1()) {
				s.track = max(s.track, other.track+1)
			}
		}
		for slices.ContainsFunc(over[:i], func(o *step) bool { return o.track == s.track && meet(s, o) }) {
			s.track++
		}
		most = max(most, s.track+1)
	}
	return most
}

// meet reports whether two lines lie over each other somewhere from left to right.
func meet(a, b *step) bool {
	const near = 8
	return min(a.x1(), a.x2()) < max(b.x1(), b.x2())+near && min(b.x1(), b.x2()) < max(a.x1(), a.x2())+near
}

type point struct{ x, y float64 }

// points is the way of a link, from where it begins to where its arrow is.
func (k *link) points() []point {
	var out []point
	add := func(x, y float64) {
		p := point{x, y}
		n := len(out)
		if n > 0 && out[n-1] == p {
			return
		}
		if n > 1 && (out[n-1].x == x && out[n-2].x == x || out[n-1].y == y && out[n-2].y == y) {
			out = out[:n-1] // on the same line
		}
		out = append(out, p)
	}
	for _, s := range k.steps {
		x1, x2 := s.x1(), s.x2()
		if math.Abs(x1-x2) < 1 {
			x2 = x1
		}
		add(x1, s.above.y+s.above.h)
		if x1 != x2 {
			add(x1, s.mid)
			add(x2, s.mid)
		}
		add(x2, s.below.y)
	}
	if k.turned {
		slices.Reverse(out)
	}
	return out
}
