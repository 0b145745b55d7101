package business

import (
	"context"
	"strings"

	"digit/internal/consumer/business/internal/businessdb"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/pg"
)

// tell sends a notice about their claim to every address that the claimant has proved: it is about rights, so it goes everywhere. The words
// say that there is news, and where.
func (s *Service) tell(ctx context.Context, tx *pg.Tx, c businessdb.LockClaimRow, what string) error {
	contacts, err := s.deps.Identity.Contacts(ctx, tx, c.Claimant)
	if err != nil || len(contacts) == 0 {
		return err
	}
	settings, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return err
	}
	site, err := s.deps.PublicURL(ctx, tx)
	if err != nil {
		return err
	}
	texts, err := s.deps.Texts(ctx, tx)
	if err != nil {
		return err
	}
	args := map[string]any{"state": settings.Name.In(c.Lang, settings.DefaultLanguage), "link": site + "/businesses"}
	for _, to := range contacts {
		if !to.Verified {
			continue
		}
		if _, err := s.deps.Notices.Send(ctx, tx, notification.Message{
			Person: c.Claimant, Channel: to.Channel, Address: to.Address, Lang: c.Lang, Purpose: "business." + what,
			Subject: strings.Join(strings.Fields(texts.T(c.Lang, "notice."+what+".subject", args)), " "), Text: texts.T(c.Lang, "notice."+what+".text", args),
			Once: c.ID.String() + ":" + what + ":" + to.ID.String(), Related: c.AccountID,
		}); err != nil {
			return err
		}
	}
	return nil
}
