package identity

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/argon"
	"digit/internal/infra/identity/ldap"
	"digit/internal/infra/identity/oidc"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// CodeMessage is a one-time code to be sent.
type CodeMessage struct {
	Channel string // ChannelSMS or ChannelEmail
	Address string
	Code    string
	Lang    string
	Minutes int // how long the code is good
	// Visit says that whoever tells the code agrees that By, a member of staff, acts for them at a counter.
	Visit bool
	By    string
	Guest bool // for an application without an account
}

// CodeSender sends one-time codes with the transaction that made them; cmd/digit plugs notification in.
type CodeSender interface {
	SendCode(ctx context.Context, tx *pg.Tx, to CodeMessage) error
}

// Settings tells the tenant's languages and telephone region; tenancy is one.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Deps are what the module stands on.
type Deps struct {
	Encryption *encryption.Service
	Tenancy    Settings
	Codes      CodeSender
	Notices    NoticeSender     // where nil, owners are told of no changes
	Alerts     Alerter          // where nil, nobody is told
	Outbound   *outbound.Caller // calls providers and directories; to the public internet alone by default
	Rate       int              // calls a minute of one machine; 600 by default
	// Permissions are those of all modules, which the tenant's own policies may speak of.
	Permissions []string
}

// Service signs in and answers for permissions. It is safe for concurrent use.
type Service struct {
	encryption  *encryption.Service
	tenancy     Settings
	codes       CodeSender
	notices     NoticeSender
	alerts      Alerter
	permissions []string
	rate        int
	hasher      *argon.Hasher
	calls       *outbound.Caller
	oidc        *oidc.Client
	ldap        *ldap.Client
}

// machineRate is how often a machine may call in a minute where the operator says nothing: ten times a second.
const machineRate = 600

// New builds the module. It panics if a dependency is missing.
func New(deps Deps) *Service {
	if deps.Encryption == nil || deps.Tenancy == nil || deps.Codes == nil {
		panic("identity: Encryption, Tenancy and Codes are needed")
	}
	if deps.Outbound == nil {
		deps.Outbound = outbound.New(outbound.Options{})
	}
	if deps.Rate == 0 {
		deps.Rate = machineRate
	}
	return &Service{
		encryption: deps.Encryption, tenancy: deps.Tenancy, codes: deps.Codes, notices: deps.Notices, alerts: deps.Alerts, hasher: argon.New(hashesAtOnce),
		calls: deps.Outbound, oidc: oidc.New(deps.Outbound.Client()), ldap: ldap.New(deps.Outbound.Dial),
		permissions: deps.Permissions, rate: deps.Rate,
	}
}

// SweepArgs are the arguments of the job identity.sweep, which deletes codes, sessions and sign-ins that are over.
type SweepArgs struct {
	job.Tenant
}

// Kind names the job.
func (SweepArgs) Kind() string { return "identity.sweep" }

// Register adds the module's jobs: what is over is swept once a day for each tenant; providers are asked for their addresses
// and directories compared with the accounts every hour.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ SweepArgs) error { return sweep(ctx, tx) })
	job.Every(r, 24*time.Hour, SweepArgs{})
	job.Add(r, s.discoverAll)
	job.Every(r, discoverEvery, DiscoverArgs{})
	job.AddTx(r, s.syncAll)
	job.Every(r, syncEvery, SyncAllArgs{})
	job.Add(r, s.sync)
	job.AddTx(r, s.warnGrant)
	job.AddTx(r, s.warnMachine)
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, in EndEmergencyArgs) error {
		return s.EndEmergency(ctx, tx, in.Emergency)
	})
}

func namePlace(account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.account", Column: "name", Row: account}
}

func contactPlace(contact uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.contact", Column: "address", Row: contact}
}

func codePlace(code uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.code", Column: "address", Row: code}
}

func sessionPlace(session uuid.UUID, column string) encryption.Place {
	return encryption.Place{Table: "identity.session", Column: column, Row: session}
}

// addressIndexes are the indexes that an address may stand under, the one to store first.
func (s *Service) addressIndexes(ctx context.Context, tx *pg.Tx, a address) ([][]byte, error) {
	return s.encryption.BlindIndexes(ctx, tx, "identity.contact.address", a.key())
}

// lockIndexes lets those who ask for the same value wait for each other, whichever key made its index; in an order, so that
// nobody waits for one who waits for them.
func lockIndexes(ctx context.Context, tx *pg.Tx, indexes [][]byte) error {
	for _, index := range slices.SortedFunc(slices.Values(indexes), bytes.Compare) {
		if err := queries.LockAddress(ctx, tx, hex.EncodeToString(index)); err != nil {
			return err
		}
	}
	return nil
}
