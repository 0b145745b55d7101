package identity

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// newcomer is somebody whom a provider or a directory vouches for and who has not come by it before.
type newcomer struct {
	kind         string
	name, lang   string
	email, phone string     // "" unless they may be believed
	byEmail      bool       // the staff account that an administrator entered with the e-mail is theirs
	create       bool       // may have an account
	grants       []NewGrant // that follow from what is said of them
}

// admit finds or makes the newcomer's account. An address that somebody else's word calls theirs opens no account that is
// there already, but for the one case that an administrator has decided.
func (s *Service) admit(ctx context.Context, tx *pg.Tx, n newcomer) (account uuid.UUID, made bool, err error) {
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, false, err
	}
	var contacts []address
	for _, a := range []address{{ChannelEmail, n.email}, {ChannelSMS, n.phone}} {
		if strings.TrimSpace(a.text) == "" {
			continue
		}
		if a, err = parseAddress(a.channel, a.text, settings.PhoneRegion); err != nil {
			continue // the account does without
		}
		found, err := s.lockContact(ctx, tx, n.kind, a)
		switch {
		case err != nil:
			return uuid.Nil, false, err
		case found.account == uuid.Nil:
			contacts = append(contacts, a)
		case found.suspended:
			return uuid.Nil, false, ErrSuspended
		case n.kind == KindStaff && n.byEmail && a.channel == ChannelEmail:
			return found.account, false, nil
		default:
			return uuid.Nil, false, ErrLinkFirst
		}
	}
	switch {
	case n.kind == KindStaff && (!n.create || len(n.grants) == 0):
		return uuid.Nil, false, ErrNotLinked
	case !n.create:
		return uuid.Nil, false, ErrNoAccount
	}
	name, err := cleanName(n.name)
	if err != nil {
		name = "" // he will be asked for it
	}
	if account, err = s.insertAccount(ctx, tx, n.kind, name, i18n.Match(n.lang, settings.Languages)); err != nil {
		return uuid.Nil, false, err
	}
	for _, a := range contacts {
		if err := s.insertContact(ctx, tx, account, n.kind, a, true); err != nil {
			return uuid.Nil, false, err
		}
	}
	return account, true, nil
}

// lockContact finds whose an address is, and has others who claim it wait until this is over.
func (s *Service) lockContact(ctx context.Context, tx *pg.Tx, kind string, a address) (contactRow, error) {
	indexes, err := s.addressIndexes(ctx, tx, a)
	if err != nil {
		return contactRow{}, err
	}
	if err := lockIndexes(ctx, tx, indexes); err != nil {
		return contactRow{}, err
	}
	return findContact(ctx, tx, kind, indexes)
}

// entrance is how somebody comes in who proved himself elsewhere.
type entrance struct {
	source string // of the grants: provider:<code> or directory:<code>
	sid    string // the provider's session; "" for none
	acr    string
	level  int
	at     time.Time // when he was seen there; zero where nobody says
	grants []NewGrant
}

const acrMax = 255

// enter sets the grants that follow from what was said, opens a session and notes what it stands on.
func (s *Service) enter(ctx context.Context, tx *pg.Tx, account uuid.UUID, made bool, e entrance) (SignedIn, error) {
	owner, err := queries.GetAccount(ctx, tx, account)
	if err != nil {
		return SignedIn{}, err
	}
	if owner.Kind == KindStaff {
		if err := setGrants(ctx, tx, reach{everywhere: true}, account, e.source, e.grants); err != nil {
			return SignedIn{}, err
		}
	}
	if len(e.acr) > acrMax {
		e.acr = ""
	}
	return s.signInBy(ctx, tx, account, MethodFederated, &voucher{e.source, sidHash(e.source, e.sid), e.acr, e.level, optional(e.at)}, made)
}

// voucher is what a session stands on whose owner was vouched for elsewhere.
type voucher struct {
	Source string     `json:"source"`
	Sid    []byte     `json:"sid"` // hash of the provider's session
	ACR    string     `json:"acr"`
	Level  int        `json:"level"`
	At     *time.Time `json:"at"`
}

func (v voucher) note(ctx context.Context, tx *pg.Tx, session uuid.UUID) error {
	return queries.InsertFederatedSession(ctx, tx, identitydb.InsertFederatedSessionParams{
		SessionID: session, Source: v.Source, SidHash: v.Sid, Acr: v.ACR, Level: int16(v.Level), AuthAt: v.At,
	})
}
