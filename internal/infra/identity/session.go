package identity

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

const (
	tokenBytes = 32
	// touchEvery is how exactly the last use of a session is known.
	touchEvery = time.Minute
)

// lifetime is how long a session lasts unused and at most, on the machine's clock (NIST SP 800-63B, AAL2 for staff, AAL1
// for people, of whom more is asked for when they do something that reaches far).
func lifetime(kind string) (idle, most time.Duration) {
	if kind == KindStaff {
		return 30 * time.Minute, 12 * time.Hour
	}
	return 7 * 24 * time.Hour, 30 * 24 * time.Hour
}

// The ways in which somebody proves himself; a code is called by its channel.
const (
	MethodPassword  = "password"
	MethodFederated = "federated"
	MethodTOTP      = "totp"
	MethodRecovery  = "recovery"
	MethodPasskey   = "passkey"
)

// proof is by what somebody proved himself, and how much that is worth.
type proof struct {
	methods []string
	level   int
}

// and adds a proof to those before. A passkey is two factors by itself, since it is unlocked by what its owner knows or
// is; the others of level 2 are only ever asked for after a first.
func (p proof) and(method string) proof {
	if !slices.Contains(p.methods, method) {
		p.methods = append(slices.Clone(p.methods), method)
	}
	p.level = max(p.level, 1)
	if method == MethodPasskey || method == MethodTOTP || method == MethodRecovery {
		p.level = 2
	}
	return p
}

// Session is one sign-in that lasts, for its owner to look at.
type Session struct {
	ID      uuid.UUID
	Methods []string // by what it was proved: MethodPasskey, ChannelSMS, …, in the order in which it happened
	Level   int      // 1 for one factor, 2 for two
	Device  Device
	IP      string // where from
	Created time.Time
	Seen    time.Time // last use, to the minute
	Expires time.Time
	Current bool // the one that asks
}

// SignedIn is the result of a sign-in, or of its first step.
type SignedIn struct {
	Token     string // goes into the cookie; kept nowhere here
	Principal Principal
	New       bool // registered by this sign-in
	// Second is set, and nothing else, where the account has an authenticator app: it is what FinishTOTP and FinishRecovery
	// take, kept nowhere here and good for ten minutes.
	Second string
}

func digest(token string) []byte { return id.Digest(token) }

// signIn lets in somebody who has proved himself by a method: at once, or after the second step where the account has
// one and the method alone is one factor.
func (s *Service) signIn(ctx context.Context, tx *pg.Tx, account uuid.UUID, method string, made bool) (SignedIn, error) {
	return s.signInBy(ctx, tx, account, method, nil, made)
}

// signInBy is signIn for who may have been vouched for elsewhere.
func (s *Service) signInBy(ctx context.Context, tx *pg.Tx, account uuid.UUID, method string, v *voucher, made bool) (SignedIn, error) {
	p := proof{}.and(method)
	if v != nil {
		p.level = v.Level
	}
	if p.level < 2 {
		strong, err := queries.CountStrong(ctx, tx, account)
		if err != nil {
			return SignedIn{}, err
		}
		if strong.Totp > 0 {
			return s.half(ctx, tx, account, method, v)
		}
	}
	in, err := s.begin(ctx, tx, account, p, made)
	if err != nil || v == nil {
		return in, err
	}
	return in, v.note(ctx, tx, in.Principal.Session)
}

// begin opens a session with a new token and ends the one that this browser had.
func (s *Service) begin(ctx context.Context, tx *pg.Tx, account uuid.UUID, p proof, made bool) (SignedIn, error) {
	if tx.Actor.Session != uuid.Nil {
		old := identitydb.DeleteSessionParams{AccountID: tx.Actor.ID, ID: tx.Actor.Session}
		if _, err := queries.DeleteSession(ctx, tx, old); err != nil {
			return SignedIn{}, err
		}
	}
	owner, err := queries.GetAccount(ctx, tx, account)
	if err != nil {
		return SignedIn{}, err
	}
	if owner.Kind == KindPerson && tx.Actor.Session != uuid.Nil {
		if err := s.claimHere(ctx, tx, account); err != nil {
			return SignedIn{}, err
		}
	}
	token, session := id.Token(tokenBytes), id.New()
	ip, err := s.encryption.SealString(ctx, tx, account, sessionPlace(session, "ip"), tx.Actor.IP)
	if err != nil {
		return SignedIn{}, err
	}
	idle, most := lifetime(owner.Kind)
	err = queries.InsertSession(ctx, tx, identitydb.InsertSessionParams{
		ID: session, AccountID: account, TokenHash: digest(token), Methods: p.methods, Level: int16(p.level), Ip: ip,
		Now: tx.Wall, IdleUntil: tx.Wall.Add(idle), ExpiresAt: tx.Wall.Add(most),
	})
	if err != nil {
		return SignedIn{}, err
	}
	if owner.Kind == KindStaff && !slices.Contains(p.methods, MethodFederated) {
		if err := s.passDoor(ctx, tx, account, session); err != nil {
			return SignedIn{}, err
		}
	}
	principal, err := s.Session(ctx, tx, token)
	if err != nil {
		return SignedIn{}, err
	}
	before := tx.Actor // from here on it is the owner who acts
	defer func() { tx.Actor = before }()
	tx.Actor.ID, tx.Actor.Kind, tx.Actor.Session = account, owner.Kind, session
	return SignedIn{Token: token, Principal: principal, New: made}, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.session.begin", Object: "identity.session", ObjectID: session, Person: account,
		Detail: map[string]any{"methods": p.methods, "level": p.level, "new": made},
	})
}

// Session returns who is signed in by the token, with the grants in force, in one query (and the name's key, if it is not
// in memory). In a writing transaction it notes the use at most once a minute, which keeps the session from lapsing;
// a reading one notes nothing. Errors: ErrNoSession.
func (s *Service) Session(ctx context.Context, tx *pg.Tx, token string) (_ Principal, err error) {
	defer fault.Wrap(&err, "identity.Session")
	row, err := queries.GetPrincipal(ctx, tx, identitydb.GetPrincipalParams{TokenHash: digest(token), Now: tx.Now})
	if pg.NotFound(err) {
		return Principal{}, ErrNoSession
	}
	if err != nil {
		return Principal{}, err
	}
	if row.Status != statusActive || !tx.Wall.Before(row.ExpiresAt) || !tx.Wall.Before(row.IdleUntil) {
		return Principal{}, ErrNoSession
	}
	p := Principal{
		Account: row.AccountID, Kind: row.Kind, Lang: row.Lang, Session: row.SessionID, Expires: row.ExpiresAt,
		Methods: row.Methods, Level: int(row.Level), Authenticated: row.AuthenticatedAt,
	}
	if p.Name, err = s.openName(ctx, tx, row.AccountID, row.Name); errors.Is(err, encryption.ErrSealed) {
		err = nil // a locked house still lets in who has to unlock it
	}
	if err != nil {
		return Principal{}, err
	}
	if err := s.stand(ctx, tx, &p, row.Standing); err != nil {
		return Principal{}, err
	}
	if !tx.ReadOnly && tx.Wall.Sub(row.SeenAt) >= touchEvery {
		idle, _ := lifetime(row.Kind)
		err = queries.TouchSession(ctx, tx, identitydb.TouchSessionParams{ID: row.SessionID, Now: tx.Wall, IdleUntil: tx.Wall.Add(idle)})
	}
	return p, err
}

// SignOut ends the session of the token; a token that is over already is fine.
func (s *Service) SignOut(ctx context.Context, tx *pg.Tx, token string) (err error) {
	defer fault.Wrap(&err, "identity.SignOut")
	row, err := queries.DeleteSessionByToken(ctx, tx, digest(token))
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.session.end", Object: "identity.session", ObjectID: row.ID, Person: row.AccountID,
	})
}

// Sessions lists the account's sessions that last, the latest used first. Permission: one's own account, or
// identity:manage. Errors: ErrForbidden.
func (s *Service) Sessions(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ []Session, err error) {
	defer fault.Wrap(&err, "identity.Sessions(%s)", account)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return nil, err
	}
	rows, err := queries.ListSessions(ctx, tx, identitydb.ListSessionsParams{AccountID: account, Now: tx.Wall})
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, 0, len(rows))
	for _, r := range rows {
		ip, err := s.encryption.OpenString(ctx, tx, account, sessionPlace(r.ID, "ip"), r.Ip)
		if err != nil {
			return nil, err
		}
		device := ""
		if r.Device != nil {
			if device, err = s.encryption.OpenString(ctx, tx, account, sessionPlace(r.ID, "device"), r.Device); err != nil {
				return nil, err
			}
		}
		sessions = append(sessions, Session{
			ID: r.ID, Methods: r.Methods, Level: int(r.Level), Device: parseDevice(device), IP: ip, Created: r.CreatedAt, Seen: r.SeenAt,
			Expires: r.ExpiresAt, Current: r.ID == tx.Actor.Session,
		})
	}
	return sessions, nil
}

// EndSession ends one session of an account, at once. Permission: one's own account, or identity:manage.
// Errors: ErrForbidden, ErrNotFound.
func (s *Service) EndSession(ctx context.Context, tx *pg.Tx, account, session uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.EndSession(%s, %s)", account, session)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return err
	}
	n, err := queries.DeleteSession(ctx, tx, identitydb.DeleteSessionParams{AccountID: account, ID: session})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.session.end", Object: "identity.session", ObjectID: session, Person: account,
	})
}

// EndOtherSessions ends all sessions of the account but the one that asks, at once, and says how many. Permission: one's
// own account, or identity:manage. Errors: ErrForbidden.
func (s *Service) EndOtherSessions(ctx context.Context, tx *pg.Tx, account uuid.UUID) (n int, err error) {
	defer fault.Wrap(&err, "identity.EndOtherSessions(%s)", account)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return 0, err
	}
	ended, err := queries.DeleteOtherSessions(ctx, tx, identitydb.DeleteOtherSessionsParams{AccountID: account, Keep: tx.Actor.Session})
	if err != nil {
		return 0, err
	}
	return int(ended), audit.Record(ctx, tx, audit.Entry{
		Action: "identity.session.end_others", Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"sessions": ended},
	})
}
