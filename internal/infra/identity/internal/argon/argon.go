// Package argon hashes passwords with Argon2id, no more than a few at a time: each takes 19 MiB and tens of milliseconds
// of a core, and a storm of sign-ins must not take the machine down.
package argon

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"
)

// ErrBusy says that too many others waited before.
var ErrBusy = errors.New("argon: too many passwords are being checked")

// params are OWASP's for Argon2id (Password Storage Cheat Sheet). They stand in each hash, so that they can be raised.
var params = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Nobody is the hash of a password that nobody knows, to be checked where there is no account or no password: it costs
// what a real one costs.
const Nobody = "$argon2id$v=19$m=19456,t=2,p=1$YHolhvjR2AsaTagIAcYqFA$rdnisIYfSVdTogm+6vUy26FE7IaPQbIRfo6Rx+wtegY"

// patience is how long one waits for a turn.
const patience = 10 * time.Second

// Hasher takes turns. It is safe for concurrent use.
type Hasher struct{ turns chan struct{} }

// New returns a hasher that computes so many hashes at once.
func New(atOnce int) *Hasher { return &Hasher{turns: make(chan struct{}, atOnce)} }

// Hash returns the hash of a password with its salt and parameters. Errors: ErrBusy, those of ctx.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return argon2id.CreateHash(password, &params)
}

// Check reports whether the password is the one of the hash, and whether the hash was made with other parameters than a
// new one would be. Errors: ErrBusy, those of ctx, and for a text that is no hash.
func (h *Hasher) Check(ctx context.Context, password, hash string) (match, stale bool, err error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	match, made, err := argon2id.CheckHash(password, hash)
	return match, err == nil && *made != params, err
}

func (h *Hasher) turn(ctx context.Context) (done func(), err error) {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case h.turns <- struct{}{}:
		if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
			n.Add(1)
		}
		return func() { <-h.turns }, nil
	case <-wait.Done():
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, ErrBusy
	}
}

type countKey struct{}

// Count returns a context under which computations are counted, for tests.
func Count(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, countKey{}, n), n
}
