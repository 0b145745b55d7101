package console

import (
	"context"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// destroyPath leads to the page that proposes to destroy something.
func destroyPath(act encryption.Act, target string) string {
	return "/console/keys/destroy?" + url.Values{"act": {string(act)}, "target": {target}}.Encode()
}

// acts are what can be proposed.
var acts = []encryption.Act{encryption.DestroySigning, encryption.DestroyCompromised, encryption.DestroyPerson, encryption.DestroyTenantKey}

func (c *Console) destroyView(r *frame.Request, act, target, reason string) (pageView, bool) {
	known := false
	for _, a := range acts {
		known = known || string(a) == act
	}
	if !known || target == "" {
		return pageView{}, false
	}
	v := view(r, r.T("keys.destroy."+act+".title")).back("/console/keys", r.T("site.console.keys"))
	v.Lead = r.T("keys.destroy." + act)
	v.Facts = []ui.Fact{{Key: r.T("keys.destroy.target"), Value: target}, {Key: r.T("keys.destroy.dual"), Value: r.T("keys.destroy.dual.text")}}
	v.Form = &formView{
		FormPage: ui.FormPage{
			Action: destroyPath(encryption.Act(act), target), Submit: r.T("keys.destroy.propose"), Warning: true,
			Secondary: &ui.Link{Label: r.T("console.cancel"), Href: "/console/keys"},
		},
		Fields: []field{input(r, "reason", reason, long, hint(r.T("keys.destroy.reason.hint")))},
	}
	return v, true
}

func (c *Console) destroyAsk(r *frame.Request) error {
	v, ok := c.destroyView(r, r.Query("act"), r.Query("target"), "")
	if !ok {
		return frame.Lost(r)
	}
	return r.HTML(consolePage(v))
}

// destroyPropose proposes; another administrator decides.
func (c *Console) destroyPropose(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	act, target, reason := r.Query("act"), r.Query("target"), trimmed(posted, "reason")
	v, ok := c.destroyView(r, act, target, reason)
	if !ok {
		return frame.Lost(r)
	}
	var id uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		id, err = c.deps.Encryption.Propose(ctx, tx, encryption.Act(act), target, reason)
		return err
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/keys/proposals/" + id.String() + "?done=keys.proposed")
}

func proposalTag(r *frame.Request, s encryption.ProposalState) *ui.TagView {
	kind := map[encryption.ProposalState]ui.Kind{
		encryption.ProposalOpen: ui.Warning, encryption.ProposalApproved: ui.Danger, encryption.ProposalRefused: ui.Neutral,
		encryption.ProposalWithdrawn: ui.Neutral, encryption.ProposalExpired: ui.Neutral,
	}[s]
	return &ui.TagView{Text: r.T("keys.proposal." + string(s)), Kind: kind}
}

// proposals lists what was proposed to be destroyed.
func (c *Console) proposals(r *frame.Request) error {
	v := view(r, r.T("keys.tab.proposals"))
	v.Lead, v.Tabs = r.T("keys.proposals.lead"), keyTabs(r)
	v.Chips = chips(r, "state", "keys.proposal.", "open", "approved", "refused", "withdrawn", "expired")
	l := list[encryption.Proposal]{
		name: "key-proposals", columns: []string{"proposal", "state", "proposed", "by", "until"}, empty: empty(r, "keys.proposals", "shield-check", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[encryption.Proposal], error) {
			return c.deps.Encryption.Proposals(ctx, tx, encryption.ProposalState(r.Query("state")), p)
		},
		cells: func(p encryption.Proposal) []ui.Cell {
			return []ui.Cell{
				{Text: r.T("keys.destroy." + string(p.Act) + ".title"), Href: "/console/keys/proposals/" + p.ID.String()},
				{Tag: proposalTag(r, p.State)},
				{Text: ui.DateTime(r.Context(), p.ProposedAt)},
				{Text: c.staffName(r, p.ProposedBy)},
				{Text: ui.DateTime(r.Context(), p.ExpiresAt)},
			}
		},
	}
	return l.serve(r, v)
}

// proposal shows one proposal, with the decision for who may take it.
func (c *Console) proposal(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var p encryption.Proposal
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = c.deps.Encryption.Proposal(ctx, tx, id)
		return err
	}); err != nil {
		return err
	}
	v := view(r, r.T("keys.destroy."+string(p.Act)+".title")).back("/console/keys/proposals", r.T("keys.tab.proposals"))
	v.Tag, v.Lead = proposalTag(r, p.State), r.T("keys.destroy."+string(p.Act))
	v.Facts = []ui.Fact{
		{Key: r.T("keys.destroy.target"), Value: p.Target},
		{Key: r.T("console.field.reason"), Value: p.Reason},
		{Key: r.T("keys.proposal.by"), Value: c.staffName(r, p.ProposedBy) + " · " + ui.DateTime(r.Context(), p.ProposedAt)},
	}
	if p.DecidedAt != nil && p.DecidedBy != uuid.Nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("keys.proposal.decided"), Value: c.staffName(r, p.DecidedBy) + " · " + ui.DateTime(r.Context(), *p.DecidedAt)})
	}
	if p.State != encryption.ProposalOpen || !r.Principal.MayIn(encryption.Manage, "") {
		return r.HTML(consolePage(v))
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("keys.proposal.until"), Value: ui.DateTime(r.Context(), p.ExpiresAt)})
	s := section{Title: r.T("keys.proposal.decide"), Text: r.T("keys.proposal.decide.text")}
	if p.ProposedBy == r.Principal.Account {
		s.Text = r.T("keys.proposal.own")
		s.Posts = []postView{{Action: r.URL.Path + "/withdraw", Label: r.T("keys.proposal.withdraw")}}
	} else {
		s.Posts = []postView{{Action: r.URL.Path + "/refuse", Label: r.T("keys.proposal.refuse")}, {Action: r.URL.Path + "/approve", Label: r.T("keys.proposal.approve")}}
	}
	v.Sections = []section{s}
	return r.HTML(consolePage(v))
}

// proposalAct approves, refuses or withdraws a proposal.
func (c *Console) proposalAct(r *frame.Request) error {
	e, act := c.deps.Encryption, r.Param("act")
	do := map[string]func(context.Context, *pg.Tx, uuid.UUID) error{
		"approve":  func(ctx context.Context, tx *pg.Tx, id uuid.UUID) error { return e.Decide(ctx, tx, id, true) },
		"refuse":   func(ctx context.Context, tx *pg.Tx, id uuid.UUID) error { return e.Decide(ctx, tx, id, false) },
		"withdraw": e.Withdraw,
	}[act]
	id, err := r.UUID("id")
	if err != nil || do == nil {
		return frame.Lost(r)
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect("/console/keys/proposals/" + id.String() + "?done=keys." + act)
}
