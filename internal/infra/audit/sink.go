package audit

import (
	"context"
	"net/mail"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// The kinds of place outside that checkpoints are sent to.
const (
	SinkFile  = "file"
	SinkHTTPS = "https"
	SinkEmail = "email"
)

// Sink is a place outside. Files are the operator's alone to name.
type Sink struct {
	ID      uuid.UUID // uuid.Nil for the operator's
	Kind    string
	Address string // folder, URL or e-mail address
	Tenant  string // slug of the one tenant it is for; "" for all
	Since   time.Time
}

// Label tells a sink from others where it is listed; an e-mail address is masked.
func (s Sink) Label() string {
	if s.Kind != SinkEmail {
		return s.Address
	}
	name, host, _ := strings.Cut(s.Address, "@")
	return string([]rune(name)[:1]) + "•••@" + host
}

// ParseSink reads how an operator names a place: "file:/folder", "https://…" or "mailto:address", with "slug=" before it
// where it is for one tenant alone. Errors: ErrSink.
func ParseSink(text string) (s Sink, err error) {
	if slug, rest, ok := strings.Cut(text, "="); ok && !strings.ContainsAny(slug, ":/@") {
		s.Tenant, text = slug, rest
	}
	switch scheme, rest, _ := strings.Cut(text, ":"); scheme {
	case "file":
		s.Kind, s.Address = SinkFile, filepath.Clean(rest)
	case "mailto":
		s.Kind, s.Address = SinkEmail, rest
	default:
		s.Kind, s.Address = SinkHTTPS, text
	}
	return s, s.check()
}

// sinkTable and sinkColumn are where addresses of places outside are.
const (
	sinkTable  = "audit.sink"
	sinkColumn = "address"
)

// check refuses an address that is none. A plain http address is for this machine alone: everything else could be
// changed on its way.
func (s Sink) check() error {
	refuse := func(code string) error {
		return ErrSink.WithFields(fault.Field{Path: "address", Code: "audit.sink." + code})
	}
	switch s.Kind {
	case SinkFile:
		if !filepath.IsAbs(s.Address) {
			return refuse("file")
		}
	case SinkEmail:
		if a, err := mail.ParseAddress(s.Address); err != nil || a.Address != s.Address {
			return refuse("email")
		}
	default:
		u, err := url.Parse(s.Address)
		if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			return refuse("https")
		}
	}
	return nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// AddSink has the tenant's checkpoints sent to an e-mail address or a URL as well. Permission: audit:manage, which the
// page asks for; people and strangers are refused here too. Errors: ErrForbidden, ErrSink.
func (s *Service) AddSink(ctx context.Context, tx *pg.Tx, kind, address string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "audit.AddSink(%s)", kind)
	if !official(tx.Actor) {
		return uuid.Nil, ErrForbidden
	}
	sink := Sink{ID: id.New(), Kind: kind, Address: strings.TrimSpace(address)}
	if kind != SinkEmail && kind != SinkHTTPS {
		return uuid.Nil, ErrSink.WithFields(fault.Field{Path: "kind", Code: "audit.sink.kind"})
	}
	if err := sink.check(); err != nil {
		return uuid.Nil, err
	}
	sealed, err := s.deps.Keys.SealIn(ctx, tx, sinkTable, sinkColumn, sink.ID, []byte(sink.Address))
	if err != nil {
		return uuid.Nil, err
	}
	err = db.InsertSink(ctx, tx, auditdb.InsertSinkParams{ID: sink.ID, Kind: kind, Address: sealed, CreatedAt: tx.Now})
	if err != nil {
		return uuid.Nil, err
	}
	return sink.ID, Record(ctx, tx, Entry{Action: "audit.sink.add", Object: "audit.sink", ObjectID: sink.ID, Detail: map[string]any{"kind": kind}})
}

// RemoveSink stops sending the tenant's checkpoints to a place. What arrived there stays there. Permission: audit:manage,
// which the page asks for; people and strangers are refused here too. Errors: ErrForbidden, ErrNotFound.
func (s *Service) RemoveSink(ctx context.Context, tx *pg.Tx, sink uuid.UUID) (err error) {
	defer fault.Wrap(&err, "audit.RemoveSink(%s)", sink)
	if !official(tx.Actor) {
		return ErrForbidden
	}
	n, err := db.DeleteSink(ctx, tx, sink)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return Record(ctx, tx, Entry{Action: "audit.sink.remove", Object: "audit.sink", ObjectID: sink})
}

// sinks are the operator's places for this tenant and the tenant's own.
func (s *Service) sinks(ctx context.Context, tx *pg.Tx) (slug string, all []Sink, err error) {
	if slug, err = db.GetSlug(ctx, tx, tx.Tenant); err != nil {
		return "", nil, err
	}
	for _, sink := range s.deps.Sinks {
		if sink.Tenant == "" || sink.Tenant == slug {
			all = append(all, sink)
		}
	}
	found, err := db.ListSinks(ctx, tx)
	if err != nil {
		return "", nil, err
	}
	for _, f := range found {
		plain, err := s.deps.Keys.OpenIn(ctx, tx, sinkTable, sinkColumn, f.ID, f.Address)
		if err != nil {
			return "", nil, err
		}
		all = append(all, Sink{ID: f.ID, Kind: f.Kind, Address: string(plain), Since: f.CreatedAt})
	}
	return slug, all, nil
}

// SinkState is how a place outside stands.
type SinkState struct {
	Sink
	Tried   time.Time // last; zero where never
	Arrived time.Time // last; zero where never
	Size    int64     // of the checkpoint tried last
	Failure string    // code of what went wrong then; "" for nothing
}

// Sinks returns where the tenant's checkpoints are sent and how that went. Permission: audit:read, which the page asks for.
func (s *Service) Sinks(ctx context.Context, tx *pg.Tx) (_ []SinkState, err error) {
	defer fault.Wrap(&err, "audit.Sinks")
	_, all, err := s.sinks(ctx, tx)
	if err != nil {
		return nil, err
	}
	return sinkStates(ctx, tx, all)
}
