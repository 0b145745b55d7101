package orchestration

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// line is a notice to staff in the product's own words; those that a service writes are tellStaff's. It names a case by its reference alone,
// and leads to where the rest is read by who may.
type line struct {
	purpose string
	about   uuid.UUID
	once    string // a second notice of the same to the same address is not sent
	say     func(texts *i18n.Catalog, lang string) (subject, text string)
}

// tellColleagues sends a notice to members of staff, each in the language in which they are spoken to and where they are reached. Who is not
// there any more is passed over.
func (s *Service) tellColleagues(ctx context.Context, tx *pg.Tx, accounts []uuid.UUID, n line) error {
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return err
	}
	texts, err := s.deps.Texts(ctx, tx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		theirs, err := s.deps.People.Language(ctx, tx, account)
		if err != nil && fault.Of(err).Kind == fault.KindNotFound {
			continue
		}
		if err != nil {
			return err
		}
		contacts, err := s.deps.People.Contacts(ctx, tx, account)
		if err != nil {
			return err
		}
		lang := i18n.Match(theirs, set.Languages)
		subject, text := n.say(texts, lang)
		for _, c := range reached(contacts) {
			if _, err := s.deps.Messages.Send(ctx, tx, notification.Message{
				Person: account, Channel: c.Channel, Address: c.Address, Lang: lang, Purpose: n.purpose, Subject: strings.Join(strings.Fields(subject), " "), Text: text,
				Once: n.once + ":" + c.ID.String(), Related: n.about,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// reached are the addresses at which a member of staff is told of their work: those of mail that they have proved, and where there is none
// the first other one.
func reached(contacts []identity.Contact) (list []identity.Contact) {
	proved := slices.DeleteFunc(slices.Clone(contacts), func(c identity.Contact) bool { return !c.Verified })
	for _, c := range proved {
		if c.Channel == notification.Email {
			list = append(list, c)
		}
	}
	if len(list) == 0 && len(proved) > 0 {
		return proved[:1]
	}
	return list
}
