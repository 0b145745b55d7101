package workbench

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

func casePath(id uuid.UUID) string { return "/workbench/cases/" + id.String() }

// opened is a case with what is needed to show it.
type opened struct {
	bench.Case
	nav        nav
	areas      areas
	codes      map[string][]refdata.Code
	roles      map[string]i18n.Text
	credential *certificate.Credential
	verifyURL  string
	scans      map[uuid.UUID]document.Scan
	special    []string // what the roles are called that read answers of a special kind
	thread     threadLink
	asked      []askedOpinion
	redactions []bench.Redaction // copies of its pictures with parts blackened
	templates  []bench.Template  // for messages about this case
	proofs     map[string]string // where credentials that were shown as proofs can be verified, by id
}

// open loads a case. The reading is put on record, so it needs a writing transaction.
func (w *Workbench) open(ctx context.Context, tx *pg.Tx, r *frame.Request, id uuid.UUID) (c opened, err error) {
	if c.Case, err = w.deps.Workbench.Case(ctx, tx, *r.Principal, id); err != nil {
		return c, err
	}
	if c.nav, err = w.nav(ctx, tx, r); err != nil {
		return c, err
	}
	if c.areas, err = w.areas(ctx, tx); err != nil {
		return c, err
	}
	roles, err := w.deps.Identity.Roles(ctx, tx)
	if err != nil {
		return c, err
	}
	c.roles = map[string]i18n.Text{}
	for _, role := range roles {
		c.roles[role.Code] = role.Name
	}
	if c.thread, err = w.conversation(ctx, tx, c.Application); err != nil {
		return c, err
	}
	if c.asked, err = w.asked(ctx, tx, r, c); err != nil {
		return c, err
	}
	if c.redactions, err = w.deps.Workbench.Redactions(ctx, tx, c.Application); err != nil {
		return c, err
	}
	if err := w.scans(ctx, tx, &c); err != nil {
		return c, err
	}
	c.special = mayReadSpecial(r, roles)
	if err := w.codes(ctx, tx, &c); err != nil {
		return c, err
	}
	templates, err := w.deps.Workbench.Templates(ctx, tx, *r.Principal)
	if err != nil {
		return c, err
	}
	for _, t := range templates {
		if t.For(c.Application.Agency, c.Application.Service) {
			c.templates = append(c.templates, t)
		}
	}
	if err := w.proven(ctx, tx, &c); err != nil {
		return c, err
	}
	if c.Application.Credential == uuid.Nil {
		return c, nil
	}
	cred, err := w.deps.Certificates.Credential(ctx, tx, c.Application.Credential)
	if errors.Is(err, certificate.ErrNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.credential = &cred
	c.verifyURL, err = w.deps.Certificates.VerifyURL(ctx, tx, cred)
	return c, err
}

// codes loads the code lists of the case's service.
func (w *Workbench) codes(ctx context.Context, tx *pg.Tx, c *opened) (err error) {
	c.codes = map[string][]refdata.Code{}
	for _, list := range c.Spec.CodeLists() {
		if c.codes[list], err = w.deps.Refdata.Codes(ctx, tx, list); err != nil {
			return err
		}
	}
	return nil
}

// proven finds where the credentials that the citizen showed as proofs can be verified.
func (w *Workbench) proven(ctx context.Context, tx *pg.Tx, c *opened) error {
	c.proofs = map[string]string{}
	for _, p := range c.Spec.Shown(c.Application.Answers) {
		id, err := uuid.Parse(p.Credential)
		if err != nil {
			continue
		}
		cred, err := w.deps.Certificates.Credential(ctx, tx, id)
		if errors.Is(err, certificate.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if c.proofs[p.Credential], err = w.deps.Certificates.VerifyURL(ctx, tx, cred); err != nil {
			return err
		}
	}
	return nil
}

type caseView struct {
	Site        ui.Site
	Back        string
	Notice      *ui.NoticeView
	Queues      []ui.NavItem
	ID          string
	Reference   string
	Service     string
	Rev         string
	Tag         ui.TagView
	Person      ui.PersonView
	WhyText     string
	Why         []ui.Fact
	Changes     *ui.TableView
	Sections    []section
	Reasons     *ui.TableView
	Money       []ui.Fact
	Certificate *certificateView
	Decision    []ui.Fact
	Places      []placeView // the case, then its branches
	Branches    *ui.TableView
	Stays       *ui.TableView
	Rounds      []roundView // decisions before the last
	Versions    []versionView
	Findings    []ui.Fact
	Letters     []ui.FileItem
	Thread      threadLink
	Opinions    []askedOpinion // of other agencies
	Lost        string         // what was typed for an act that cannot be taken any more
	Problems    []ui.Problem
	Notes       []noteView
	Note        ui.Field
	History     ui.TimelineView
	Handovers   ui.TimelineView
	Keys        bool
	Twins       []ui.NoticeView // applications that are the same
	Checked     []ui.Fact       // what was found about answers
	Held        *waitingView
	Visits      bool // it is, or was, looked at outside
}

type section struct {
	Title string
	Facts []ui.Fact
}

type noteView struct{ Author, When, Text string }

// path leads to a part of the case.
func (v caseView) path(part string) string { return "/workbench/cases/" + v.ID + part }

func (w *Workbench) showCase(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var c opened
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = w.open(ctx, tx, r, id)
		return err
	}); err != nil {
		return err
	}
	in := written(r, c)
	if in.action == "" {
		in = takenBack(r, c)
	}
	return r.HTML(casePage(viewOf(r, c, in)))
}

func viewOf(r *frame.Request, c opened, in typed) caseView {
	app, i := c.Application, c.Application.Case
	v := caseView{
		Site: r.Site(frame.Workbench), Back: listPath(r), Notice: r.Done(), Queues: queues(r, c.nav, bench.Filter{}), ID: app.ID.String(), Reference: app.Reference,
		Service: r.Text(c.Spec.Pack().Name), Rev: strconv.FormatInt(i.Rev, 10), Tag: severityTag(r, c.Severity, i.PausedAt != nil, i.Ended, i.Outcome),
		Person:   ui.PersonView{Name: app.Name, Lines: personLines(r, c)},
		WhyText:  whyText(r, c),
		Why:      why(r, c),
		Changes:  changes(r, c),
		Sections: sections(r, c), Reasons: reasons(r, c), Money: moneyFacts(r, c), Certificate: certificateOf(r, c), Decision: decision(r, c),
		Branches: branches(r, c), Stays: stays(r, c), Rounds: rounds(r, c), Versions: versions(r, c),
		Findings: findings(r, c), Letters: letters(r, c), Thread: c.thread, Opinions: c.asked,
		Note:    ui.Field{Name: "note", Label: r.T("workbench.note.label"), Hint: r.T("workbench.note.hint"), Rows: 3, MaxLength: 4000, Value: in.note, Error: in.errors["note"], Attrs: templ.Attributes{"data-key": "n"}},
		History: history(r, c), Handovers: ui.TimelineView{Dense: true, Events: handovers(r, c)}, Keys: keysOn(r), Twins: twinsOf(r, c), Checked: checked(r, c), Visits: visited(c),
	}
	v.holding(r, c)
	v.Places = places(r, c, in)
	for _, n := range slices.Backward(c.Notes) {
		v.Notes = append(v.Notes, noteView{Author: n.AuthorName, When: ui.DateTime(r.Context(), n.At), Text: n.Text})
	}
	v.Problems = in.problems
	if in.notice != nil {
		v.Notice = in.notice
	}
	if in.action != "" && !offered(c.Choice, in.action) {
		v.Lost = in.comment
	}
	return v
}

// visited reports whether the case is looked at outside, or was.
func visited(c opened) bool {
	outside := func(state string) bool {
		st := c.Spec.StateOf(state)
		return st != nil && st.Kind == workflow.KindField
	}
	return outside(c.Application.Case.State) || slices.ContainsFunc(c.History, func(s bench.Step) bool { return outside(s.To) || outside(s.From) })
}

func personLines(r *frame.Request, c opened) []string {
	app := c.Application
	lines := []string{r.T("workbench.received_on", "date", ui.DateTime(r.Context(), app.ReceivedAt))}
	if area := c.areas.name(r, app.Boundary); area != "" {
		lines = append(lines, area)
	}
	if app.Business {
		lines = append(lines, r.T("workbench.applicant.business"))
	}
	if app.By != "" {
		lines = append(lines, r.T("workbench.applicant.by")+": "+app.By)
	}
	return lines
}

// whyText tells in a sentence why the case lies where it does.
func whyText(r *frame.Request, c opened) string {
	i := c.Application.Case
	state := nameOr(r, c.State.Name, c.State.Code)
	switch {
	case i.Ended:
		return r.T("workbench.why.ended", "state", state)
	case i.Held():
		return r.T("workbench.why.held", "state", state, "name", c.AssigneeName)
	case i.Kind == workflow.KindPayment:
		return r.T("workbench.why.payment", "state", state)
	case i.Kind == workflow.KindCitizen:
		return r.T("workbench.why.citizen", "state", state)
	case i.Kind == workflow.KindParallel:
		return r.T("workbench.why.parallel", "state", state, "n", len(i.Places()))
	case i.Assignee == uuid.Nil:
		return r.T("workbench.why.unclaimed", "state", state, "role", nameOr(r, c.roles[i.Role], i.Role))
	case i.Assignee == r.Person():
		return r.T("workbench.why.mine", "state", state)
	}
	return r.T("workbench.why.taken", "state", state, "name", c.AssigneeName)
}

func why(r *frame.Request, c opened) []ui.Fact {
	i, ctx := c.Application.Case, r.Context()
	since := ui.DateTime(ctx, i.EnteredAt)
	if d := r.Now.Sub(i.EnteredAt); d >= time.Minute {
		since = r.T("workbench.since", "date", since, "time", span(r, d))
	}
	facts := []ui.Fact{{Key: r.T("workbench.here_since"), Value: since}}
	if moved := movedHere(r, c); moved != "" {
		facts = append(facts, ui.Fact{Key: r.T("workbench.moved_by"), Value: moved})
	}
	if i.DueAt != nil && !i.Ended && i.PausedAt == nil {
		facts = append(facts, ui.Fact{Key: r.T("workbench.due_step"), Value: dueText(r, *i.DueAt)})
	}
	if i.TotalDueAt != nil && !i.Ended {
		facts = append(facts, ui.Fact{Key: r.T("workbench.promised"), Value: ui.DateLong(ctx, *i.TotalDueAt)})
	}
	if c.AssigneeName != "" && i.ClaimedAt != nil {
		facts = append(facts, ui.Fact{Key: r.T("workbench.holder"), Value: r.T("workbench.holder_since", "name", c.AssigneeName, "date", ui.DateTime(ctx, *i.ClaimedAt))})
	}
	if len(c.Application.Asked) > 0 && i.Kind == workflow.KindCitizen {
		var asked string
		for n, code := range c.Application.Asked {
			if n > 0 {
				asked += "\n"
			}
			asked += c.itemName(r, code)
		}
		facts = append(facts, ui.Fact{Key: r.T("workbench.asked"), Value: asked})
	}
	return facts
}

// scans looks up where the documents of the answers stand with the scanner.
func (w *Workbench) scans(ctx context.Context, tx *pg.Tx, c *opened) (err error) {
	var ids []uuid.UUID
	for _, f := range c.Files {
		ids = append(ids, f.ID)
	}
	c.scans, err = w.deps.Documents.Scans(ctx, tx, ids...)
	return err
}

func moneyFacts(r *frame.Request, c opened) []ui.Fact {
	if c.Demand == nil {
		return nil
	}
	tag := ui.TagView{Text: r.T("workbench.payment.open"), Kind: ui.Warning}
	switch c.Demand.Status {
	case payment.DemandPaidUp:
		tag = ui.TagView{Text: r.T("workbench.payment.paid"), Kind: ui.Success}
	case payment.DemandCancelled:
		tag = ui.TagView{Text: r.T("workbench.payment.cancelled"), Kind: ui.Neutral}
	}
	facts := []ui.Fact{
		{Key: r.T("workbench.payment.state"), Body: ui.Tag(tag)},
		{Key: r.T("workbench.payment.demand"), Value: c.Demand.Number},
	}
	for _, l := range c.Demand.Lines {
		facts = append(facts, ui.Fact{Key: r.Text(l.Name), Value: ui.Money(r.Context(), l.Amount)})
	}
	if len(c.Demand.Lines) != 1 {
		facts = append(facts, ui.Fact{Key: r.T("ui.total"), Value: ui.Money(r.Context(), c.Demand.Amount)})
	}
	if c.Receipt != nil {
		facts = append(facts,
			ui.Fact{Key: r.T("workbench.payment.receipt"), Value: c.Receipt.Number},
			ui.Fact{Key: r.T("workbench.payment.paid_at"), Value: ui.DateTime(r.Context(), c.Receipt.PaidAt)})
	}
	for _, ch := range c.Charges {
		if ch.Demand != c.Demand.ID && ch.Status == "paid" {
			amount := ui.Money(r.Context(), money.Amount{Minor: ch.Minor, Currency: c.Demand.Amount.Currency})
			facts = append(facts, ui.Fact{Key: r.T("workbench.payment.before"), Value: amount + " · " + ch.Receipt})
		}
	}
	if c.Credit.Amount.Minor > 0 {
		facts = append(facts, ui.Fact{Key: r.T("credit.fact"), Value: ui.Money(r.Context(), c.Credit.Amount)})
	}
	if c.Credit.GivenBack.Minor > 0 {
		facts = append(facts, ui.Fact{Key: r.T("credit.back"), Value: ui.Money(r.Context(), c.Credit.GivenBack)})
	}
	return facts
}

func decision(r *frame.Request, c opened) []ui.Fact {
	facts := decisionFacts(r, c, c.Decision)
	if c.Decision.By == r.Person() && c.Application.Case.Ended {
		facts = append(facts, ui.Fact{Key: r.T("held.gone.undo"), Value: r.T("held.gone.text")})
	}
	return facts
}

func decisionFacts(r *frame.Request, c opened, d orchestration.Decision) []ui.Fact {
	if d.Outcome == "" {
		return nil
	}
	facts := []ui.Fact{
		{Key: r.T("workbench.decision.outcome"), Value: r.T("workbench.outcome." + d.Outcome)},
		{Key: r.T("workbench.decision.at"), Value: ui.DateTime(r.Context(), d.At)},
	}
	for _, s := range c.History {
		if d.By != uuid.Nil && s.Actor == d.By && s.ActorName != "" {
			facts = append(facts, ui.Fact{Key: r.T("workbench.decision.by"), Value: s.ActorName})
			break
		}
	}
	for _, code := range d.Reasons {
		if reason := c.Spec.Reason(code); reason != nil {
			facts = append(facts, ui.Fact{Key: r.T("workbench.decision.coded"), Value: r.Text(reason.Name)})
		}
	}
	if d.Reason != "" {
		facts = append(facts, ui.Fact{Key: r.T("workbench.decision.reason"), Value: d.Reason})
	}
	return facts
}

// history tells what happened, newest first, with how long each state lasted.
func history(r *frame.Request, c opened) ui.TimelineView {
	v := ui.TimelineView{Dense: true}
	for n, s := range slices.Backward(c.History) {
		e := ui.Event{State: ui.Done, Title: stepTitle(r, c, s), Time: s.At, Text: stepText(r, c, s), By: actor(r, s)}
		if s.From != "" && !workflow.Still(s.Cause) {
			e.By += " · " + r.T("workbench.history.dwell", "state", nameOr(r, s.FromName, s.From), "time", span(r, s.Dwell.Calendar))
		}
		if n == len(c.History)-1 && !c.Application.Case.Ended {
			e.State = ui.Current
		}
		v.Events = append(v.Events, e)
	}
	return v
}

func stepTitle(r *frame.Request, c opened, s bench.Step) string {
	to := nameOr(r, s.ToName, s.To)
	title := r.T("workbench.history.step", "action", nameOr(r, s.ActionName, s.Action), "state", to)
	switch s.Cause {
	case workflow.CauseStart:
		return r.T("workbench.history.start", "state", to)
	case workflow.CauseEscalation:
		if s.From == s.To {
			title = r.T("workbench.history.escalated", "state", to)
		}
	case workflow.CauseHeld, workflow.CauseUndone, workflow.CauseLapsed:
		title = r.T("workbench.history."+s.Cause, "action", nameOr(r, s.ActionName, s.Action))
	}
	if s.Branch != "" {
		return c.branchName(r, s.Branch) + ": " + title
	}
	return title
}

func actor(r *frame.Request, s bench.Step) string {
	switch {
	case s.ActorName != "":
		return s.ActorName
	case s.Cause == workflow.CauseStart, s.Cause == workflow.CauseCitizen:
		return r.T("workbench.history.citizen")
	case s.Cause == workflow.CauseStaff, s.Cause == workflow.CauseHeld, s.Cause == workflow.CauseUndone:
		return r.T("workbench.history.staff")
	}
	return r.T("workbench.history.event")
}

// span writes a length of time roughly, in its largest unit.
func span(r *frame.Request, d time.Duration) string {
	switch {
	case d < time.Hour:
		return r.T("workbench.minutes", "n", int(d.Minutes()))
	case d < 48*time.Hour:
		return r.T("workbench.hours", "n", int(d.Hours()))
	}
	return r.T("workbench.days", "n", int(d.Hours()/24))
}

// file shows a document of the case's own answers.
func (w *Workbench) file(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	wanted, err := r.UUID("file")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		app, err := w.deps.Applications.Application(ctx, tx, id, *r.Principal)
		if err != nil {
			return err
		}
		svc, _, err := w.deps.Applications.Spec(ctx, tx, app)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(app.Files(svc), func(own servicespec.File) bool { return own.ID == wanted }) {
			attached, err := w.deps.Workbench.Attached(ctx, tx, *r.Principal, app, wanted)
			if err != nil {
				return err
			}
			if !attached {
				return document.ErrNotFound
			}
		}
		if f, err = w.deps.Documents.File(ctx, tx, wanted); err != nil {
			return err
		}
		return w.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}
