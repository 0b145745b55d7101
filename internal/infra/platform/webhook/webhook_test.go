package webhook_test

import (
	"encoding/base64"
	"errors"
	"strings"
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

	bare := good.Clone()
	bare.Set(webhook.HeaderSignature, strings.TrimPrefix(good.Get(webhook.HeaderSignature), "v1,"))
	newer := good.Clone()
	newer.Set(webhook.HeaderSignature, strings.Replace(good.Get(webhook.HeaderSignature), "v1,", "v2,", 1))
	odd := good.Clone()
	odd.Set(webhook.HeaderTimestamp, "1800000000.0")

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
		"no version":      {bare, key, now, string(body), webhook.ErrUnsigned},
		"other version":   {newer, key, now, string(body), webhook.ErrUnsigned},
		"other time":      {odd, key, now, string(body), webhook.ErrUnsigned},
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

// TestSpecification holds the scheme to the example of https://www.standardwebhooks.com, which others sign by too.
func TestSpecification(t *testing.T) {
	t.Parallel()
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)).Get(webhook.HeaderSignature)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
