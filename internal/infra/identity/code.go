package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// The limits of one-time codes.
const (
	codeMinutes     = 10
	codeTries       = 5
	codesPerAddress = 5  // in codeWindow
	codesPerPlace   = 30 // in codeWindow
	codeWindow      = time.Hour
)

// StartCode asks for a one-time code.
type StartCode struct {
	Channel string // ChannelSMS or ChannelEmail
	Address string // as typed
	Lang    string
	Staff   bool // signs in to work; only staff that an administrator entered get a code
}

// StartCode sends a one-time code and returns the id under which FinishCode takes it. Answer and effort are the same for
// known and unknown addresses. Anybody may call it. Errors: ErrAddress, ErrTooManyCodes.
func (s *Service) StartCode(ctx context.Context, tx *pg.Tx, in StartCode) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.StartCode(%s)", in.Channel)
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(in.Channel, in.Address, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	row := identitydb.InsertCodeParams{
		ID: id.New(), Kind: KindPerson, Channel: to.channel, IpIndex: []byte{}, Lang: i18n.Match(in.Lang, settings.Languages),
		ExpiresAt: tx.Now.Add(codeMinutes * time.Minute), AskedAt: tx.Wall,
	}
	if in.Staff {
		row.Kind = KindStaff
	}
	indexes, err := s.addressIndexes(ctx, tx, to)
	if err != nil {
		return uuid.Nil, err
	}
	row.AddressIndex = indexes[0]
	if err := s.limitCodes(ctx, tx, &row, indexes); err != nil {
		return uuid.Nil, err
	}
	code := id.Digits(6)
	if row.Mac, err = s.encryption.MAC(ctx, tx, codePurpose, codeContent(row.ID, code)); err != nil {
		return uuid.Nil, err
	}
	if row.Address, err = s.encryption.SealString(ctx, tx, uuid.Nil, codePlace(row.ID), to.text); err != nil {
		return uuid.Nil, err
	}
	if err := queries.InsertCode(ctx, tx, row); err != nil {
		return uuid.Nil, err
	}
	found, err := findContact(ctx, tx, row.Kind, indexes)
	if err != nil {
		return uuid.Nil, err
	}
	message := CodeMessage{Channel: to.channel, Address: to.text, Code: code, Lang: row.Lang, Minutes: codeMinutes}
	if err := s.send(ctx, tx, message, in.Staff && found.account == uuid.Nil); err != nil {
		return uuid.Nil, err
	}
	return row.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.code.send", Object: "identity.code", ObjectID: row.ID, Person: found.account,
		Detail: map[string]any{"channel": row.Channel, "kind": row.Kind},
	})
}

// send sends the code. For strangers at the staff door it does the same work and takes it back, so that the time an
// answer takes does not tell who works here.
func (s *Service) send(ctx context.Context, tx *pg.Tx, message CodeMessage, stranger bool) error {
	if _, err := tx.Exec(ctx, "SAVEPOINT code"); err != nil {
		return err
	}
	if err := s.codes.SendCode(ctx, tx, message); err != nil {
		return err
	}
	end := "RELEASE SAVEPOINT code"
	if stranger {
		end = "ROLLBACK TO SAVEPOINT code"
	}
	_, err := tx.Exec(ctx, end)
	return err
}

// limitCodes refuses what is too much for one address or from one place. Requests for the same address wait for each
// other, so that many at once do not slip through together.
func (s *Service) limitCodes(ctx context.Context, tx *pg.Tx, row *identitydb.InsertCodeParams, indexes [][]byte) error {
	if err := lockIndexes(ctx, tx, indexes); err != nil {
		return err
	}
	places := [][]byte{}
	if tx.Actor.IP != "" {
		var err error
		if places, err = s.encryption.BlindIndexes(ctx, tx, "identity.code.ip", tx.Actor.IP); err != nil {
			return err
		}
		if err := lockIndexes(ctx, tx, places); err != nil {
			return err
		}
		row.IpIndex = places[0]
	}
	n, err := queries.CountCodes(ctx, tx, identitydb.CountCodesParams{
		AddressIndexes: indexes, IpIndexes: places, Since: tx.Wall.Add(-codeWindow),
	})
	if err != nil {
		return err
	}
	if n.ByAddress >= codesPerAddress || tx.Actor.IP != "" && n.ByIp >= codesPerPlace {
		return ErrTooManyCodes.With("minutes", int(codeWindow.Minutes()))
	}
	return nil
}

// codePurpose is for what authentication codes of one-time codes are made.
const codePurpose = "identity.code"

func codeContent(code uuid.UUID, text string) []byte { return append(code[:], text...) }

// codeAddress returns where a code was sent, with the indexes of now: the index of then may be one of before.
func (s *Service) codeAddress(ctx context.Context, tx *pg.Tx, row identitydb.LockCodeRow) (address, [][]byte, error) {
	text, err := s.encryption.OpenString(ctx, tx, uuid.Nil, codePlace(row.ID), row.Address)
	if err != nil {
		return address{}, nil, err
	}
	to := address{row.Channel, text}
	indexes, err := s.addressIndexes(ctx, tx, to)
	return to, indexes, err
}

// SignedIn is the result of a sign-in.
type SignedIn struct {
	Token     string // goes into the cookie; kept nowhere here
	Principal Principal
	New       bool // registered by this sign-in
}

// FinishCode signs in with the code that was sent under id, registering a person at the first success. A wrong try is
// counted even though an error is returned (pg.Keep). Anybody may call it.
// Errors: ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed, ErrSuspended.
func (s *Service) FinishCode(ctx context.Context, tx *pg.Tx, code uuid.UUID, text string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishCode(%s)", code)
	row, err := queries.LockCode(ctx, tx, code)
	if pg.NotFound(err) {
		return SignedIn{}, ErrCodeExpired
	}
	if err != nil {
		return SignedIn{}, err
	}
	switch {
	case row.UsedAt != nil:
		return SignedIn{}, ErrCodeUsed
	case !tx.Now.Before(row.ExpiresAt):
		return SignedIn{}, ErrCodeExpired
	case row.Tries >= codeTries:
		return SignedIn{}, ErrCodeTries
	}
	right, err := s.encryption.CheckMAC(ctx, tx, codePurpose, codeContent(code, digits(text)), row.Mac)
	if err != nil {
		return SignedIn{}, err
	}
	to, indexes, err := s.codeAddress(ctx, tx, row)
	if err != nil {
		return SignedIn{}, err
	}
	found, err := findContact(ctx, tx, row.Kind, indexes)
	if err != nil {
		return SignedIn{}, err
	}
	stranger := row.Kind == KindStaff && found.account == uuid.Nil // was sent nothing, so can only have guessed
	if !right || stranger {
		return SignedIn{}, s.countTry(ctx, tx, row, found.account)
	}
	if err := queries.UseCode(ctx, tx, identitydb.UseCodeParams{ID: code, UsedAt: &tx.Now}); err != nil {
		return SignedIn{}, err
	}
	if found.suspended {
		return SignedIn{}, pg.Keep(ErrSuspended)
	}
	made := found.account == uuid.Nil
	if made {
		found.account, err = s.registerByCode(ctx, tx, row, to, indexes)
	} else {
		err = queries.VerifyContact(ctx, tx, identitydb.VerifyContactParams{ID: found.contact, VerifiedAt: &tx.Now})
	}
	if err != nil {
		return SignedIn{}, err
	}
	return s.signIn(ctx, tx, found.account, row.Channel, made)
}

func (s *Service) countTry(ctx context.Context, tx *pg.Tx, row identitydb.LockCodeRow, account uuid.UUID) error {
	if err := queries.CountTry(ctx, tx, row.ID); err != nil {
		return err
	}
	left := codeTries - 1 - int(row.Tries)
	err := audit.Record(ctx, tx, audit.Entry{
		Action: "identity.code.wrong", Object: "identity.code", ObjectID: row.ID, Person: account, Detail: map[string]any{"left": left},
	})
	if err != nil {
		return err
	}
	if left == 0 {
		return pg.Keep(ErrCodeTries)
	}
	return pg.Keep(ErrCodeWrong.With("left", left))
}

// registerByCode makes the account of a person who proved an address that nobody had. Two first sign-ins by the same
// address at once wait for each other here, and the second finds the account of the first.
func (s *Service) registerByCode(ctx context.Context, tx *pg.Tx, row identitydb.LockCodeRow, to address, indexes [][]byte) (uuid.UUID, error) {
	if err := lockIndexes(ctx, tx, indexes); err != nil {
		return uuid.Nil, err
	}
	found, err := findContact(ctx, tx, row.Kind, indexes)
	if err != nil || found.account != uuid.Nil {
		return found.account, err
	}
	account, err := s.insertAccount(ctx, tx, KindPerson, "", row.Lang)
	if err != nil {
		return uuid.Nil, err
	}
	return account, s.insertContact(ctx, tx, account, KindPerson, to, true)
}
