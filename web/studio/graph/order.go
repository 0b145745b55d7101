package graph

import (
	"cmp"
	"slices"
)

// sweeps is how often layers are put in order by their neighbours; more finds nothing better in graphs of forty states.
const sweeps = 24

// arrange puts the layers in an order with few crossings: first as a walk from the start comes by, then each vertex to the
// middle of its neighbours above or below, as long as that helps.
func (l *level) arrange() {
	l.discover()
	best, crossings := l.snapshot(), l.crossings()
	for i := range sweeps {
		if i%2 == 0 {
			for r := 1; r < len(l.layers); r++ {
				settle(l.layers[r], func(v *vertex) []*step { return v.up }, func(s *step) *vertex { return s.above })
			}
		} else {
			for r := len(l.layers) - 2; r >= 0; r-- {
				settle(l.layers[r], func(v *vertex) []*step { return v.down }, func(s *step) *vertex { return s.below })
			}
		}
		if n := l.crossings(); n < crossings {
			best, crossings = l.snapshot(), n
		}
	}
	l.layers = best
	for _, layer := range l.layers {
		number(layer)
	}
}

func (l *level) discover() {
	deepest := 0
	for _, v := range l.order {
		deepest = max(deepest, v.rank)
	}
	l.layers = make([][]*vertex, deepest+1)
	var walk func(v *vertex)
	walk = func(v *vertex) {
		if v.discovered {
			return
		}
		v.discovered = true
		l.layers[v.rank] = append(l.layers[v.rank], v)
		for _, s := range v.down {
			walk(s.below)
		}
	}
	for _, v := range l.fromStart() {
		walk(v)
	}
	for _, layer := range l.layers {
		number(layer)
	}
}

func number(layer []*vertex) {
	for i, v := range layer {
		v.index = i
	}
}

func (l *level) snapshot() [][]*vertex {
	out := make([][]*vertex, len(l.layers))
	for i, layer := range l.layers {
		out[i] = slices.Clone(layer)
	}
	return out
}

// settle sorts a layer by the mean place of neighbours; what has none stays where it is.
func settle(layer []*vertex, steps func(*vertex) []*step, other func(*step) *vertex) {
	want := make(map[*vertex]float64, len(layer))
	for _, v := range layer {
		sum, n := 0.0, 0
		for _, s := range steps(v) {
			sum += float64(other(s).index)
			n++
		}
		if n == 0 {
			want[v] = float64(v.index)
		} else {
			want[v] = sum / float64(n)
		}
	}
	slices.SortStableFunc(layer, func(a, b *vertex) int { return cmp.Compare(want[a], want[b]) })
	number(layer)
}

// crossings counts how often ways cross between layers.
func (l *level) crossings() int {
	count := 0
	for _, layer := range l.layers {
		var ends []int // lower ends, in the order of upper ends
		for _, v := range layer {
			var below []int
			for _, s := range v.down {
				below = append(below, s.below.index)
			}
			slices.Sort(below)
			ends = append(ends, below...)
		}
		count += inversions(ends)
	}
	return count
}

// inversions counts pairs in the wrong order, by merging (and sorts the list).
func inversions(list []int) int {
	if len(list) < 2 {
		return 0
	}
	left, right := slices.Clone(list[:len(list)/2]), slices.Clone(list[len(list)/2:])
	n := inversions(left) + inversions(right)
	i, j := 0, 0
	for k := range list {
		if j == len(right) || i < len(left) && left[i] <= right[j] {
			list[k] = left[i]
			i++
		} else {
			list[k] = right[j]
			j++
			n += len(left) - i
		}
	}
	return n
}
