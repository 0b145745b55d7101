package graph

import (
	"cmp"
	"slices"
)

// ports spreads the ways at each box, in the order of where they lead.
func (l *level) ports() {
	for _, layer := range l.layers {
		for _, v := range layer {
			slices.SortStableFunc(v.down, func(a, b *step) int { return cmp.Compare(a.below.index, b.below.index) })
			slices.SortStableFunc(v.up, func(a, b *step) int { return cmp.Compare(a.above.index, b.above.index) })
			for i, s := range v.down {
				s.out = port(v, i, len(v.down))
			}
			for i, s := range v.up {
				s.in = port(v, i, len(v.up))
			}
		}
	}
}

func port(v *vertex, i, n int) float64 {
	gap := portGap
	if room := v.w - 32; n > 1 && gap*float64(n-1) > room {
		gap = room / float64(n-1)
	}
	return (float64(i) - float64(n-1)/2) * gap
}

// centred is how much states are drawn to the middle, so that a long way is no staircase.
const centred = 0.8

// passes is how often the layers are drawn straight, from above and from below in turn.
const passes = 16

// place gives everything its middle from left to right, so that ways are as straight as the widths allow.
func (l *level) place() {
	for _, layer := range l.layers {
		at := 0.0
		for i, v := range layer {
			if i > 0 {
				at += apart(layer[i-1], v)
			}
			v.x = at
		}
		for _, v := range layer {
			v.x -= at / 2
		}
	}
	for i := range passes {
		if i%2 == 0 {
			for r := 1; r < len(l.layers); r++ {
				straighten(l.layers[r], true, i == passes-2)
			}
		} else {
			for r := len(l.layers) - 2; r >= 0; r-- {
				straighten(l.layers[r], i == passes-1, true)
			}
		}
	}
	l.snap()
	l.normalise()
}

// small is a bend that looks like a mistake.
const small = 16.0

// snap takes small bends out: passing ways and names move in line with what is above or below them where there is room, and
// ways leave and reach boxes a little to the side.
func (l *level) snap() {
	for range 2 {
		for r := range l.layers {
			for i, v := range l.layers[r] {
				if v.node == nil && len(v.up) == 1 {
					v.moveTo(v.up[0].x1(), l.layers[r], i)
				}
			}
		}
		for r := len(l.layers) - 1; r >= 0; r-- {
			for i, v := range l.layers[r] {
				if v.node == nil && len(v.down) == 1 && v.down[0].below.node == nil {
					v.moveTo(v.down[0].x2(), l.layers[r], i)
				}
			}
		}
	}
	for _, v := range l.all() {
		if v.node == nil {
			continue
		}
		for i, s := range v.down {
			s.out = slide(s.out, s.x2()-s.x1(), v, s.below, i > 0, i < len(v.down)-1)
		}
		for i, s := range v.up {
			s.in = slide(s.in, s.x1()-s.x2(), v, s.above, i > 0, i < len(v.up)-1)
		}
	}
}

// moveTo moves a vertex a little, if its neighbours leave it the room.
func (v *vertex) moveTo(x float64, layer []*vertex, i int) {
	switch {
	case x == v.x || x-v.x > small || v.x-x > small:
	case i > 0 && x-layer[i-1].x < apart(layer[i-1], v):
	case i < len(layer)-1 && layer[i+1].x-x < apart(v, layer[i+1]):
	default:
		v.x = x
	}
}

// slide moves where a way meets a box by so much, as long as that is little, on the box and not onto the next way.
func slide(at, by float64, v, other *vertex, left, right bool) float64 {
	room := v.w/2 - 12
	if other.node != nil || at+by > room || at+by < -room || by > small || by < -small || by < -portGap/2+4 && left || by > portGap/2-4 && right {
		return at
	}
	return at + by
}

// apart is how far the middles of neighbours must be from each other.
func apart(a, b *vertex) float64 {
	gap := boxGap
	if a.node == nil || b.node == nil {
		gap = lineGap
	}
	return (a.w+b.w)/2 + gap
}

// straighten moves the vertices of a layer below (or above) what they hang on, as near as their order and widths allow: the
// least sum of squares, found by pooling neighbours that are in each other's way.
func straighten(layer []*vertex, fromAbove, fromBelow bool) {
	type pool struct {
		at, weight float64
		n          int
	}
	var pools []pool
	offset := 0.0
	offsets := make([]float64, len(layer))
	for i, v := range layer {
		if i > 0 {
			offset += apart(layer[i-1], v)
		}
		offsets[i] = offset
		want, weight := v.wish(fromAbove, fromBelow)
		pools = append(pools, pool{want - offset, weight, 1})
		for len(pools) > 1 && pools[len(pools)-2].at > pools[len(pools)-1].at {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			w := a.weight + b.weight
			pools = append(pools[:len(pools)-2], pool{(a.at*a.weight + b.at*b.weight) / w, w, a.n + b.n})
		}
	}
	i := 0
	for _, p := range pools {
		for range p.n {
			layer[i].x = p.at + offsets[i]
			i++
		}
	}
}

// wish is where a vertex would best be, and how much that matters: passing ways should be straight.
func (v *vertex) wish(fromAbove, fromBelow bool) (at, weight float64) {
	sum := 0.0
	if v.node != nil {
		weight = centred
	}
	add := func(x float64, other *vertex) {
		w := 1.0
		if v.node == nil && other.node == nil {
			w = 6
		}
		sum, weight = sum+x*w, weight+w
	}
	if fromAbove {
		for _, s := range v.up {
			add(s.above.x+s.out-s.in, s.above)
		}
	}
	if fromBelow {
		for _, s := range v.down {
			add(s.below.x+s.in-s.out, s.below)
		}
	}
	if weight == 0 {
		return v.x, 0.1
	}
	return sum / weight, weight // the middle of the picture is 0
}

// normalise moves the level to begin at nothing, and measures its width.
func (l *level) normalise() {
	least, most := 0.0, 0.0
	for i, v := range l.all() {
		if i == 0 || v.x-v.w/2 < least {
			least = v.x - v.w/2
		}
		if i == 0 || v.x+v.w/2 > most {
			most = v.x + v.w/2
		}
	}
	for _, v := range l.all() {
		v.x -= least
	}
	l.w = most - least
}

func (l *level) all() []*vertex { return slices.Concat(l.layers...) }
