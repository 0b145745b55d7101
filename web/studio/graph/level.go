package graph

import "slices"

// level is a graph on its way to a picture: that of the case, or that of a branch.
type level struct {
	graph  Graph
	owner  map[string]string // the state of this level that a state is, or is inside of
	verts  map[string]*vertex
	order  []*vertex // states, in the order of the graph
	links  []*link
	layers [][]*vertex
	tops   []float64 // of layers
	tall   []float64
	w, h   float64
}

// vertex is a state, the name of a way, or a place where a way passes a layer.
type vertex struct {
	node   *Node
	inside []*level // branches
	notes  []string
	lines  []string
	link   *link // for names and passing ways
	named  bool

	rank       int
	index      int // in its layer
	w, h       float64
	x, y       float64 // middle, top
	up, down   []*step
	discovered bool
}

// link is a way, laid out from above to below.
type link struct {
	Edge
	from, to *vertex // from is above
	turned   bool    // the way leads up
	steps    []*step
	label    *vertex
}

// step is a piece of a way between two layers.
type step struct {
	link         *link
	above, below *vertex
	out, in      float64 // where it leaves and arrives, from the middle of the vertices
	track        int
	mid          float64 // height of its level piece
}

func newLevel(g Graph) *level {
	l := &level{graph: g, owner: map[string]string{}, verts: map[string]*vertex{}}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if l.verts[n.ID] != nil {
			continue // a code that is there twice is a problem of its own
		}
		v := &vertex{node: n}
		l.verts[n.ID], l.owner[n.ID] = v, n.ID
		l.order = append(l.order, v)
		for _, b := range n.Branches {
			l.own(b.Graph, n.ID)
		}
	}
	for _, v := range l.order {
		for _, b := range v.node.Branches {
			b.Edges = within(b.Graph, g.Edges)
			inside := newLevel(b.Graph)
			inside.lay()
			v.inside = append(v.inside, inside)
		}
	}
	l.connect()
	for _, v := range l.order {
		v.measure()
	}
	return l
}

func (l *level) own(g Graph, id string) {
	for i := range g.Nodes {
		l.owner[g.Nodes[i].ID] = id
		for _, b := range g.Nodes[i].Branches {
			l.own(b.Graph, id)
		}
	}
}

// within returns the edges between states of a branch.
func within(g Graph, edges []Edge) []Edge {
	inside := map[string]bool{}
	var see func(g Graph)
	see = func(g Graph) {
		for i := range g.Nodes {
			inside[g.Nodes[i].ID] = true
			for _, b := range g.Nodes[i].Branches {
				see(b.Graph)
			}
		}
	}
	see(g)
	return slices.DeleteFunc(slices.Clone(edges), func(e Edge) bool { return !inside[e.From] || !inside[e.To] })
}

// connect makes links of the edges of this level. A way that goes back to where it began, and one that leads out of many
// states, is noted in the boxes.
func (l *level) connect() {
	sources := map[string]int{}
	for _, e := range l.graph.Edges {
		if l.here(e) {
			sources[e.ID+"→"+e.To]++
		}
	}
	drawn := map[string]bool{}
	for _, e := range l.graph.Edges {
		if !l.here(e) {
			continue
		}
		from, to := l.verts[l.owner[e.From]], l.verts[l.owner[e.To]]
		switch key := e.ID + " " + l.owner[e.From] + "→" + l.owner[e.To]; {
		case drawn[key]: // from two states of a branch to the outside
		case from == to:
			from.note("↻ " + e.Label)
		case sources[e.ID+"→"+e.To] >= manySources:
			from.note("→ " + e.Label)
			to.note("← " + e.Label)
			l.links = append(l.links, &link{Edge: e, from: from, to: to}) // for the layers alone
			drawn[key] = true
		default:
			l.links = append(l.links, &link{Edge: e, from: from, to: to, label: &vertex{named: true}})
			drawn[key] = true
		}
	}
}

// here reports whether an edge is one of this level, and not inside one of its states.
func (l *level) here(e Edge) bool {
	from, to := l.verts[l.owner[e.From]], l.verts[l.owner[e.To]]
	if from == nil || to == nil {
		return false
	}
	if from != to || len(from.inside) == 0 {
		return true
	}
	for _, b := range from.node.Branches {
		if len(within(b.Graph, []Edge{e})) > 0 {
			return false
		}
	}
	return true
}

func (v *vertex) note(text string) {
	if !slices.Contains(v.notes, text) {
		v.notes = append(v.notes, text)
	}
}

// measure finds how large a state is.
func (v *vertex) measure() {
	if len(v.inside) > 0 {
		v.measureFrame()
		return
	}
	v.lines = wrap(v.node.Label, boxWidth-24, 14, 2)
	v.w = boxWidth
	v.h = 2*boxPadding + lineHeight*float64(len(v.lines)) + subHeight*float64(len(v.notes))
	if v.node.Sub != "" {
		v.h += subHeight
	}
	if v.node.Trouble != "" {
		v.h += subHeight
	}
}

func (v *vertex) measureFrame() {
	v.w = framePadding
	for _, b := range v.inside {
		v.w += max(b.w, boxWidth) + framePadding
		v.h = max(v.h, b.h)
	}
	v.h += frameHead + branchHead + 2*framePadding + subHeight*float64(len(v.notes))
	if v.node.Trouble != "" {
		v.h += subHeight
	}
}

// lay finds the place of everything in the level.
func (l *level) lay() {
	l.rank()
	l.pass()
	l.arrange()
	l.ports()
	l.place()
	l.heights()
}
