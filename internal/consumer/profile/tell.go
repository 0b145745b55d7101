package profile

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// tell sends a notice about the account to every address that is proved: moment is what keeps it from being sent twice, day what it is about.
// These notices protect the person, so they go everywhere.
func (s *Service) tell(ctx context.Context, tx *pg.Tx, account uuid.UUID, lang, what, moment string, day *time.Time) error {
	contacts, err := s.deps.Contacts.Contacts(ctx, tx, account)
	if err != nil || len(contacts) == 0 {
		return err
	}
	settings, err := s.deps.Tenancy.Settings(ctx, tx)
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
	args := map[string]any{"state": settings.Name.In(lang, settings.DefaultLanguage), "link": site + "/profile/data"}
	if day != nil {
		args["date"] = i18n.FormatDayLong(lang, civil.Of(day.In(settings.Location())))
	}
	for _, c := range contacts {
		if !c.Verified {
			continue
		}
		if _, err := s.deps.Notices.Send(ctx, tx, notification.Message{
			Person: account, Channel: c.Channel, Address: c.Address, Lang: lang, Purpose: "profile." + what,
			Subject: strings.Join(strings.Fields(texts.T(lang, "notice."+what+".subject", args)), " "), Text: texts.T(lang, "notice."+what+".text", args),
			Once: account.String() + ":" + what + ":" + moment + ":" + c.ID.String(), Related: account,
		}); err != nil {
			return err
		}
	}
	return nil
}
