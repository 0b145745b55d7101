package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// FindStaff returns the staff accounts that are reached at addresses, telephone numbers or e-mail, by address as it was given; what nobody
// has, or what is no address, is left out. It tells no more than entering somebody at an address that is taken. Permission:
// identity:manage. Errors: ErrForbidden.
func (s *Service) FindStaff(ctx context.Context, tx *pg.Tx, addresses []string) (found map[string]uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.FindStaff(%d)", len(addresses))
	if _, err := require(ctx, tx, permissionManage); err != nil {
		return nil, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	found = map[string]uuid.UUID{}
	for _, given := range addresses {
		for _, channel := range []string{ChannelEmail, ChannelSMS} {
			a, err := parseAddress(channel, given, settings.PhoneRegion)
			if err != nil {
				continue // it is not that, then
			}
			indexes, err := s.addressIndexes(ctx, tx, a)
			if err != nil {
				return nil, err
			}
			row, err := findContact(ctx, tx, KindStaff, indexes)
			if err != nil {
				return nil, err
			}
			if row.account != uuid.Nil {
				found[given] = row.account
			}
		}
	}
	return found, nil
}

// IsAddress reports whether a text is an e-mail address or a telephone number, one without prefix being of a region (ISO 3166-1).
func IsAddress(channel, text, region string) bool {
	_, err := parseAddress(channel, text, region)
	return err == nil
}
