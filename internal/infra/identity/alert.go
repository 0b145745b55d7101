package identity

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// What people are told of by message.
const (
	AlertEmergency   = "emergency"         // somebody took a role in an emergency: name, role, agency, until
	AlertGrantEnds   = "grant_ends"        // a role ends tomorrow, to its holder: role, agency, until
	AlertGrantGiven  = "grant_given"       // the same, to whoever gave it: name, role, agency, until
	AlertInvitation  = "delegation"        // somebody wants to be represented: name
	AlertAccepted    = "delegation_active" // … and the other has accepted: name
	AlertEnded       = "delegation_ended"  // … and one of them has ended it: name
	AlertVisit       = "visit"             // somebody acts for them at a counter on a signed paper: name
	AlertMachineEnds = "machine_ends"      // a machine's access ends soon: name, until
	AlertSync        = "sync"              // a directory would shut out so many that somebody must say so: n, of, directory

	AlertEmergencyAccount = "emergency_account" // an emergency account signed in here: name
)

// Alert is a message to be written and sent. Args are for its text: a role is its name (i18n.Text), an agency its code, until a time
// of the tenant's clock, or of the machine's for a machine.
type Alert struct {
	Kind    string    // AlertEmergency, …
	Account uuid.UUID // whose message it is; uuid.Nil for an address that may be nobody's
	Staff   bool
	Channel string // ChannelSMS or ChannelEmail
	Address string
	Lang    string
	Args    map[string]any
	Once    string // a message with the same key is sent once
}

// Alerter sends alerts with the transaction in which it happened; cmd/digit plugs notification in.
type Alerter interface {
	SendAlert(ctx context.Context, tx *pg.Tx, a Alert) error
}

// alert tells an account at one of its addresses, the first that it has proved if there is one, by e-mail rather than by telephone.
func (s *Service) alert(ctx context.Context, tx *pg.Tx, account uuid.UUID, a Alert) error {
	if s.alerts == nil {
		return nil
	}
	owner, err := queries.GetAccount(ctx, tx, account)
	if err != nil {
		return err
	}
	contacts, err := s.contacts(ctx, tx, account)
	if err != nil || len(contacts[account]) == 0 {
		return err
	}
	best := contacts[account][0]
	for _, c := range contacts[account] {
		if rank(c) > rank(best) {
			best = c
		}
	}
	a.Account, a.Staff, a.Lang, a.Channel, a.Address = account, owner.Kind == KindStaff, owner.Lang, best.Channel, best.Address
	if a.Once != "" {
		a.Once += ":" + account.String()
	}
	return s.alerts.SendAlert(ctx, tx, a)
}

func rank(c Contact) (n int) {
	if c.Verified {
		n += 2
	}
	if c.Channel == ChannelEmail {
		n++
	}
	return n
}

// alertHolders tells everybody who has one of the permissions where it counts for the agency, but for one account.
func (s *Service) alertHolders(ctx context.Context, tx *pg.Tx, agency string, permissions []string, but uuid.UUID, a Alert) error {
	if s.alerts == nil {
		return nil
	}
	rows, err := queries.ListHoldersOf(ctx, tx, identitydb.ListHoldersOfParams{Agency: agency, Permissions: permissions, Now: tx.Now})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.ID == but {
			continue
		}
		if err := s.alert(ctx, tx, row.ID, a); err != nil {
			return err
		}
	}
	return nil
}

// grantWarning is how long before its end a role's holder and its giver are told.
const grantWarning = 24 * time.Hour

// WarnGrantArgs are the arguments of the job identity.warn_grant, which tells holder and giver that a role ends tomorrow.
type WarnGrantArgs struct {
	job.Tenant
	Grant uuid.UUID `json:"grant"`
	Until time.Time `json:"until"`
}

// Kind names the job.
func (WarnGrantArgs) Kind() string { return "identity.warn_grant" }

// watchGrant has holder and giver warned before the end of a role; one that ends within the day was given knowing that.
func watchGrant(ctx context.Context, tx *pg.Tx, grant uuid.UUID, until *time.Time) error {
	if until == nil || until.Sub(tx.Now) <= grantWarning {
		return nil
	}
	return tx.At(ctx, until.Add(-grantWarning), "identity.warn_grant:"+grant.String(), WarnGrantArgs{Grant: grant, Until: *until})
}

// warnGrant warns of a role that still ends then.
func (s *Service) warnGrant(ctx context.Context, tx *pg.Tx, in WarnGrantArgs) (err error) {
	defer fault.Wrap(&err, "identity.warnGrant(%s)", in.Grant)
	row, err := queries.GetGrantTime(ctx, tx, in.Grant)
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if row.ValidUntil == nil || !row.ValidUntil.Equal(in.Until.Truncate(time.Microsecond)) {
		return nil
	}
	holder, err := s.Name(ctx, tx, row.AccountID)
	if err != nil {
		return err
	}
	role, err := queries.GetRole(ctx, tx, row.Role)
	if err != nil {
		return err
	}
	called := i18n.Text{}
	if err := json.Unmarshal(role.Name, &called); err != nil {
		return err
	}
	args := map[string]any{"name": holder, "role": called, "agency": row.Agency, "until": *row.ValidUntil}
	once := "identity.grant:" + in.Grant.String() + ":" + in.Until.Format(time.RFC3339)
	if err := s.alert(ctx, tx, row.AccountID, Alert{Kind: AlertGrantEnds, Args: args, Once: once}); err != nil {
		return err
	}
	if row.GrantedBy == nil || *row.GrantedBy == row.AccountID {
		return nil
	}
	return s.alert(ctx, tx, *row.GrantedBy, Alert{Kind: AlertGrantGiven, Args: args, Once: once})
}

func reasonPlace(emergency uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.emergency", Column: "reason", Row: emergency}
}
