package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"

	"github.com/riverqueue/river"
)

// PingArgs names the provider whose connection is tested.
type PingArgs struct {
	job.Tenant
	Provider string `json:"provider"`
}

// Kind is the job's name.
func (PingArgs) Kind() string { return "exchange.ping" }

// KeysArgs are those of the job that fetches the keys of a provider, or of all that publish them where Provider is "".
type KeysArgs struct {
	job.Tenant
	Provider string `json:"provider,omitempty"`
}

// Kind is the job's name.
func (KeysArgs) Kind() string { return "exchange.keys" }

const (
	keysEvery = 24 * time.Hour
	// keysAgain is how long keys are not fetched again for a signature by a key that is not known: strangers cause that.
	keysAgain = time.Minute
	// answerMost is how much of an answer to a test is read.
	answerMost = 64 << 10
)

// ping is what a provider is tested with; it answers it with anything, signed, under the same id.
type ping struct {
	Kind string    `json:"kind"` // ping
	At   time.Time `json:"at"`
}

// TestProvider has the connection to a provider tested: a job sends it a signed message and looks at its answer. Permission
// exchange:manage, which the page asks for. Errors: ErrForbidden, ErrProvider.
func (s *Service) TestProvider(ctx context.Context, tx *pg.Tx, code string) (err error) {
	defer fault.Wrap(&err, "exchange.TestProvider(%s)", code)
	if !official(tx) {
		return ErrForbidden
	}
	if _, err := getProvider(ctx, tx, code); err != nil {
		return err
	}
	if err := setProviderTest(ctx, tx, code, Test{Result: TestRunning}); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, &PingArgs{Provider: code}); err != nil {
		return err
	}
	return recordProvider(ctx, tx, "test", code, nil)
}

// ping tests a connection once and keeps how it went.
func (s *Service) ping(ctx context.Context, db *pg.DB, j *river.Job[PingArgs]) (err error) {
	defer fault.Wrap(&err, "exchange.ping(%s)", j.Args.Provider)
	problem := s.fetchKeys(ctx, db, job.Scope(j), j.Args.Provider)
	detail := ""
	if problem == "" {
		problem, detail, err = s.knock(ctx, db, j)
		if err != nil {
			return err
		}
	}
	t := Test{Result: TestOK, Problem: problem, Detail: detail}
	if problem != "" {
		t.Result = TestFailed
	}
	return db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error { return setProviderTest(ctx, tx, j.Args.Provider, t) })
}

// knock sends the test message and says what is wrong with the answer, "" for nothing.
func (s *Service) knock(ctx context.Context, db *pg.DB, j *river.Job[PingArgs]) (problem, detail string, err error) {
	var out outgoing
	var p Provider
	var site string
	var keys []encryption.OutsideKey
	message := id.New().String()
	err = db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		if p, err = getProvider(ctx, tx, j.Args.Provider); err != nil {
			return err
		}
		if keys, err = believedKeys(ctx, tx, p.Code); err != nil {
			return err
		}
		if site, err = s.Site(ctx, tx); err != nil {
			return err
		}
		if out.body, err = json.Marshal(ping{Kind: "ping", At: tx.Wall}); err != nil {
			return err
		}
		out.url = p.Endpoint
		out.header, err = s.signed(ctx, tx, p, message, out.body)
		return err
	})
	if err != nil {
		return "", "", err
	}
	if len(keys) == 0 {
		return ProblemKeys, "", nil
	}
	status, header, body, err := s.call(ctx, &out)
	switch {
	case errors.Is(err, outbound.ErrAddress), errors.Is(err, outbound.ErrScheme):
		return ProblemAddress, "", nil
	case err != nil:
		return ProblemUnreachable, "", nil
	case status/100 != 2:
		return ProblemStatus, "HTTP " + strconv.Itoa(status), nil
	}
	said, err := verify(keys, header, p.Code, site, clock.Now(), body)
	switch {
	case errors.Is(err, errUnsigned):
		problem = ProblemUnsigned
	case errors.Is(err, errSignature):
		problem = ProblemSignature
	case errors.Is(err, errTime):
		problem = ProblemTime
	case err != nil || said != message:
		problem = ProblemClaims
	}
	return problem, "", nil
}

// call posts a message and reads the answer.
func (s *Service) call(ctx context.Context, o *outgoing) (status int, header http.Header, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url, bytes.NewReader(o.body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = o.header
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.deps.Client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, answerMost))
	return resp.StatusCode, resp.Header, body, err
}

// fetchAll fetches the keys of one provider, or of all, each by itself.
func (s *Service) fetchAll(ctx context.Context, db *pg.DB, j *river.Job[KeysArgs]) (err error) {
	defer fault.Wrap(&err, "exchange.keys")
	codes := []string{j.Args.Provider}
	if j.Args.Provider == "" {
		codes = nil
		err := db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error {
			all, err := listProviders(ctx, tx)
			for _, p := range all {
				codes = append(codes, p.Code)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, code := range codes { // one that is away keeps its keys: the next day asks again
		s.fetchKeys(ctx, db, job.Scope(j), code)
	}
	return nil
}

// fetchKeys takes the keys that a provider publishes, where it does, in place of those it published before. It says what is
// wrong, "" for nothing.
func (s *Service) fetchKeys(ctx context.Context, db *pg.DB, scope pg.Scope, code string) (problem string) {
	var p Provider
	err := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = getProvider(ctx, tx, code)
		return err
	})
	if err != nil || p.JWKS == "" {
		return ""
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.JWKS, nil)
	if err != nil {
		return ProblemKeys
	}
	resp, err := s.deps.Client.Do(req)
	if err != nil {
		return ProblemKeys
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerMost))
	if err != nil || resp.StatusCode != http.StatusOK {
		return ProblemKeys
	}
	keys, err := encryption.OutsideKeys(text)
	if err != nil {
		return ProblemKeys
	}
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return s.keepFetched(ctx, tx, code, keys) })
	if err != nil {
		return ProblemKeys
	}
	return ""
}

func (s *Service) keepFetched(ctx context.Context, tx *pg.Tx, code string, keys []encryption.OutsideKey) error {
	var kept []string
	for _, k := range keys {
		kept = append(kept, k.ID)
		if err := putProviderKey(ctx, tx, code, k, true); err != nil {
			return err
		}
	}
	if err := dropFetchedKeys(ctx, tx, code, kept); err != nil {
		return err
	}
	return noteFetched(ctx, tx, code)
}
