package studio

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// approve decides that a proposal is published.
func (s *Studio) approve(r *frame.Request) error {
	return s.decided(r, s.deps.Studio.Approve, "approved")
}

// refuseProposal decides that it is not.
func (s *Studio) refuseProposal(r *frame.Request) error {
	return s.decided(r, s.deps.Studio.Refuse, "refused")
}

func (s *Studio) decided(r *frame.Request, decide func(context.Context, *pg.Tx, identity.Principal, uuid.UUID, string) (studio.Proposal, error), done string) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	id, err := r.UUID("proposal")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := decide(ctx, tx, *r.Principal, id, trimmed(posted, "answer"))
		return err
	})
	if err == nil {
		return r.Redirect("/studio/proposals/" + id.String() + "?done=studio." + done)
	}
	e := fault.Of(err)
	if e.Kind != fault.KindInvalid && e.Kind != fault.KindConflict {
		return err
	}
	wrong := r.Problems(e.Fields)
	if len(wrong) == 0 || e.Code != studio.ErrAnswer.Code {
		wrong = append([]ui.Problem{{Text: r.Sentence(e)}}, wrong...)
	}
	return s.proposalPage(r, wrong, http.StatusUnprocessableEntity)
}

// withdraw takes a proposal back.
func (s *Studio) withdraw(r *frame.Request) error {
	id, err := r.UUID("proposal")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return s.deps.Studio.Withdraw(ctx, tx, *r.Principal, id) })
	if err != nil {
		return err
	}
	return r.Redirect("/studio/proposals/" + id.String() + "?done=studio.withdrawn")
}
