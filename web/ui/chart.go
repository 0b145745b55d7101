package ui

import (
	"fmt"
	"strconv"
	"strings"
)

// Point is a value of a chart with its name and its number in words.
type Point struct {
	Label string
	Value float64
	// Text is the value as people read it; Label and Text stand in the table below the chart.
	Text string
}

// ChartView is a chart; all of it is also a table beneath.
type ChartView struct {
	// Title says what is shown, Summary in a sentence what it tells (read instead of the picture).
	Title, Summary string
	// LabelHead and ValueHead head the columns of the table.
	LabelHead, ValueHead string
	Points               []Point
}

const (
	sparkWidth, sparkHeight = 100.0, 32.0
	lineWidth, lineHeight   = 600.0, 200.0
)

// peak is the largest value, at least one, so that nothing is divided by zero.
func peak(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	if top == 0 {
		return 1
	}
	return top
}

func (c ChartView) values() []float64 {
	out := make([]float64, len(c.Points))
	for i, p := range c.Points {
		out[i] = p.Value
	}
	return out
}

// linePath draws values from left to right in a box of that size; area closes it at the bottom.
func linePath(values []float64, width, height float64, area bool) string {
	if len(values) < 2 {
		return ""
	}
	top := peak(values)
	var b strings.Builder
	for i, v := range values {
		x := width * float64(i) / float64(len(values)-1)
		y := height - 2 - (height-4)*max(v, 0)/top
		if i == 0 {
			b.WriteString("M")
		} else {
			b.WriteString("L")
		}
		fmt.Fprintf(&b, "%s %s", num(x), num(y))
	}
	if area {
		fmt.Fprintf(&b, "L%s %sL0 %sZ", num(width), num(height), num(height))
	}
	return b.String()
}

func num(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// share is a value as a percentage of the peak, for the width of a bar.
func share(v, top float64) string {
	return strconv.FormatFloat(max(v, 0)*100/top, 'f', 1, 64) + "%"
}

func (c ChartView) first() string { return c.Points[0].Label }
func (c ChartView) last() string  { return c.Points[len(c.Points)-1].Label }

func (c ChartView) table() TableView {
	t := TableView{Caption: c.Title, HideCaption: true, Columns: []Column{{Label: c.LabelHead}, {Label: c.ValueHead, Num: true}}}
	for _, p := range c.Points {
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: p.Label}, {Text: p.Text}}})
	}
	return t
}
