package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// What the owner of an account is told of, besides one-time codes.
const (
	NoticeDevice          = "new_device"
	NoticePasswordSet     = "password_set"
	NoticePasswordRemoved = "password_removed"
	NoticePasskeyAdded    = "passkey_added"
	NoticePasskeyRemoved  = "passkey_removed"
	NoticePasskeySuspect  = "passkey_suspect"
	NoticeTOTPAdded       = "totp_added"
	NoticeTOTPRemoved     = "totp_removed"
	NoticeRecoveryMade    = "recovery_made"
	NoticeRecoveryUsed    = "recovery_used"
	NoticeContactAdded    = "contact_added"
	NoticeContactRemoved  = "contact_removed"
	NoticeFactorsReset    = "factors_reset"
)

// Notice is a message about an account to its owner, who may not be the one who acted.
type Notice struct {
	Kind    string // NoticePasswordSet, …
	Account uuid.UUID
	Staff   bool   // signs in to work
	Channel string // ChannelSMS or ChannelEmail
	Address string
	Lang    string
	Device  Device // of NoticeDevice
}

// NoticeSender sends notices with the transaction in which the fact happened; cmd/digit plugs notification in.
type NoticeSender interface {
	SendNotice(ctx context.Context, tx *pg.Tx, n Notice) error
}

// tell sends a notice to each address that the account has proved.
func (s *Service) tell(ctx context.Context, tx *pg.Tx, account uuid.UUID, n Notice) error {
	to, err := s.proved(ctx, tx, account)
	if err != nil {
		return err
	}
	return s.tellAt(ctx, tx, account, n, to...)
}

// tellAt sends a notice to addresses of the account, which may have lost some of them by now.
func (s *Service) tellAt(ctx context.Context, tx *pg.Tx, account uuid.UUID, n Notice, to ...address) error {
	if s.notices == nil {
		return nil
	}
	owner, err := queries.GetAccount(ctx, tx, account)
	if err != nil {
		return err
	}
	n.Account, n.Staff, n.Lang = account, owner.Kind == KindStaff, owner.Lang
	for _, a := range to {
		n.Channel, n.Address = a.channel, a.text
		if err := s.notices.SendNotice(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}

// proved are the addresses at which the account has shown that it is reached.
func (s *Service) proved(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []address, err error) {
	all, err := s.contacts(ctx, tx, account)
	for _, c := range all[account] {
		if c.Verified {
			list = append(list, address{c.Channel, c.Address})
		}
	}
	return list, err
}
