package studio

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

// publishPart is the way from the draft to a published version.
func (s *Studio) publishPart() part {
	return part{
		code: "publish", icon: "send", group: "publish", show: s.publishShow, wide: true,
		posts: []action{{do: s.propose}, {path: "/rollback", do: s.rollback, by: studio.Approve}},
	}
}

// step is a step of the way to publication, and whether it is done.
type step struct {
	Title, Text string
	Done        bool
	Optional    bool // it stops nothing
	Href, Link  string
	Lines       []problemLine
}

// publishView is the page of the publication.
type publishView struct {
	Steps    []step
	Changes  []changeView
	New      bool // nothing is published yet
	Form     *formView
	Standing *ui.NoticeView
	Versions *ui.TableView
	Rollback *formView
}

// publishShow shows what stands between the draft and its publication, what it says otherwise than the live version, and the earlier
// versions.
func (s *Studio) publishShow(r *frame.Request, d *desk) error {
	var ready studio.Readiness
	var standing studio.Proposal
	var waits bool
	var versions []catalog.Version
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if ready, err = s.deps.Studio.Readiness(ctx, tx, d.Pack); err != nil {
			return err
		}
		if standing, waits, err = s.deps.Studio.Standing(ctx, tx, *r.Principal, d.Code); err != nil {
			return err
		}
		if ready.Live == 0 {
			return nil
		}
		if versions, err = s.deps.Catalog.Versions(ctx, tx, *r.Principal, d.Code); err != nil {
			return err
		}
		for _, v := range versions {
			d.know(v.By)
		}
		return s.name(ctx, tx, d.names)
	})
	if err != nil {
		return err
	}
	v := publishView{Steps: s.steps(r, d, ready), New: ready.Live == 0}
	for _, c := range ready.Changes {
		v.Changes = append(v.Changes, s.changeView(r, d.Pack, c))
	}
	switch {
	case waits:
		v.Standing = &ui.NoticeView{
			Kind: ui.Info, Title: r.T("studio.proposal." + standing.State), Text: r.T("studio.publish.stands"),
			Link: &ui.Link{Label: r.T("studio.proposal.open"), Href: "/studio/proposals/" + standing.ID.String()},
		}
	case ready.Ready() && d.design:
		v.Form = s.proposeForm(r, d)
	}
	if len(versions) > 0 {
		v.Versions = s.versionTable(r, d, versions)
		if len(versions) > 1 && !waits && r.Principal.MayIn(studio.Approve, d.Agency) {
			v.Rollback = s.rollbackForm(r, d, versions[1:])
		}
	}
	return s.render(r, d, look{Canvas: publishCanvas(v)})
}

// steps are what a publication asks for, in the order in which it is mended.
func (s *Studio) steps(r *frame.Request, d *desk, ready studio.Readiness) []step {
	check := step{Title: r.T("studio.publish.check"), Done: len(servicespec.Errors(ready.Problems)) == 0, Text: r.T("studio.publish.check.done")}
	for _, p := range servicespec.Errors(ready.Problems) {
		check.Lines = append(check.Lines, problemLine{Text: s.problem(r, p), Href: s.problemHref(d, p.Path), Where: r.T("studio.part." + partKey(s.partOf(p.Path).code))})
	}
	if !check.Done {
		check.Text = r.T("studio.publish.check.text", "n", len(check.Lines))
	}
	gaps := 0
	for _, n := range ready.Gaps {
		gaps += n
	}
	translated := step{Title: r.T("studio.publish.translated"), Done: gaps == 0, Text: r.T("studio.publish.translated.done")}
	if gaps > 0 {
		translated.Text, translated.Href, translated.Link = r.T("studio.gaps.n", "n", gaps), d.href("translations"), r.T("studio.gaps.go", "n", gaps)
	}
	tried := step{Title: r.T("studio.publish.tried"), Done: true, Text: r.T("studio.publish.tried.done", "n", len(ready.Scenarios))}
	for _, p := range ready.Scenarios {
		for _, f := range p.Failures {
			tried.Done = false
			tried.Lines = append(tried.Lines, problemLine{Text: locale.Failure(s.deps.Texts, r.Lang, f), Where: p.Name, Href: d.href("")})
		}
	}
	switch {
	case !tried.Done:
		tried.Text = r.T("studio.publish.tried.text")
	case len(d.Pack.Scenarios) == 0:
		tried.Text, tried.Optional = r.T("studio.publish.tried.none"), true
	case len(ready.Scenarios) < len(d.Pack.Scenarios):
		tried.Done, tried.Text = false, r.T("studio.publish.tried.later")
	}
	differs := step{Title: r.T("studio.publish.differs"), Done: ready.Live == 0 || len(ready.Changes) > 0, Text: r.T("studio.publish.differs.first")}
	if ready.Live > 0 {
		differs.Text = r.T("studio.publish.differs.done", "n", len(ready.Changes), "version", ready.Live)
	}
	return []step{check, translated, tried, differs}
}

func (s *Studio) proposeForm(r *frame.Request, d *desk) *formView {
	f := d.form(r, "")
	f.Submit, f.Icon = r.T("studio.propose"), "send"
	comment := input(r, "comment", d.value("comment", ""), optional, long, hint(r.T("studio.field.comment.hint")))
	day := input(r, "on", "", optional, hint(r.T("studio.field.on.hint")))
	day.Kind, day.Day, day.Month, day.Year = dateField, d.value("on.day", ""), d.value("on.month", ""), d.value("on.year", "")
	f.Fields = []field{comment, day}
	f.wrong(d.wrong)
	return &f
}

// dayOf reads a day from three boxes; ok is false for what is no day.
func dayOf(posted url.Values, name string) (day civil.Date, ok bool) {
	d, m, y := trimmed(posted, name+".day"), trimmed(posted, name+".month"), trimmed(posted, name+".year")
	if d+m+y == "" {
		return civil.Date{}, true
	}
	day.Day, day.Year = atoi(d), atoi(y)
	day.Month = time.Month(atoi(m))
	return day, day.Valid()
}

func atoi(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 9999 {
		return 0
	}
	return n
}

// propose puts the draft up for publication.
func (s *Studio) propose(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	on, ok := dayOf(posted, "on")
	if !ok {
		return s.refuse(r, d, posted, studio.ErrDay.WithFields(fieldFault("on", "day")))
	}
	rev, _ := strconv.Atoi(posted.Get("rev"))
	var p studio.Proposal
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = s.deps.Studio.Propose(ctx, tx, *r.Principal, d.ID, rev, on, trimmed(posted, "comment"))
		return err
	})
	if err != nil {
		return s.refuse(r, d, posted, err)
	}
	return r.Redirect("/studio/proposals/" + p.ID.String() + "?done=studio.proposed")
}

func (s *Studio) versionTable(r *frame.Request, d *desk, versions []catalog.Version) *ui.TableView {
	t := &ui.TableView{Caption: r.T("studio.versions"), HideCaption: true, Stack: true, Columns: []ui.Column{
		{Label: r.T("studio.column.version"), Num: true}, {Label: r.T("studio.column.published"), Date: true}, {Label: r.T("studio.column.who")},
	}}
	for _, v := range versions {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(v.Version)}, {Text: ui.DateTime(r.Context(), v.PublishedAt)}, {Text: d.who(r, v.By)}}})
	}
	return t
}

func (s *Studio) rollbackForm(r *frame.Request, d *desk, earlier []catalog.Version) *formView {
	var list []ui.Option
	for _, v := range earlier {
		list = append(list, ui.Option{
			Value: strconv.Itoa(v.Version), Label: r.T("studio.version.of", "version", v.Version, "day", ui.Date(r.Context(), v.PublishedAt)), Checked: strconv.Itoa(v.Version) == d.value("version", ""),
		})
	}
	f := d.form(r, "/rollback")
	f.Submit, f.Warning = r.T("studio.rollback"), true
	f.Fields = []field{input(r, "version", "", options(selectField, list)), input(r, "reason", d.value("reason", ""), long, hint(r.T("studio.field.reason.hint")))}
	if d.posted.Has("reason") {
		f.wrong(d.wrong)
	}
	return &f
}

// rollback publishes an earlier version anew.
func (s *Studio) rollback(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(posted.Get("version"))
	if version == 0 {
		return s.refuse(r, d, posted, studio.ErrBegin.WithFields(fieldFault("version", "version")))
	}
	var p studio.Proposal
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = s.deps.Studio.Rollback(ctx, tx, *r.Principal, d.Code, version, trimmed(posted, "reason"))
		return err
	})
	if err != nil {
		return s.refuse(r, d, posted, err)
	}
	return r.Redirect("/studio/proposals/" + p.ID.String() + "?done=studio.rolled_back")
}

// proposals lists what was put up for publication, what waits first.
func (s *Studio) proposals(r *frame.Request) error {
	v := view(r, r.T("site.studio.proposals"))
	v.Lead = r.T("studio.proposals.lead")
	for _, state := range []string{studio.Waiting, studio.Scheduled, studio.Published, studio.Refused, studio.Withdrawn, studio.Failed} {
		c := ui.Chip{Label: r.T("studio.proposal." + state), Href: r.With("state", state)}
		if r.Query("state") == state {
			c.On, c.Remove, c.Href = true, true, r.With("state", "")
		}
		v.Chips = append(v.Chips, c)
	}
	v.Table = &ui.TableView{
		Caption: v.Title, HideCaption: true, Stack: true,
		Empty: &ui.EmptyView{Icon: "circle-check", Title: r.T("studio.proposals.none"), Text: r.T("studio.proposals.none.text")},
		Columns: []ui.Column{
			{Label: r.T("studio.column.service")}, {Label: r.T("studio.column.way")}, {Label: r.T("studio.column.who")}, {Label: r.T("studio.column.when"), Date: true}, {Label: r.T("studio.column.state")},
		},
	}
	names := map[uuid.UUID]string{}
	var found page.Page[studio.Proposal]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = s.deps.Studio.Proposals(ctx, tx, *r.Principal, studio.ProposalQuery{State: r.Query("state"), Code: r.Query("service")}, r.Paging())
		for _, p := range found.Rows {
			names[p.By] = ""
		}
		if err != nil {
			return err
		}
		return s.name(ctx, tx, names)
	})
	if err != nil {
		return err
	}
	for _, p := range found.Rows {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: orText(r.Text(p.Name), p.Code), Href: "/studio/proposals/" + p.ID.String(), Sub: p.Code},
			{Text: r.T("studio.way." + p.Way)},
			{Text: orText(names[p.By], r.T("studio.somebody"))},
			{Text: ui.DateTime(r.Context(), p.At)},
			{Tag: proposalTag(r, p)},
		}})
	}
	v.Pager = r.Pager(found.Next)
	return r.HTML(plainPage(v))
}

func proposalTag(r *frame.Request, p studio.Proposal) *ui.TagView {
	kind := map[string]ui.Kind{
		studio.Waiting: ui.Warning, studio.Scheduled: ui.Info, studio.Published: ui.Success, studio.Refused: ui.Danger, studio.Failed: ui.Danger, studio.Withdrawn: ui.Neutral,
	}[p.State]
	return &ui.TagView{Text: r.T("studio.proposal." + p.State), Kind: kind}
}

// proposal shows one, with what it changes, and lets a second person decide.
func (s *Studio) proposal(r *frame.Request) error { return s.proposalPage(r, nil, http.StatusOK) }

func (s *Studio) proposalPage(r *frame.Request, wrong []ui.Problem, status int) error {
	id, err := r.UUID("proposal")
	if err != nil {
		return err
	}
	var p studio.Proposal
	var pack *servicespec.Pack
	var changes []servicespec.Change
	var why error
	d := &desk{names: map[uuid.UUID]string{}}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if p, pack, err = s.deps.Studio.Proposal(ctx, tx, *r.Principal, id); err != nil {
			return err
		}
		if p.Base > 0 {
			before, err := s.deps.Catalog.Pack(ctx, tx, p.Code, p.Base)
			if err != nil {
				return err
			}
			changes = studio.Changes(&before, pack)
		}
		why = s.deps.Studio.MayDecide(tx, *r.Principal, p)
		for _, who := range append([]uuid.UUID{p.By, p.DecidedBy}, p.Authors...) {
			d.know(who)
		}
		return s.name(ctx, tx, d.names)
	})
	if err != nil {
		return err
	}
	v := view(r, orText(r.Text(p.Name), p.Code)).back("/studio/proposals", r.T("site.studio.proposals"))
	v.Caption, v.Tag, v.Facts = r.T("studio.proposal.one"), proposalTag(r, p), s.proposalFacts(r, d, p)
	s.decide(r, &v, p, why, wrong)
	if p.Base == 0 {
		v.Sections = append(v.Sections, section{Title: r.T("studio.proposal.changes"), Text: r.T("studio.publish.differs.first")})
	} else {
		var list []changeView
		for _, c := range changes {
			list = append(list, s.changeView(r, pack, c))
		}
		v.Sections = append(v.Sections, section{Title: r.T("studio.proposal.changes"), Text: r.T("studio.proposal.changes.text", "n", len(list), "version", p.Base), Body: changeTable(list, r.T("studio.proposal.changes"))})
	}
	return r.HTMLStatus(status, plainPage(v))
}

// decide adds what the reader can do about a proposal, or why not.
func (s *Studio) decide(r *frame.Request, v *plainView, p studio.Proposal, why error, wrong []ui.Problem) {
	here := "/studio/proposals/" + p.ID.String()
	if p.Draft != uuid.Nil {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("studio.standing.open"), Href: "/studio/" + p.Draft.String(), Variant: "secondary", Icon: "pencil"})
	}
	if !p.Open() {
		return
	}
	if p.State == studio.Waiting && why == nil {
		approve := formView{FormPage: ui.FormPage{Action: here + "/approve", Submit: r.T("studio.approve"), Icon: "check", Problems: wrong}}
		answer := input(r, "answer", r.PostForm.Get("answer"), optional, long)
		approve.Fields = []field{answer}
		refuse := formView{FormPage: ui.FormPage{Action: here + "/refuse", Submit: r.T("studio.refuse"), Warning: true}}
		reason := input(r, "answer", "", long, label(r.T("studio.field.refusal")))
		reason.ID = "refusal"
		for _, w := range wrong {
			if w.Field == "answer" {
				reason.Error = w.Text
			}
		}
		refuse.Fields = []field{reason}
		v.Sections = append(v.Sections,
			section{Title: r.T("studio.approve.title"), Text: r.T("studio.approve.text"), Form: &approve}, section{Title: r.T("studio.refuse.title"), Text: r.T("studio.refuse.text"), Form: &refuse})
	} else if p.State == studio.Waiting {
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Info, Text: r.T("studio.proposal.second")})
	}
	if r.Principal.MayIn(studio.Design, p.Agency) || r.Principal.MayIn(studio.Approve, p.Agency) {
		v.Sections = append(v.Sections, section{Title: r.T("studio.withdraw.title"), Text: r.T("studio.withdraw.text"), Body: postButton(here+"/withdraw", ui.ButtonView{Label: r.T("studio.withdraw"), Variant: "secondary"})})
	}
}

func (s *Studio) proposalFacts(r *frame.Request, d *desk, p studio.Proposal) []ui.Fact {
	var authors []string
	for _, a := range p.Authors {
		authors = append(authors, d.who(r, a))
	}
	when := r.T("studio.on.approval")
	if !p.On.IsZero() {
		when = ui.Date(r.Context(), p.On.In(r.Settings.Location()))
	}
	facts := []ui.Fact{
		{Key: r.T("studio.fact.code"), Value: p.Code},
		{Key: r.T("studio.column.way"), Value: r.T("studio.way." + p.Way)},
		{Key: r.T("studio.fact.by"), Value: d.who(r, p.By) + ", " + ui.DateTime(r.Context(), p.At)},
		{Key: r.T("studio.fact.authors"), Value: strings.Join(authors, ", ")},
		{Key: r.T("studio.fact.on"), Value: when},
	}
	if p.Comment != "" {
		facts = append(facts, ui.Fact{Key: r.T("studio.field.comment"), Value: p.Comment})
	}
	if p.DecidedAt != nil {
		facts = append(facts, ui.Fact{Key: r.T("studio.fact.decided"), Value: d.who(r, p.DecidedBy) + ", " + ui.DateTime(r.Context(), *p.DecidedAt)})
	}
	if p.Answer != "" {
		answer := p.Answer
		if key := "error." + p.Answer; p.State == studio.Failed && s.deps.Texts.Has(r.Lang, key) {
			answer = r.T(key)
		}
		facts = append(facts, ui.Fact{Key: r.T("studio.field.answer"), Value: answer})
	}
	if p.Version > 0 {
		facts = append(facts, ui.Fact{Key: r.T("studio.column.version"), Value: strconv.Itoa(p.Version)})
	}
	return facts
}
