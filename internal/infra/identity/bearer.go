package identity

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// TokenLife is how long an access token is good.
const TokenLife = 10 * time.Minute

// Token is an access token (RFC 6749), to be shown as a bearer's (RFC 6750).
type Token struct {
	Text    string
	Expires time.Duration // from now
	Scope   []string
}

// IssueToken changes a client's secret for an access token with the scopes asked for, all of its own where none are. Anybody may call
// it. Errors: ErrClient, ErrScope, ErrRate; a refusal for too many calls keeps its count (pg.Keep).
func (s *Service) IssueToken(ctx context.Context, tx *pg.Tx, client, secret string, scope []string) (_ Token, err error) {
	defer fault.Wrap(&err, "identity.IssueToken")
	machine, err := uuid.Parse(client)
	if err != nil {
		return Token{}, ErrClient
	}
	row, err := queries.GetClient(ctx, tx, identitydb.GetClientParams{MachineID: machine, SecretHash: digest(secret), Now: tx.Wall})
	if pg.NotFound(err) || err == nil && (row.RevokedAt != nil || !tx.Wall.Before(row.ExpiresAt)) {
		return Token{}, ErrClient
	}
	if err != nil {
		return Token{}, err
	}
	calls, err := queries.CountCall(ctx, tx, identitydb.CountCallParams{MachineID: machine, Now: tx.Wall})
	if err != nil {
		return Token{}, err
	}
	if err := s.limit(int(calls), tx.Wall); err != nil {
		return Token{}, pg.Keep(err)
	}
	if len(scope) == 0 {
		scope = row.Permissions
	}
	for _, permission := range scope {
		if !slices.Contains(row.Permissions, permission) {
			return Token{}, ErrScope.With("scope", permission)
		}
	}
	t := Token{Text: tokenMark + id.Token(secretBytes), Expires: TokenLife, Scope: scope}
	err = queries.InsertToken(ctx, tx, identitydb.InsertTokenParams{
		TokenHash: digest(t.Text), MachineID: machine, Permissions: scope, ExpiresAt: tx.Wall.Add(TokenLife),
	})
	if err != nil {
		return Token{}, err
	}
	before := tx.Actor // it is the machine that acts
	defer func() { tx.Actor = before }()
	tx.Actor.ID, tx.Actor.Kind = machine, KindMachine
	return t, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.machine.token", Object: "identity.machine", ObjectID: machine, Detail: map[string]any{"scope": scope},
	})
}

// Bearer returns the machine that shows a key or an access token (RFC 6750), with what it may, and counts the call, in one query. It needs
// a transaction that writes. Errors: ErrBearer, ErrRate; the refusal for too many calls keeps its count (pg.Keep).
func (s *Service) Bearer(ctx context.Context, tx *pg.Tx, shown string) (_ Principal, err error) {
	defer fault.Wrap(&err, "identity.Bearer")
	if !strings.HasPrefix(shown, keyMark) && !strings.HasPrefix(shown, tokenMark) {
		return Principal{}, ErrBearer
	}
	raw, err := queries.CallMachine(ctx, tx, identitydb.CallMachineParams{Hash: digest(shown), Now: tx.Wall, TenantNow: tx.Now})
	if err != nil {
		return Principal{}, err
	}
	var call *struct {
		ID          uuid.UUID `json:"id"`
		Name        string    `json:"name"`
		Agency      string    `json:"agency"`
		Permissions []string  `json:"permissions"`
		Expires     time.Time `json:"expires"`
		Calls       int       `json:"calls"`
		Standing    standing  `json:"standing"`
	}
	if err := json.Unmarshal(raw, &call); err != nil {
		return Principal{}, err
	}
	if call == nil {
		return Principal{}, ErrBearer
	}
	if err := s.limit(call.Calls, tx.Wall); err != nil {
		return Principal{}, pg.Keep(err)
	}
	call.Standing.Grants = []Grant{{ID: call.ID, Agency: call.Agency, Permissions: call.Permissions}}
	p := Principal{Account: call.ID, Kind: KindMachine, Name: call.Name, Expires: call.Expires}
	err = call.Standing.give(&p, tx.Now)
	return p, err
}

// limit refuses what is too much in one minute of the machine's clock, and says when the next begins.
func (s *Service) limit(calls int, wall time.Time) error {
	if calls <= s.rate {
		return nil
	}
	next := wall.Truncate(time.Minute).Add(time.Minute)
	return ErrRate.With("limit", s.rate, fault.RetryAfter, int(next.Sub(wall).Seconds())+1)
}

// sweepMachines deletes what is over of machines: counts, tokens, and secrets that were replaced a month ago.
func sweepMachines(ctx context.Context, tx *pg.Tx) error {
	if _, err := queries.DeleteOldUse(ctx, tx, tx.Wall.Add(-sweepAfter)); err != nil {
		return err
	}
	if _, err := queries.DeleteOldTokens(ctx, tx, tx.Wall); err != nil {
		return err
	}
	before := tx.Wall.Add(-secretSweep)
	_, err := queries.DeleteOldSecrets(ctx, tx, &before)
	return err
}
