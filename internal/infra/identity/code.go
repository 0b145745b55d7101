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
	codeMinutes = 10
	codeTries   = 5
)

// How many codes may be asked for: for one address, and from one place.
var (
	addressQuotas = []quota{{3, 10 * time.Minute}, {10, 24 * time.Hour}}
	placeQuota    = quota{20, time.Hour}
)

// What a code is good for.
const (
	forSignIn  = "sign_in"
	forConfirm = "confirm"
	forContact = "contact"
	forVisit   = "visit"
	forGuest   = "guest"  // to prove where a guest is reached
	forReturn  = "return" // to come back as a guest
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
	kind := KindPerson
	if in.Staff {
		kind = KindStaff
	}
	return s.sendCode(ctx, tx, codeFor{purpose: forSignIn, kind: kind, to: to, lang: i18n.Match(in.Lang, settings.Languages)})
}

// codeFor is a code to be sent: what for, to which address, and for which account where somebody is signed in.
type codeFor struct {
	purpose, kind string
	account       uuid.UUID
	to            address
	lang          string
	by            string // the name of who asks for it at a counter
}

func (s *Service) sendCode(ctx context.Context, tx *pg.Tx, in codeFor) (_ uuid.UUID, err error) {
	row := identitydb.InsertCodeParams{
		ID: id.New(), Purpose: in.purpose, AccountID: optional(in.account), Kind: in.kind, Channel: in.to.channel, IpIndex: []byte{}, Lang: in.lang,
		ExpiresAt: tx.Now.Add(codeMinutes * time.Minute), AskedAt: tx.Wall,
	}
	indexes, err := s.addressIndexes(ctx, tx, in.to)
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
	if row.Address, err = s.encryption.SealString(ctx, tx, uuid.Nil, codePlace(row.ID), in.to.text); err != nil {
		return uuid.Nil, err
	}
	if err := queries.InsertCode(ctx, tx, row); err != nil {
		return uuid.Nil, err
	}
	found, err := findContact(ctx, tx, row.Kind, indexes)
	if err != nil {
		return uuid.Nil, err
	}
	message := CodeMessage{Channel: in.to.channel, Address: in.to.text, Code: code, Lang: row.Lang, Minutes: codeMinutes, Visit: in.purpose == forVisit, By: in.by, Guest: in.purpose == forGuest || in.purpose == forReturn}
	stranger := in.kind == KindStaff && found.account == uuid.Nil || in.purpose == forReturn && in.account == uuid.Nil
	if err := s.send(ctx, tx, message, stranger); err != nil {
		return uuid.Nil, err
	}
	whose := found.account
	if in.account != uuid.Nil {
		whose = in.account
	}
	return row.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.code.send", Object: "identity.code", ObjectID: row.ID, Person: whose,
		Detail: map[string]any{"channel": row.Channel, "kind": row.Kind, "purpose": row.Purpose},
	})
}

// send sends the code. For strangers at the staff door, and for who asks for an application that is not theirs, it does the same
// work and takes it back, so that the time an answer takes does not tell who works here, or what is there.
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

// limitCodes refuses what is too much for one address or from one place, and says how long to wait. Requests for the same
// address wait for each other, so that many at once do not slip through together.
func (s *Service) limitCodes(ctx context.Context, tx *pg.Tx, row *identitydb.InsertCodeParams, indexes [][]byte) error {
	if err := lockIndexes(ctx, tx, indexes); err != nil {
		return err
	}
	longest := addressQuotas[len(addressQuotas)-1]
	times, err := queries.ListCodeTimes(ctx, tx, identitydb.ListCodeTimesParams{
		AddressIndexes: indexes, Since: tx.Wall.Add(-longest.window), Size: int32(longest.most),
	})
	if err != nil {
		return err
	}
	var wait time.Duration
	for _, q := range addressQuotas {
		wait = max(wait, q.wait(times, tx.Wall))
	}
	// A counter asks for many people from one place, and who asks there has signed in.
	if from := network(tx.Actor.IP); from != "" && row.Purpose != forVisit {
		places, err := s.encryption.BlindIndexes(ctx, tx, "identity.code.ip", from)
		if err != nil {
			return err
		}
		row.IpIndex = places[0]
		if err := lockIndexes(ctx, tx, places); err != nil {
			return err
		}
		times, err := queries.ListPlaceTimes(ctx, tx, identitydb.ListPlaceTimesParams{
			IpIndexes: places, Since: tx.Wall.Add(-placeQuota.window), Size: int32(placeQuota.most),
		})
		if err != nil {
			return err
		}
		wait = max(wait, placeQuota.wait(times, tx.Wall))
	}
	if wait > 0 {
		return later(ErrTooManyCodes, wait)
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

// FinishCode signs in with the code that was sent under id, registering a person at the first success. A wrong try is
// counted even though an error is returned (pg.Keep). Where the account has a second step, the answer says so instead.
// Anybody may call it. Errors: ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed, ErrSuspended.
func (s *Service) FinishCode(ctx context.Context, tx *pg.Tx, code uuid.UUID, text string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishCode(%s)", code)
	row, found, err := s.takeCode(ctx, tx, code, forSignIn, uuid.Nil, text)
	if err != nil {
		return SignedIn{}, err
	}
	if found.suspended {
		return SignedIn{}, pg.Keep(ErrSuspended)
	}
	made := found.account == uuid.Nil
	if made {
		found.account, err = s.registerByCode(ctx, tx, row)
	} else {
		err = queries.VerifyContact(ctx, tx, identitydb.VerifyContactParams{ID: found.contact, VerifiedAt: &tx.Now})
	}
	if err != nil {
		return SignedIn{}, err
	}
	if row.Kind == KindPerson {
		if err := s.claimByCode(ctx, tx, found.account, row); err != nil {
			return SignedIn{}, err
		}
	}
	return s.signIn(ctx, tx, found.account, row.Channel, made)
}

// takeCode takes a code of this purpose and account, once, and returns whose address it was sent to.
func (s *Service) takeCode(ctx context.Context, tx *pg.Tx, code uuid.UUID, purpose string, account uuid.UUID, text string) (identitydb.LockCodeRow, contactRow, error) {
	none := contactRow{}
	row, err := queries.LockCode(ctx, tx, code)
	switch {
	case pg.NotFound(err):
		return row, none, ErrCodeExpired
	case err != nil:
		return row, none, err
	case row.Purpose != purpose || account != uuid.Nil && *row.AccountID != account:
		return row, none, ErrCodeExpired
	case row.UsedAt != nil:
		return row, none, ErrCodeUsed
	case !tx.Now.Before(row.ExpiresAt):
		return row, none, ErrCodeExpired
	case row.Tries >= codeTries:
		return row, none, ErrCodeTries
	}
	right, err := s.encryption.CheckMAC(ctx, tx, codePurpose, codeContent(code, digits(text)), row.Mac)
	if err != nil {
		return row, none, err
	}
	_, indexes, err := s.codeAddress(ctx, tx, row)
	if err != nil {
		return row, none, err
	}
	found, err := findContact(ctx, tx, row.Kind, indexes)
	if err != nil {
		return row, none, err
	}
	// Was sent nothing, so can only have guessed.
	stranger := row.Kind == KindStaff && found.account == uuid.Nil || row.Purpose == forReturn && row.AccountID == nil
	if !right || stranger {
		return row, none, s.countTry(ctx, tx, row, found.account)
	}
	return row, found, queries.UseCode(ctx, tx, identitydb.UseCodeParams{ID: code, UsedAt: &tx.Now})
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
func (s *Service) registerByCode(ctx context.Context, tx *pg.Tx, row identitydb.LockCodeRow) (uuid.UUID, error) {
	to, indexes, err := s.codeAddress(ctx, tx, row)
	if err != nil {
		return uuid.Nil, err
	}
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
