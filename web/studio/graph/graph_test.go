package graph_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"digit/web/studio/graph"
)

// drawGraph draws a graph of any shape, with loops, ways to nowhere and codes that are there twice.
func drawGraph(t *rapid.T, states int) graph.Graph {
	g := graph.Graph{Start: "s0"}
	for i := range rapid.IntRange(0, states).Draw(t, "states") {
		n := graph.Node{ID: fmt.Sprint("s", i), Label: strings.Repeat("state ", rapid.IntRange(0, 9).Draw(t, "words")), Sub: "work", Shape: graph.Work}
		if rapid.IntRange(0, 9).Draw(t, "branches") == 0 {
			for b := range rapid.IntRange(0, 3).Draw(t, "n") {
				inner := graph.Branch{Label: "branch"}
				for j := range rapid.IntRange(0, 3).Draw(t, "inner") {
					inner.Nodes = append(inner.Nodes, graph.Node{ID: fmt.Sprint("s", i, ".", b, ".", j), Label: "inner"})
				}
				inner.Start = fmt.Sprint("s", i, ".", b, ".0")
				n.Branches = append(n.Branches, inner)
			}
		}
		g.Nodes = append(g.Nodes, n)
	}
	all := append([]string{"nowhere"}, ids(g)...)
	for i := range rapid.IntRange(0, 2*states).Draw(t, "edges") {
		from, to := rapid.SampledFrom(all).Draw(t, "from"), rapid.SampledFrom(all).Draw(t, "to")
		g.Edges = append(g.Edges, graph.Edge{ID: fmt.Sprint("e", i/2), From: from, To: to, Label: "a way with a name"})
	}
	return g
}

func ids(g graph.Graph) (out []string) {
	for _, n := range g.Nodes {
		out = append(out, n.ID)
		for _, b := range n.Branches {
			out = append(out, ids(b.Graph)...)
		}
	}
	return out
}

// TestLayout: whatever the graph, everything has a place inside the picture, no box lies on another, and a second time
// everything is where it was.
func TestLayout(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t, 14)
		p := graph.Layout(g)
		if !reflect.DeepEqual(p, graph.Layout(g)) {
			t.Fatal("the same graph is drawn in two ways")
		}
		placed := map[string]bool{}
		var areas [][4]int
		for _, b := range p.Boxes {
			placed[b.ID] = true
			areas = append(areas, [4]int{b.X, b.Y, b.X + b.W, b.Y + b.H})
		}
		for _, l := range p.Lines {
			areas = append(areas, [4]int{l.LabelX - l.LabelW/2, l.LabelY - 10, l.LabelX + l.LabelW/2, l.LabelY + 10})
			if l.Path == "" || l.Arrow == "" {
				t.Fatalf("%+v has no line", l)
			}
		}
		for i, a := range areas {
			if a[0] < 0 || a[1] < 0 || a[2] > p.Width || a[3] > p.Height {
				t.Fatalf("%v is outside of %d × %d", a, p.Width, p.Height)
			}
			for _, b := range areas[:i] {
				if a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3] {
					t.Fatalf("%v lies on %v", a, b)
				}
			}
		}
		for _, f := range p.Frames {
			if f.Node != nil {
				placed[f.Node.ID] = true
			}
		}
		for _, id := range ids(g) {
			if !placed[id] {
				t.Fatalf("%s has no place", id)
			}
		}
		if m := p.Mirrored(); !reflect.DeepEqual(m.Mirrored(), p) && len(p.Lines) == 0 {
			t.Fatal("a picture mirrored twice is another")
		}
	})
}

// Workflow makes a workflow of so many states as agencies have them: steps, each with a correction by the person.
func workflow(states int) graph.Graph {
	g := graph.Graph{Start: "s0"}
	add := func(label, sub string, shape graph.Shape) string {
		id := fmt.Sprint("s", len(g.Nodes))
		g.Nodes = append(g.Nodes, graph.Node{ID: id, Label: label, Sub: sub, Shape: shape, Href: "#" + id})
		return id
	}
	edge := func(id, from, to, label string, auto bool) {
		g.Edges = append(g.Edges, graph.Edge{ID: id, From: from, To: to, Label: label, Auto: auto})
	}
	before := add("Waiting for the payment", "Payment", graph.Wait)
	first := before
	steps := (states - 3) / 2
	var reviews []string
	for i := range steps {
		review := add(fmt.Sprintf("Review by the office number %d", i+1), "Clerk", graph.Work)
		edge(fmt.Sprint("on", i), before, review, map[bool]string{true: "Paid", false: "Approve and send on"}[i == 0], i == 0)
		if len(g.Nodes) < states-2 {
			ask := add("With the applicant", "Person", graph.Wait)
			edge(fmt.Sprint("ask", i), review, ask, "Ask for a correction", false)
			edge(fmt.Sprint("again", i), ask, review, "Sent in again", false)
		}
		reviews = append(reviews, review)
		before = review
	}
	granted, refused := add("Granted", "Approved", graph.End), add("Refused", "Rejected", graph.End)
	edge("grant", before, granted, "Grant", false)
	for _, r := range reviews {
		edge("refuse", r, refused, "Refuse", false)
	}
	if states > 20 {
		edge("skip", reviews[1], reviews[len(reviews)-2], "Straight to the head", false)
		edge("back", reviews[len(reviews)-1], reviews[2], "Back to the office", false)
		g.Nodes[9].Trouble = "Nobody comes here"
	}
	edge("again-all", first, first, "Remind", false)
	return g
}

func TestLargeWorkflowFits(t *testing.T) {
	t.Parallel()
	p := graph.Layout(workflow(40))
	if len(p.Boxes) != 39 || p.Width > 1600 {
		t.Errorf("%d boxes, %d wide", len(p.Boxes), p.Width)
	}
	if _, refuse := strings.CutPrefix(p.Boxes[1].Notes[0], "→ "); !refuse {
		t.Errorf("what leads out of many states is drawn, not noted: %v", p.Boxes[1].Notes)
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	g := workflow(3 + 2)
	g.Nodes[1].Trouble = "Nobody comes here"
	var b bytes.Buffer
	if err := graph.Draw(graph.Layout(g), "The way of a case").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`href="#s1"`, "Nobody comes here", "Waiting for the payment", "↻ Remind", `aria-label="The way of a case"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the picture has no %s", want)
		}
	}
	if strings.Contains(b.String(), "style=") {
		t.Error("the picture has a style of its own, which the policy forbids")
	}
	if dir := os.Getenv("GRAPH_DIR"); dir != "" {
		for _, n := range []int{3, 12, 40} {
			var b bytes.Buffer
			_ = graph.Draw(graph.Layout(workflow(n)), "x").Render(context.Background(), &b)
			_ = os.WriteFile(fmt.Sprintf("%s/g%d.svgpart", dir, n), b.Bytes(), 0o600)
		}
	}
}

func BenchmarkLayout(b *testing.B) {
	g := workflow(40)
	for b.Loop() {
		graph.Layout(g)
	}
}
