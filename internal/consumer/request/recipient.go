package request

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/pg"
)

// recipient is somebody who is told of a request.
type recipient struct {
	person   uuid.UUID
	contacts map[string]string // addresses by channel
	after    time.Time         // quiet hours
}

// once is what keeps a notice about a request from being sent to a recipient twice.
func (w recipient) once(r Request, what, moment, channel string) string {
	key := r.ID.String() + ":" + what + ":" + moment
	if w.person != r.Person {
		key += ":" + w.person.String()
	}
	return key + ":" + channel
}

// recipients returns who is told of a request for a purpose: its person; where that is a business, its members who may act for it in
// the service, each by the ways that they wish.
func (s *Service) recipients(ctx context.Context, tx *pg.Tx, r Request, purpose string) (list []recipient, err error) {
	business, err := s.deps.Identity.IsBusiness(ctx, tx, r.Person)
	if err != nil {
		return nil, err
	}
	people := []uuid.UUID{r.Person}
	if business {
		members, err := s.deps.Identity.Members(ctx, tx, r.Person)
		if err != nil {
			return nil, err
		}
		people = nil
		for _, m := range members {
			if len(m.Services) == 0 || slices.Contains(m.Services, r.Service) {
				people = append(people, m.Account)
			}
		}
	}
	for _, person := range people {
		contacts, after, err := s.reach(ctx, tx, person, purpose)
		if err != nil {
			return nil, err
		}
		list = append(list, recipient{person, contacts, after})
	}
	return list, nil
}

// reach returns the person's addresses on the channels by which they want to be told, and from when on.
func (s *Service) reach(ctx context.Context, tx *pg.Tx, person uuid.UUID, purpose string) (map[string]string, time.Time, error) {
	contacts, err := s.contacts(ctx, tx, person)
	if err != nil {
		return nil, tx.Now, err
	}
	wanted, after, err := s.deps.Preferences.Reach(ctx, tx, person, purpose)
	if err != nil {
		return nil, after, err
	}
	if number := contacts[notification.SMS]; number != "" && slices.Contains(wanted, notification.WhatsApp) {
		contacts[notification.WhatsApp] = number
	}
	maps.DeleteFunc(contacts, func(channel, _ string) bool { return !slices.Contains(wanted, channel) })
	if purpose != "duties" || len(contacts) > 0 {
		return contacts, after, nil
	}
	stopped, err := s.deps.Preferences.Stopped(ctx, tx, person) // no address on the way they wish: on any that they have not closed
	if err != nil {
		return nil, after, err
	}
	contacts, err = s.contacts(ctx, tx, person)
	maps.DeleteFunc(contacts, func(channel, _ string) bool { return slices.Contains(stopped, channel) })
	return contacts, after, err
}

// contacts returns the person's verified address on each channel.
func (s *Service) contacts(ctx context.Context, tx *pg.Tx, person uuid.UUID) (map[string]string, error) {
	list, err := s.deps.Identity.Contacts(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	by := map[string]string{}
	for _, c := range list {
		if c.Verified && by[c.Channel] == "" {
			by[c.Channel] = c.Address
		}
	}
	return by, nil
}
