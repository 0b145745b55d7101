package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/web/frame"
	"digit/web/ui"
)

// foreignAgency is the code of the agency to which a request without another address goes.
const foreignAgency = "foreign"

// caseTake receives a signed request for an agency with a system of its own.
func (s *Simulator) caseTake(r *frame.Request) error {
	body, err := r.Body()
	if err != nil {
		return err
	}
	agency := r.Param("agency")
	if agency == "" {
		agency = foreignAgency
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return s.deps.Simulator.Take(ctx, tx, agency, r.Header, body)
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusAccepted, map[string]string{"status": "accepted"})
}

type casesView struct {
	Site  ui.Site
	Chips []ui.Chip
	Table ui.TableView
	Pager ui.Pager
}

// cases lists the requests that reached the foreign agency.
func (s *Simulator) cases(r *frame.Request) error {
	var found page.Page[simulator.Case]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = s.deps.Simulator.Cases(ctx, tx, r.Query("status"), r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	v := casesView{Site: s.site(r), Pager: r.Pager(found.Next)}
	for _, status := range []string{"open", "answered", "withdrawn"} {
		v.Chips = append(v.Chips, choice(r, "status", status, r.T("simulator.case."+status)))
	}
	v.Table = ui.TableView{
		Caption: r.T("simulator.agency.title"), HideCaption: true, Stack: true,
		Columns: []ui.Column{
			{Label: r.T("simulator.agency.reference")},
			{Label: r.T("simulator.agency.service")},
			{Label: r.T("simulator.agency.name")},
			{Label: r.T("simulator.cards.status")},
			{Label: r.T("simulator.agency.received")},
		},
		Empty: &ui.EmptyView{Icon: "building-2", Title: r.T("simulator.agency.none"), Text: r.T("simulator.agency.none.text")},
	}
	for _, c := range found.Rows {
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Reference, Href: "/simulator/agency/" + c.ID.String()},
			{Text: c.Service},
			{Text: c.Name},
			{Tag: caseTag(r, c.Status)},
			{Text: ui.DateTime(r.Context(), c.ReceivedAt)},
		}})
	}
	return r.HTML(casesPage(v))
}

func caseTag(r *frame.Request, status string) *ui.TagView {
	kind := map[string]ui.Kind{"open": ui.Info, "answered": ui.Success}[status]
	return &ui.TagView{Text: r.T("simulator.case." + status), Kind: kind}
}

type caseView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	ID, Name string
	Open     bool
	Facts    []ui.Fact
	Answers  string
}

// caseShow shows one request and, while it is open, asks for the answer.
func (s *Simulator) caseShow(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var c simulator.Case
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = s.deps.Simulator.Case(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	v := caseView{Site: s.site(r), Notice: r.Done(), ID: c.ID.String(), Name: c.Reference, Open: c.Status == "open"}
	v.Facts = []ui.Fact{
		{Key: r.T("simulator.agency.service"), Value: c.Service},
		{Key: r.T("simulator.agency.name"), Value: c.Name},
		{Key: r.T("simulator.agency.received"), Value: ui.DateTime(r.Context(), c.ReceivedAt)},
		{Key: r.T("simulator.cards.status"), Body: ui.Tag(*caseTag(r, c.Status))},
	}
	if c.Outcome != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("simulator.agency.outcome"), Value: r.T("simulator.agency." + c.Outcome)})
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, c.Answers, "", "  "); err != nil {
		return err
	}
	v.Answers = pretty.String()
	return r.HTML(casePage(v))
}

// caseAnswer decides; the answer is posted to the exchange, signed, as a real agency's would be.
func (s *Simulator) caseAnswer(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return s.deps.Simulator.Answer(ctx, tx, id, simulator.Decision{Outcome: posted.Get("outcome"), Note: posted.Get("note")})
	})
	if err != nil {
		return err
	}
	return r.Redirect("/simulator/agency/" + id.String() + "?done=simulator.answered")
}
