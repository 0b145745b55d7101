package console

import (
	"bytes"
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/consumer/business"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

const businessesHome = "/console/businesses"

// businesses lists who says that they may act for a business, those that wait for an answer unless the address asks for others.
func (c *Console) businesses(r *frame.Request) error {
	v := view(r, r.T("console.businesses"))
	v.Lead, v.Search = r.T("console.businesses.lead"), search(r, "console.businesses.search")
	v.Chips = append(chips(r, "status", "console.businesses.status.", business.Open, business.Confirmed, business.Refused), chips(r, "form", "business.form.", business.Forms...)...)
	v.Chips = append(v.Chips, chip(r, "order", "oldest", r.T("console.businesses.oldest")))
	f := business.Filter{Status: r.Query("status"), Form: r.Query("form"), Query: r.Query("q"), Oldest: r.Query("order") == "oldest"}
	people := map[uuid.UUID]string{}
	l := list[business.Claim]{
		name: "businesses", people: true, columns: []string{"name", "number", "form", "claimant", "proof", "claimed", "until", "state"},
		empty: empty(r, "businesses", "store", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[business.Claim], error) {
			found, err := c.deps.Businesses.Claims(ctx, tx, f, p)
			if err != nil {
				return found, err
			}
			for _, claim := range found.Rows {
				people[claim.Claimant] = ""
			}
			return found, c.nameAll(ctx, tx, people)
		},
		cells: func(claim business.Claim) []ui.Cell {
			return []ui.Cell{
				{Text: claim.Business.Name, Href: businessesHome + "/" + claim.ID.String()},
				{Text: claim.Business.Number},
				{Text: r.T("business.form." + claim.Business.Form)},
				{Text: nameOf(r, people[claim.Claimant])},
				{Text: r.T("console.businesses.proof." + claim.Proof)},
				{Text: ui.Date(r.Context(), claim.ClaimedAt)},
				{Text: day(r, lastDay(claim.Until))},
				{Tag: claimTag(r, claim)},
			}
		},
	}
	return l.serve(r, v)
}

func claimTag(r *frame.Request, c business.Claim) *ui.TagView {
	kind := map[string]ui.Kind{business.Open: ui.Warning, business.Confirmed: ui.Success, business.Refused: ui.Danger}[c.Status]
	return &ui.TagView{Text: r.T("console.businesses.status." + c.Status), Kind: kind}
}

// businessClaim shows one claim, with what can be done about it.
func (c *Console) businessClaim(r *frame.Request) error {
	v, _, err := c.claimView(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) claimView(r *frame.Request) (v pageView, claim business.Claim, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return v, claim, err
	}
	people := map[uuid.UUID]string{}
	area := ""
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) { // who looks is on record
		if claim, err = c.deps.Businesses.OfficeClaim(ctx, tx, id); err != nil {
			return err
		}
		if area = claim.Business.Boundary; area != "" {
			if named, err := c.deps.Refdata.Boundary(ctx, tx, area); err == nil {
				area = r.Text(named.Name)
			}
		}
		people[claim.Claimant] = ""
		if claim.DecidedBy != uuid.Nil {
			people[claim.DecidedBy] = ""
		}
		return c.nameAll(ctx, tx, people)
	})
	if err != nil {
		return v, claim, err
	}
	b := claim.Business
	v = view(r, b.Name).back(businessesHome, r.T("console.businesses"))
	v.Caption, v.Tag = r.T("console.businesses.claim"), claimTag(r, claim)
	for _, f := range []ui.Fact{
		{Key: r.T("console.column.number"), Value: b.Number}, {Key: r.T("console.column.form"), Value: r.T("business.form." + b.Form)},
		{Key: r.T("business.boundary"), Value: area}, {Key: r.T("business.address"), Value: b.Address},
		{Key: r.T("business.email"), Value: b.Email}, {Key: r.T("business.phone"), Value: b.Phone},
		{Key: r.T("console.column.claimant"), Value: nameOf(r, people[claim.Claimant])},
		{Key: r.T("console.column.proof"), Value: r.T("console.businesses.proof." + claim.Proof)},
		{Key: r.T("console.column.claimed"), Value: ui.DateTime(r.Context(), claim.ClaimedAt)},
		{Key: r.T("console.column.until"), Value: day(r, lastDay(claim.Until))},
	} {
		if f.Value != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	if claim.Document != uuid.Nil {
		v.Actions = []ui.ButtonView{{Label: r.T("console.businesses.paper"), Href: businessesHome + "/" + claim.ID.String() + "/paper", Icon: "eye", Variant: "secondary"}}
	}
	if claim.DecidedAt != nil {
		v.Facts = append(v.Facts,
			ui.Fact{Key: r.T("console.businesses.decided"), Value: ui.DateTime(r.Context(), *claim.DecidedAt)},
			ui.Fact{Key: r.T("console.businesses.by"), Value: nameOf(r, people[claim.DecidedBy])})
	}
	if claim.Reason != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.businesses.reason"), Value: claim.Reason})
	}
	if claim.Status == business.Open {
		here := businessesHome + "/" + claim.ID.String()
		v.Actions = append([]ui.ButtonView{{Label: r.T("console.businesses.confirm"), Href: here + "/confirm", Icon: "check"}}, v.Actions...)
		v.Form = &formView{
			FormPage: ui.FormPage{Action: here + "/refuse", Submit: r.T("console.businesses.refuse"), Warning: true},
			Fields:   []field{input(r, "reason", "", long, label(r.T("console.businesses.reason")), hint(r.T("console.businesses.reason.hint")))},
		}
	}
	return v, claim, nil
}

// businessPaper shows the scanned paper.
func (c *Console) businessPaper(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		claim, err := c.deps.Businesses.OfficeClaim(ctx, tx, id)
		if err != nil {
			return err
		}
		if claim.Document == uuid.Nil {
			return business.ErrNotFound
		}
		if f, err = c.deps.Documents.File(ctx, tx, claim.Document); err != nil {
			return err
		}
		return c.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}

// businessConfirmAsk asks before somebody is let act for a business.
func (c *Console) businessConfirmAsk(r *frame.Request) error {
	v, claim, err := c.claimView(r)
	if err != nil {
		return err
	}
	if claim.Status != business.Open {
		return r.HTML(consolePage(v))
	}
	return confirm(r, r.T("console.businesses.confirm.title", "business", claim.Business.Name), r.T("console.businesses.confirm.text"),
		r.T("console.businesses.confirm"), businessesHome+"/"+claim.ID.String())
}

func (c *Console) businessConfirm(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Businesses.Confirm(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect(businessesHome + "/" + id.String() + "?done=businesses.confirmed")
}

// businessRefuse refuses a claim; what was typed stays where it cannot be.
func (c *Console) businessRefuse(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Businesses.Refuse(ctx, tx, id, posted.Get("reason"))
	})
	if err == nil {
		return r.Redirect(businessesHome + "/" + id.String() + "?done=businesses.refused")
	}
	v, _, failed := c.claimView(r)
	if failed != nil {
		return failed
	}
	if v.Form != nil {
		v.Form.Fields[0].Value = posted.Get("reason")
	}
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	return err
}

// businessRoutes are those of the list of claims.
func (c *Console) businessRoutes(whole func(method, pattern, permission string, h func(*frame.Request) error) frame.Route) []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []frame.Route{
		whole(get, "/businesses", identity.Businesses, c.businesses),
		whole(get, "/businesses/{id}", identity.Businesses, c.businessClaim),
		whole(get, "/businesses/{id}/paper", identity.Businesses, c.businessPaper),
		whole(get, "/businesses/{id}/confirm", identity.Businesses, c.businessConfirmAsk),
		whole(post, "/businesses/{id}/confirm", identity.Businesses, c.businessConfirm),
		whole(post, "/businesses/{id}/refuse", identity.Businesses, c.businessRefuse),
	}
}
