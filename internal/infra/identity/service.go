package identity

import (
	"bytes"
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/job"
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
	HTTP       *http.Client // for OpenID providers; one with a timeout by default
}

// Service signs in and answers for permissions. It is safe for concurrent use.
type Service struct {
	encryption *encryption.Service
	tenancy    Settings
	codes      CodeSender
	http       *http.Client

	mu   sync.Mutex
	keys map[string]*oidc.RemoteKeySet // of providers, by URL
}

// providerPatience is how long a sign-in waits for an OpenID provider.
const providerPatience = 10 * time.Second

// New builds the module. It panics if a dependency is missing.
func New(deps Deps) *Service {
	if deps.Encryption == nil || deps.Tenancy == nil || deps.Codes == nil {
		panic("identity: Encryption, Tenancy and Codes are needed")
	}
	if deps.HTTP == nil {
		deps.HTTP = &http.Client{Timeout: providerPatience}
	}
	return &Service{
		encryption: deps.Encryption, tenancy: deps.Tenancy, codes: deps.Codes, http: deps.HTTP, keys: map[string]*oidc.RemoteKeySet{},
	}
}

// SweepArgs are the arguments of the job identity.sweep, which deletes codes, sessions and sign-ins that are over.
type SweepArgs struct {
	job.Tenant
}

// Kind names the job.
func (SweepArgs) Kind() string { return "identity.sweep" }

// Register adds the module's job, once a day for each tenant.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ SweepArgs) error { return sweep(ctx, tx) })
	job.Every(r, 24*time.Hour, SweepArgs{})
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

func sessionPlace(session uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.session", Column: "ip", Row: session}
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
