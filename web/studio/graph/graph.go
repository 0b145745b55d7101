// Package graph draws states and the ways between them as a picture that people can follow: from the start downwards, layer
// by layer, with as few crossings as it finds, ways as straight lines with round corners, and branches as frames of their
// own. Layout is pure and gives the same picture for the same graph; Draw writes it as SVG without any script or style.
//
// Layers are those of the longest way from the start; what leads back up is laid out as if it led down and only its
// arrow shows the truth (Sugiyama, Tagawa, Toda 1981). Names of ways have a layer of their own between those of states, so
// that no name lies on another.
package graph

// Graph is states and ways, in the order they are written.
type Graph struct {
	Start string
	Nodes []Node
	Edges []Edge
}

// Node is a state.
type Node struct {
	ID, Label string
	// Sub says below the label what kind of state it is and whose, Trouble what is wrong with it; empty: nothing.
	Sub, Trouble string
	// Href is where the state can be changed.
	Href  string
	Shape Shape
	// Branches are inside a state that is several at once.
	Branches []Branch
}

// Branch is a graph inside a state.
type Branch struct {
	Label string
	Graph
}

// Shape is how a state is drawn, so that kinds are told apart without colour.
type Shape string

// The shapes.
const (
	Work Shape = "work" // a box
	Wait Shape = "wait" // a box with a dashed edge: for somebody outside
	End  Shape = "end"  // round ends and a double edge
)

// Edge is a way from one state to another; what leads out of several states is an edge for each, with one ID.
type Edge struct {
	ID, From, To, Label string
	// Auto is taken by the system: its line is dashed.
	Auto bool
}

// Picture is a graph with a place for everything, in CSS pixels from the top left.
type Picture struct {
	Width, Height int
	Frames        []Frame
	Lines         []Line
	Boxes         []Box
	Dots          []Dot
}

// Box is a state.
type Box struct {
	Node
	X, Y, W, H int
	// Lines are the label in lines that fit, Notes the ways that are named in the box and not drawn.
	Lines, Notes []string
}

// Frame surrounds a state's branches, or one of them.
type Frame struct {
	X, Y, W, H int
	Label      string
	// Node is the state, nil for a branch.
	Node *Node
	// Notes are as in a Box.
	Notes []string
}

// Line is a way. Path and Arrow are SVG path data. The name stands in the middle of (LabelX, LabelY) on a ground so wide.
type Line struct {
	Edge
	Path, Arrow            string
	Short                  string // the label as far as it fits
	LabelX, LabelY, LabelW int
}

// Dot marks where a graph begins, with a line to its first state.
type Dot struct{ X, Y, To int }

// Layout finds a place for everything.
func Layout(g Graph) Picture {
	l := newLevel(g)
	l.lay()
	p := Picture{Width: round(l.w) + 2*margin, Height: round(l.h) + 2*margin}
	l.paint(&p, margin, margin)
	return p
}

// Mirrored returns the picture for languages that are written from right to left.
func (p Picture) Mirrored() Picture {
	q := Picture{Width: p.Width, Height: p.Height}
	for _, b := range p.Boxes {
		b.X = p.Width - b.X - b.W
		q.Boxes = append(q.Boxes, b)
	}
	for _, f := range p.Frames {
		f.X = p.Width - f.X - f.W
		q.Frames = append(q.Frames, f)
	}
	for _, l := range p.Lines {
		l.Path, l.Arrow, l.LabelX = mirrorPath(l.Path, p.Width), mirrorPath(l.Arrow, p.Width), p.Width-l.LabelX
		q.Lines = append(q.Lines, l)
	}
	for _, d := range p.Dots {
		d.X = p.Width - d.X
		q.Dots = append(q.Dots, d)
	}
	return q
}

// Measures of the picture, in CSS pixels.
const (
	margin       = 8
	boxWidth     = 184.0
	boxGap       = 28.0 // between boxes of a layer
	lineGap      = 16.0 // beside lines that pass
	labelHeight  = 24.0
	lineHeight   = 18.0
	subHeight    = 16.0
	boxPadding   = 10.0
	layerGap     = 20.0 // between layers, without lines that cross over
	trackGap     = 8.0  // between lines that cross over
	portGap      = 20.0 // between lines at a box
	dotSpace     = 26.0 // above the first state
	framePadding = 16.0
	frameHead    = 52.0
	branchHead   = 28.0
	cornerRadius = 6.0
	manySources  = 4 // from so many states on, a way is named in the boxes and not drawn
)
