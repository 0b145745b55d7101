package webhook_test

import (
	"errors"
	"testing"
	"time"

	"digit/internal/infra/platform/webhook"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	key, now, body := []byte("0123456789abcdef0123456789abcdef"), time.Unix(1_800_000_000, 0), []byte(`{"paid":true}`)
	good := webhook.Sign(key, "msg_1", now, body)

	rotated := good.Clone()
	rotated.Set(webhook.HeaderSignature, "v1,AAAA "+good.Get(webhook.HeaderSignature))
	renamed := good.Clone()
	renamed.Set(webhook.HeaderID, "msg_2")

	for name, c := range map[string]struct {
		header map[string][]string
		key    []byte
		at     time.Time
		body   string
		want   error
	}{
		"good":            {good, key, now, string(body), nil},
		"a bit late":      {good, key, now.Add(4 * time.Minute), string(body), nil},
		"two signatures":  {rotated, key, now, string(body), nil},
		"replayed late":   {good, key, now.Add(6 * time.Minute), string(body), webhook.ErrTimestamp},
		"from the future": {good, key, now.Add(-6 * time.Minute), string(body), webhook.ErrTimestamp},
		"other body":      {good, key, now, `{"paid":false}`, webhook.ErrUnsigned},
		"other id":        {renamed, key, now, string(body), webhook.ErrUnsigned},
		"other key":       {good, []byte("another key of thirty-two bytes!"), now, string(body), webhook.ErrUnsigned},
		"no key":          {good, nil, now, string(body), webhook.ErrUnsigned},
		"no headers":      {nil, key, now, string(body), webhook.ErrUnsigned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := webhook.Verify(c.key, c.header, c.at, []byte(c.body)); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}
