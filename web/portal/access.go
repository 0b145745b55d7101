package portal

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// accessMost is how many looks a file tells of.
const accessMost = 10000

type accessView struct {
	Site     ui.Site
	Chips    []ui.Chip
	From, To ui.Field
	Problems []ui.Problem
	Kind     string
	Timeline ui.TimelineView
	Empty    ui.EmptyView
	Pager    ui.Pager
	CSV      string
}

// accessRow is a look at the reader's data, or a change of it, in words.
type accessRow struct {
	audit.Row
	What  string // who did what
	Short string // what, without who
	Why   string
}

// access shows people who else looked at their data or changed it: which office, what for, when.
func (p *Portal) access(r *frame.Request) error {
	v := accessView{Site: r.Site(frame.Portal), Kind: r.Query("kind"), CSV: r.With("format", "csv")}
	f, wrong := accessFilter(r)
	v.Problems = wrong
	if r.Query("format") == "csv" && len(wrong) == 0 {
		return p.accessFile(r, f)
	}
	day := func(name string) ui.Field {
		field := ui.Field{Name: name, Label: r.T("access." + name), Type: "date", Width: "10", Value: r.Query(name), Optional: true}
		for _, w := range wrong {
			if w.Field == name {
				field.Error = w.Text
			}
		}
		return field
	}
	v.From, v.To = day("from"), day("to")
	for _, kind := range []string{audit.KindRead, audit.KindChange} {
		v.Chips = append(v.Chips, ui.Chip{Label: r.T("access.kind." + kind), On: v.Kind == kind, Remove: v.Kind == kind, Href: r.With("kind", other(v.Kind, kind))})
	}
	var rows []accessRow
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		if len(wrong) > 0 {
			return nil
		}
		found, err := p.deps.Audit.About(ctx, tx, r.Person(), f, r.Paging())
		if err != nil {
			return err
		}
		v.Pager = r.Pager(found.Next)
		rows, err = p.inWords(ctx, tx, r, found.Rows)
		return err
	})
	if err != nil {
		return err
	}
	v.Timeline = accessTimeline(rows)
	v.Empty = ui.EmptyView{Icon: "eye", Title: r.T("access.none"), Text: r.T("access.none.text")}
	if r.URL.RawQuery != "" {
		v.Empty.Action = &ui.ButtonView{Label: r.T("access.all"), Href: "/profile/access", Variant: "secondary"}
	}
	return r.HTML(accessPage(v))
}

// other is a filter switched on, or off where it is on.
func other(is, to string) string {
	if is == to {
		return ""
	}
	return to
}

func accessFilter(r *frame.Request) (f audit.AboutFilter, wrong []ui.Problem) {
	if kind := r.Query("kind"); kind == audit.KindRead || kind == audit.KindChange {
		f.Kind = kind
	}
	for _, name := range []string{"from", "to"} {
		s := r.Query(name)
		if s == "" {
			continue
		}
		d, err := civil.Parse(s)
		switch {
		case err != nil:
			wrong = append(wrong, ui.Problem{Field: name, Text: r.T("access.day.wrong")})
		case name == "from":
			f.From = d.In(r.Settings.Location())
		default:
			f.To = d.AddDays(1).In(r.Settings.Location())
		}
	}
	return f, wrong
}

// visit is how long after another something may happen and be told together with it.
const visit = 30 * time.Minute

// accessTimeline tells what one person did in one go as one event: what they changed, or opened first, with a list of what
// else they saw. The file has each moment by itself.
func accessTimeline(rows []accessRow) ui.TimelineView {
	var t ui.TimelineView
	for i := 0; i < len(rows); {
		end := i + 1
		for end < len(rows) && rows[end].together(rows[end-1]) {
			end++
		}
		t.Events = append(t.Events, accessEvent(rows[i:end]))
		i = end
	}
	return t
}

// together says whether two entries are of one visit.
func (a accessRow) together(later accessRow) bool {
	same := a.Actor == later.Actor && a.Actor != uuid.Nil && a.OnBehalf == later.OnBehalf && a.Purpose == later.Purpose
	return same && later.At.Sub(a.At) < visit
}

// weight says which of several things done in one go says most about it.
var weight = map[string]int{
	"workflow.move": 5, "payment.demand.cancel": 4, "certificate.revoked": 4, "certificate.suspended": 4, "workbench.note": 3, "workflow.claim": 2,
	"orchestration.read": 1,
}

// accessEvent tells of one visit; rows are newest first.
func accessEvent(rows []accessRow) ui.Event {
	head := rows[len(rows)-1]
	for _, row := range slices.Backward(rows) {
		if weight[row.Action] > weight[head.Action] {
			head = row
		}
	}
	e := ui.Event{State: ui.Done, Title: head.What, Time: head.At, Text: head.Why}
	told := map[string]bool{head.Short: true}
	var more []string
	for i := len(rows) - 1; i >= 0; i-- {
		if short := rows[i].Short; !told[short] {
			told[short] = true
			more = append(more, short)
		}
	}
	if len(more) > 0 {
		e.Body = accessMore(more)
	}
	return e
}

// inWords says what happened in sentences of the reader's language.
func (p *Portal) inWords(ctx context.Context, tx *pg.Tx, r *frame.Request, found []audit.Row) ([]accessRow, error) {
	w := &wording{r: r, portal: p, staff: map[post]string{}}
	var ids []uuid.UUID
	for _, row := range found {
		if application := applicationOf(row); application != uuid.Nil {
			ids = append(ids, application)
		}
	}
	var err error
	if w.references, err = p.deps.Requests.References(ctx, tx, r.Person(), ids); err != nil {
		return nil, err
	}
	if w.agencies, err = p.agencies(ctx, tx); err != nil {
		return nil, err
	}
	rows := make([]accessRow, 0, len(found))
	for _, row := range found {
		who, err := w.who(ctx, tx, row)
		if err != nil {
			return nil, err
		}
		rows = append(rows, accessRow{row, w.what(row, who), sentence(w.what(row, "")), w.why(row)})
	}
	return rows, nil
}

// applicationOf is the application that an entry may be about.
func applicationOf(row audit.Row) uuid.UUID {
	text, _ := row.Detail["application"].(string)
	if id, err := uuid.Parse(text); err == nil {
		return id
	}
	return row.ObjectID
}

// wording knows what sentences about the record are filled with.
type wording struct {
	r          *frame.Request
	portal     *Portal
	references map[uuid.UUID]string // of the reader's applications
	agencies   map[string]agency.Agency
	staff      map[post]string
}

// post is an officer in an office.
type post struct {
	account uuid.UUID
	office  string
}

// who names the office and the post rather than the officer, unless the state has decided otherwise; whoever acted for
// the reader is told of as such.
func (w *wording) who(ctx context.Context, tx *pg.Tx, row audit.Row) (who string, err error) {
	switch row.ActorKind {
	case "staff":
		if who, err = w.official(ctx, tx, row); err != nil {
			return "", err
		}
	case "machine":
		who = w.r.T("access.who.machine")
	case "anonymous":
		who = w.r.T("access.who.stranger")
	default:
		who = w.r.T("access.who.person")
	}
	if row.OnBehalf != uuid.Nil && row.OnBehalf == row.Person {
		who = w.r.T("access.who.acting", "who", who)
	}
	return who, nil
}

func (w *wording) official(ctx context.Context, tx *pg.Tx, row audit.Row) (string, error) {
	office, _ := row.Detail["agency"].(string)
	asked := post{row.Actor, office}
	if who, known := w.staff[asked]; known {
		return who, nil
	}
	posts, err := w.portal.deps.Agencies.Posts(ctx, tx, row.Actor)
	if err != nil {
		return "", err
	}
	title := ""
	for _, held := range posts {
		if office == "" || office == held.Agency {
			office, title = held.Agency, w.r.Text(held.Title)
		}
	}
	args := []any{"office", w.r.Text(w.agencies[office].Name), "title", title}
	key := "access.who.staff"
	switch {
	case office == "" || w.agencies[office].Code == "":
		key = "access.who.state"
	case title == "":
		key = "access.who.office"
	}
	who := w.r.T(key, args...)
	if w.r.Settings.StaffNamed {
		name, err := w.portal.deps.Identity.Name(ctx, tx, row.Actor)
		if f := fault.Of(err); f != nil && f.Kind != fault.KindNotFound {
			return "", err
		}
		if name != "" {
			who = w.r.T("access.who.named", "name", name, "who", who)
		}
	}
	w.staff[asked] = who
	return who, nil
}

// looks are the acts that have a sentence of their own; others are told in general words.
var looks = map[string]string{
	"orchestration.read": "access.application.opened", "request.read": "access.application.opened", "document.read": "access.document.opened",
	"payment.demand.read": "access.bill.opened", "certificate.read": "access.certificate.opened", "certificate.verify": "access.certificate.verified",
	"wallet.shown": "access.share.opened", "identity.account.read": "access.account.opened", "identity.visitor.read": "access.account.opened",
	"identity.visit.begin": "access.visit.begun", "identity.visit.end": "access.visit.ended", "payment.collection.take": "access.counter.paid", "registry.read": "access.register.opened",
	"profile.person.read": "access.account.opened", "workflow.move": "access.application.moved", "workflow.claim": "access.application.taken",
	"workflow.release": "access.application.released", "workbench.note": "access.application.noted", "certificate.issue": "access.certificate.issued",
	"registry.write": "access.register.written", "document.store": "access.document.stored", "payment.demand.raise": "access.bill.raised", "payment.demand.cancel": "access.bill.cancelled", "certificate.revoked": "access.certificate.revoked",
	"certificate.suspended": "access.certificate.suspended", "certificate.valid": "access.certificate.restored", "audit.list": "access.record.opened",
	"audit.origin.read": "access.address.opened", "identity.account.status": "access.account.changed", "request.submit": "access.application.sent",
}

func (w *wording) what(row audit.Row, who string) string {
	key := looks[row.Action]
	if key == "" {
		key = "access." + row.Kind
	}
	what := w.references[applicationOf(row)]
	if what == "" {
		what, _ = row.Detail["number"].(string)
	}
	return strings.Join(strings.Fields(w.r.T(key, "who", who, "what", what)), " ")
}

// sentence begins with a capital, where the script has them.
func sentence(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// why is what it was done for, "" where that goes without saying.
func (w *wording) why(row audit.Row) string {
	switch row.Purpose {
	case audit.PurposeCasework, audit.PurposeAdministration, audit.PurposeOversight, audit.PurposeAccounting, audit.PurposeExchange:
		return w.r.T("access.why." + row.Purpose)
	}
	return ""
}

// accessFile is the same as a file, which people can keep and show.
func (p *Portal) accessFile(r *frame.Request, f audit.AboutFilter) error {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	if err := w.Write([]string{r.T("access.column.when"), r.T("access.column.what"), r.T("access.column.why")}); err != nil {
		return err
	}
	next, n := page.Request{Size: 100}, 0
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		for {
			found, err := p.deps.Audit.About(ctx, tx, r.Person(), f, next)
			if err != nil {
				return err
			}
			rows, err := p.inWords(ctx, tx, r, found.Rows)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if err := w.Write([]string{row.At.In(r.Settings.Location()).Format("2006-01-02 15:04:05"), row.What, row.Why}); err != nil {
					return err
				}
			}
			if n += len(rows); found.Next == "" || n >= accessMost {
				return nil
			}
			next.After = found.Next
		}
	})
	if err != nil {
		return err
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return r.File(r.T("access.file")+".csv", "text/csv; charset=utf-8", false, out.Bytes())
}
