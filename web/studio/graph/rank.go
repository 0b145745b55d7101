package graph

import "slices"

// rank turns round what leads back, and gives every state the layer of the longest way to it. Layers of states are even.
func (l *level) rank() {
	out := map[*vertex][]*link{}
	for _, k := range l.links {
		out[k.from] = append(out[k.from], k)
	}
	const (
		open = 1
		done = 2
	)
	state := map[*vertex]int{}
	var sorted []*vertex
	var visit func(v *vertex)
	visit = func(v *vertex) {
		state[v] = open
		for _, k := range out[v] {
			switch state[k.to] {
			case open:
				k.turned = true
			case 0:
				visit(k.to)
			}
		}
		state[v] = done
		sorted = append(sorted, v)
	}
	for _, v := range l.fromStart() {
		if state[v] == 0 {
			visit(v)
		}
	}
	slices.Reverse(sorted)
	for _, k := range l.links {
		if k.turned {
			k.from, k.to = k.to, k.from
		}
	}
	down := map[*vertex][]*link{}
	for _, k := range l.links {
		down[k.from] = append(down[k.from], k)
	}
	for _, v := range sorted {
		for _, k := range down[v] {
			k.to.rank = max(k.to.rank, v.rank+2)
		}
	}
	l.links = slices.DeleteFunc(l.links, func(k *link) bool { return k.label == nil })
}

// fromStart returns the states, the first one first.
func (l *level) fromStart() []*vertex {
	states := slices.Clone(l.order)
	slices.SortStableFunc(states, func(a, b *vertex) int {
		return first(b.node.ID == l.graph.Start) - first(a.node.ID == l.graph.Start)
	})
	return states
}

func first(b bool) int {
	if b {
		return 1
	}
	return 0
}

// pass gives ways a place in each layer that they pass, and their names the place beside where they begin.
func (l *level) pass() {
	for _, k := range l.links {
		named := k.from.rank + 1
		if k.turned {
			named = k.to.rank - 1
		}
		before := k.from
		for r := k.from.rank + 1; r < k.to.rank; r++ {
			v := &vertex{link: k, rank: r}
			if r == named {
				v = k.label
				v.link, v.rank, v.h = k, r, labelHeight
				v.w = labelWidth(k.Label)
			}
			k.join(before, v)
			before = v
		}
		k.join(before, k.to)
	}
}

func (k *link) join(above, below *vertex) {
	s := &step{link: k, above: above, below: below}
	k.steps = append(k.steps, s)
	above.down, below.up = append(above.down, s), append(below.up, s)
}
