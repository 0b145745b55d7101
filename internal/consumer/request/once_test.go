package request_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/pg"
)

// once has Dulce's program send a whole request under a key.
func (b *bundle) once(key, name string) (r request.Request, err error) {
	return b.onceAs(b.person, key, name, func() {})
}

// onceAs is once for somebody, with something that happens while the request is taken in.
func (b *bundle) onceAs(person uuid.UUID, key, name string, meanwhile func()) (r request.Request, err error) {
	err = b.try(pg.Actor{ID: person, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) (err error) {
		r, err = b.Once(ctx, tx, person, key, []byte(name), func() (request.Request, error) {
			meanwhile()
			return b.whole(ctx, tx, person, name)
		})
		return err
	})
	return r, err
}

// whole starts, answers and submits a request in one unit of work.
func (b *bundle) whole(ctx context.Context, tx *pg.Tx, person uuid.UUID, name string) (request.Request, error) {
	r, err := b.Start(ctx, tx, person, "stall", "en")
	if err != nil {
		return r, err
	}
	looked, err := b.files.Inspect(ctx, "titulo.pdf", "", strings.NewReader(deed))
	if err != nil {
		return r, err
	}
	if _, err := b.Attach(ctx, tx, person, r.ID, "deed", looked); err != nil {
		return r, err
	}
	for page, posted := range map[string]map[string][]string{
		"who": {"name": {name}, "partner": {"no"}}, "place": {"place": {"CV-PR"}},
	} {
		if _, err := b.SavePage(ctx, tx, person, r.ID, page, "en", posted); err != nil {
			return r, err
		}
	}
	return b.Submit(ctx, tx, person, r.ID)
}

func TestOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.once("a-key", "Dulce")
	b.must(err)
	again, err := b.once("a-key", "Dulce")
	b.must(err)
	if again.ID != first.ID || again.Reference != first.Reference || again.Status != request.Submitted {
		t.Errorf("%s %s, then %s %s", first.ID, first.Reference, again.ID, again.Reference)
	}
	_, err = b.once("a-key", "Somebody else")
	b.want(err, request.ErrKeyReused)
	if other, err := b.once("another-key", "Dulce"); err != nil || other.ID == first.ID {
		t.Errorf("another key: %s, %v", other.ID, err)
	}
	if other, err := b.once("", "Dulce"); err != nil || other.ID == first.ID {
		t.Errorf("no key: %s, %v", other.ID, err)
	}
	nilton := b.register("sms", "9954321", "Nilton")
	if other, err := b.onceAs(nilton, "a-key", "Nilton", func() {}); err != nil || other.ID == first.ID {
		t.Errorf("another person's key of the same characters: %s, %v", other.ID, err)
	}
	for _, key := range []string{"a key", "chave-ã", "tab\t", strings.Repeat("x", 65)} {
		_, err := b.once(key, "Dulce")
		b.want(err, request.ErrKey)
	}
	if n := b.count("SELECT count(*) FROM request.key WHERE position('a-key' IN encode(key, 'escape') || encode(body, 'escape')) > 0"); n > 0 {
		t.Error("a key is stored as it was given")
	}
	b.travel(6 * 24 * time.Hour)
	if again, err := b.once("a-key", "Dulce"); err != nil || again.ID != first.ID {
		t.Errorf("after six days: %s, %v", again.ID, err)
	}
	b.travel(2 * 24 * time.Hour)
	if later, err := b.once("a-key", "Dulce"); err != nil || later.ID == first.ID {
		t.Errorf("after eight days: %s, %v", later.ID, err)
	}
}

// TestOnceAtOnce sends the same while it is being taken in, and many times beside each other.
func TestOnceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, err := b.onceAs(b.person, "k", "Dulce", func() {
		_, err := b.once("k", "Dulce")
		b.want(err, request.ErrKeyRunning)
	})
	b.must(err)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			r, err := b.once("many", "Dulce")
			if err != nil && !errors.Is(err, request.ErrKeyRunning) || err == nil && r.ID == first.ID {
				t.Errorf("%s, %v", r.ID, err)
			}
		})
	}
	all.Wait()
	if n := b.count("SELECT count(*) FROM request.request"); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

// TestOnceFailed leaves a key unused when nothing came of it.
func TestOnceFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.once("k", "") // the name is missing
	b.want(err, request.ErrIncomplete)
	if r, err := b.once("k", "Dulce"); err != nil || r.Status != request.Submitted {
		t.Errorf("mended: %s, %v", r.Status, err)
	}
	if n := b.count("SELECT count(*) FROM request.request"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
