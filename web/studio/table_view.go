package studio

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/studio/condition"
	"digit/web/ui"
)

// tableEdit is the editor of a decision table.
type tableEdit struct {
	ui.FormPage
	Back      ui.Link
	Name      string
	Others    []string // what is wrong and stands at no field
	Text      []field
	Rename    field
	Columns   []tableColumn
	Rows      []tableLine
	Gives     []ui.Option
	Gave      string
	Otherwise tableValue
	Findings  []string
	Whole     bool
	Trial     calculation
	Came      *ui.NoticeView // what the trial came to
	UsedBy    []usedView
	ReadOnly  bool
}

type tableColumn struct {
	Label, Was, Error string
	Looks             []ui.Option // the answers it may look at
	Rule              string      // what it looks at, where that is none of them
	Hint              string      // how its cells are written
}

type tableLine struct {
	N     int
	Cells []tableCell
	Value tableValue
	Note  string // what is wrong with the row as a whole
	Fired bool   // it decides for the answers that are tried
}

type tableCell struct {
	Kind           cellKind
	Name, Label    string
	Value, Summary string
	Options        []ui.Option
	Not            bool
	Error          string
}

type tableValue struct {
	Name, Value, Error string
	Options            []ui.Option // yes or no
	Code, Numeric      bool
}

// showTable shows the list of tables, or one of them.
func (s *Studio) showTable(r *frame.Request, d *desk, sh shelf) error {
	key, path := s.chosen(r, d, sh)
	if key == "" {
		return s.showShelf(r, d, sh, nil)
	}
	label, _ := sh.label(r, d, key)
	v := s.tableEdit(r, d, sh, key, path)
	return s.render(r, d, look{Title: label, Canvas: tableEditor(v)})
}

func (s *Studio) tableEdit(r *frame.Request, d *desk, sh shelf, key, path string) tableEdit {
	x := *deep(find(d.Pack.Tables, tableKey, key))
	example := condition.Examples{Pack: d.Pack, Saying: s.saying(r, d, "tables.0.inputs.0"), Posted: r.URL.Query(), Prefix: "try."}
	facts := servicespec.Facts{Today: s.today(r), Currency: r.Settings.Currency}
	tried := servicespec.TryTable(d.Pack, key, nil, facts)
	asked := example.Asked(tried.Needs)
	tried = servicespec.TryTable(d.Pack, key, example.Answers(asked), facts)
	if d.posted != nil {
		tableForm{posted: d.posted, currency: r.Settings.Currency, types: tried.Types}.take(&x)
	}
	v := tableEdit{
		FormPage: ui.FormPage{Action: d.here("/table" + sh.query(key)), Submit: r.T("studio.save"), Hidden: [][2]string{revField(d)}, Problems: d.wrong},
		Back:     ui.Link{Href: d.here(""), Label: r.T("studio.table.all")}, Name: "table." + x.Name, ReadOnly: !d.design,
		Text: s.text(r, d, "table_text", x.Text, path+".text"), Gave: givesOf(&x), Whole: tried.Findings.Whole,
	}
	v.Rename = s.renameField(r, d, servicespec.Renaming{Kind: servicespec.NamesTable, From: x.Name})
	v.Rename.Label, v.Rename.Value = r.T("studio.table.name"), v.Name
	v.Gives = choose(r, "studio.table.gives.", v.Gave, givesNumber, givesText, givesYesNo, givesRule)
	if !d.design {
		v.Submit = ""
	}
	t := tableViewer{s: s, r: r, d: d, table: &x, types: tried.Types, path: path, say: example.Saying, inputs: inputsOf(d.Pack), gave: v.Gave}
	v.Columns, v.Rows = t.columns(), t.rows()
	v.Otherwise = t.value("otherwise", x.Otherwise, path+".otherwise")
	v.Findings = t.findings(tried.Findings)
	v.Others = t.others()
	v.Trial = calculation{Action: d.here(""), Keep: [][2]string{{"table", key}}, Fields: example.Fields(asked), Asked: r.Query("calculate") != ""}
	if v.Trial.Asked {
		v.Came = t.came(tried)
		if tried.Row >= 0 && tried.Row < len(v.Rows) {
			v.Rows[tried.Row].Fired = true
		}
	}
	v.UsedBy = s.tableUses(r, d, tried.UsedBy)
	return v
}

// tableViewer makes the view of one table.
type tableViewer struct {
	s      *Studio
	r      *frame.Request
	d      *desk
	table  *servicespec.Table
	types  []string
	path   string
	say    locale.Saying
	inputs []servicespec.Variable
	gave   string
	said   map[string]bool // paths of problems that stand at their place
}

// wrong is what is wrong at a path of the table, or a doubt about it; it is said there and not again.
func (t *tableViewer) wrong(path string, exact bool) string {
	if t.said == nil {
		t.said = map[string]bool{}
	}
	if t.d.posted != nil {
		return ""
	}
	for _, p := range t.d.problems {
		if (p.Path == path || !exact && strings.HasPrefix(p.Path, path+".")) && !untranslated(p) {
			t.said[p.Path] = true
			return t.s.problem(t.r, p)
		}
	}
	return ""
}

func (t *tableViewer) typeOf(k int) string {
	if k < len(t.types) && t.d.posted == nil {
		return t.types[k]
	}
	return ""
}

func (t *tableViewer) columns() (out []tableColumn) {
	for k, expr := range t.table.Inputs {
		c := tableColumn{Label: t.label(expr), Was: expr, Error: t.wrong(fmt.Sprintf("%s.inputs.%d", t.path, k), true)}
		known := false
		for _, x := range t.inputs {
			chosen := x.Name == expr
			known = known || chosen
			c.Looks = append(c.Looks, ui.Option{Value: x.Name, Label: t.say.Label(x.Name), Checked: chosen})
		}
		if !known {
			c.Rule = expr
		}
		c.Looks = append(c.Looks, ui.Option{Value: otherRule, Label: t.r.T("studio.table.by_rule"), Checked: !known})
		switch kind := t.typeOf(k); kind {
		case "int", "decimal", "money", "date", "strings":
			c.Hint = t.r.T("studio.table.cell." + kind)
		case "string":
			if len(t.optionsOf(expr)) == 0 {
				c.Hint = t.r.T("studio.table.cell.string")
			}
		}
		out = append(out, c)
	}
	return out
}

// label is what a column is called.
func (t *tableViewer) label(expr string) string {
	for _, x := range t.inputs {
		if x.Name == expr {
			return t.say.Label(expr)
		}
	}
	return expr
}

func (t *tableViewer) optionsOf(expr string) []servicespec.Option {
	if x, ok := servicespec.FindVariable(t.inputs, expr); ok && (x.Kind == servicespec.KindChoice || x.Kind == servicespec.KindDocument) {
		return x.Options
	}
	return nil
}

func (t *tableViewer) rows() (out []tableLine) {
	for i, row := range t.table.Rows {
		at := fmt.Sprintf("%s.rows.%d", t.path, i)
		line := tableLine{N: i + 1, Value: t.value("then."+strconv.Itoa(i), row.Then, at+".then"), Note: t.wrong(at, true)}
		for k := range t.table.Inputs {
			cell := "-"
			if k < len(row.If) {
				cell = row.If[k]
			}
			line.Cells = append(line.Cells, t.cell(i, k, cell, at))
		}
		if whole := t.wrong(at+".if", true); line.Note == "" {
			line.Note = whole
		}
		out = append(out, line)
	}
	return out
}

func (t *tableViewer) cell(i, k int, cell, at string) tableCell {
	expr := t.table.Inputs[k]
	c := tableCell{Name: fmt.Sprintf("cell.%d.%d", i, k), Label: t.r.T("studio.table.cell", "column", t.label(expr), "n", i+1), Error: t.wrong(fmt.Sprintf("%s.if.%d", at, k), true)}
	if options := t.optionsOf(expr); len(options) > 0 {
		if chosen, not, ok := chosenOf(cell, options); ok {
			return t.chosen(c, options, chosen, not)
		}
	}
	if truth := map[string]string{"": "", "-": "", "yes": "yes", "true": "yes", "no": "no", "false": "no"}; t.typeOf(k) == "bool" {
		if v, ok := truth[strings.TrimSpace(cell)]; ok {
			c.Kind, c.Value = cellTruth, v
			c.Options = choose(t.r, "studio.table.truth.", v, "", "yes", "no")
			return c
		}
	}
	c.Value = cellText(cell, t.typeOf(k), t.r.Settings.Currency)
	if t.d.posted != nil && t.d.posted.Has(c.Name) {
		c.Value = t.d.posted.Get(c.Name)
	}
	return c
}

func (t *tableViewer) chosen(c tableCell, options []servicespec.Option, chosen []string, not bool) tableCell {
	c.Kind, c.Not = cellChosen, not
	var names []string
	for _, o := range options {
		on := slices.Contains(chosen, o.Code)
		label := t.s.say(t.r, t.d, o.Label, o.Code)
		if on {
			names = append(names, label)
		}
		c.Options = append(c.Options, ui.Option{Value: o.Code, Label: label, Checked: on})
	}
	c.Summary = strings.Join(names, t.r.T("studio.table.or"))
	switch {
	case len(names) == 0:
		c.Summary = t.r.T("studio.table.truth.")
	case not:
		c.Summary = t.r.T("studio.table.not", "names", c.Summary)
	}
	return c
}

func (t *tableViewer) value(name, expr, path string) tableValue {
	v := tableValue{Name: name, Value: expr, Error: t.wrong(path, true)}
	switch t.gave {
	case givesText:
		if said, err := strconv.Unquote(expr); err == nil {
			v.Value = said
		}
	case givesNumber:
		v.Numeric = true
	case givesYesNo:
		v.Options = choose(t.r, "studio.table.value.", expr, "true", "false")
	default:
		v.Code = true
	}
	return v
}

// findings says in sentences what looking through the table showed.
func (t *tableViewer) findings(f servicespec.TableFindings) (out []string) {
	plain := func(expr string) string { return t.say.Plain(servicespec.ReadClause(expr)) }
	for _, gap := range f.Gaps {
		if gap == "true" {
			out = append(out, t.r.T("studio.table.gap.all"))
			continue
		}
		out = append(out, t.r.T("studio.table.gap", "when", plain(gap)))
	}
	for _, i := range f.Never {
		out = append(out, t.r.T("studio.table.never", "n", i+1))
	}
	for _, o := range f.Overlaps {
		if o.When == "true" {
			out = append(out, t.r.T("studio.table.overlap.all", "first", o.First+1, "second", o.Second+1))
			continue
		}
		out = append(out, t.r.T("studio.table.overlap", "first", o.First+1, "second", o.Second+1, "when", plain(o.When)))
	}
	return out
}

// others are errors of the table that stand at none of its fields.
func (t *tableViewer) others() (out []string) {
	for _, p := range t.d.problems {
		if !p.Warning && !untranslated(p) && !t.said[p.Path] && (p.Path == t.path || strings.HasPrefix(p.Path, t.path+".")) && p.Path != t.path+".text" {
			if text := t.s.problem(t.r, p); !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// came says what the answers that are tried lead to.
func (t *tableViewer) came(tried servicespec.TriedTable) *ui.NoticeView {
	n := &ui.NoticeView{Kind: ui.Info}
	value := t.shown(tried.Value)
	switch {
	case len(tried.Problems) > 0:
		n.Kind, n.Text = ui.Warning, t.r.T("studio.table.came.wrong")
	case tried.Row >= 0 && !tried.Known:
		n.Kind, n.Text = ui.Warning, t.r.T("studio.table.came.unknown", "n", tried.Row+1)
	case tried.Row >= 0:
		n.Kind, n.Text = ui.Success, t.r.T("studio.table.came.row", "n", tried.Row+1, "value", value)
	case tried.Row == servicespec.TableOtherwise && tried.Known:
		n.Kind, n.Text = ui.Success, t.r.T("studio.table.came.otherwise", "value", value)
	case tried.Row == servicespec.TableNoRow:
		n.Kind, n.Text = ui.Warning, t.r.T("studio.table.came.none")
	default:
		n.Text = t.r.T("studio.table.came.undecided")
	}
	return n
}

func (t *tableViewer) shown(v any) string {
	switch x := v.(type) {
	case bool:
		return t.r.T(map[bool]string{true: "answer.yes", false: "answer.no"}[x])
	case int64:
		if t.gave == givesNumber || t.gave == givesRule {
			return i18n.FormatNumber(t.r.Lang, x)
		}
	case float64:
		return i18n.FormatDecimal(t.r.Lang, x)
	}
	return fmt.Sprint(v)
}

// tableUses lists what reads the value of a table.
func (s *Studio) tableUses(r *frame.Request, d *desk, uses []servicespec.Affected) (out []usedView) {
	svc, _ := studio.Mended(d.Pack)
	if svc == nil {
		return nil
	}
	for _, a := range uses {
		out = append(out, s.usedLine(r, d, svc, a))
	}
	return out
}
