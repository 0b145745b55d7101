// Package webhook signs and checks messages between systems over HTTP by the Standard Webhooks scheme
// (https://www.standardwebhooks.com): three headers, HMAC-SHA256 over id, time and body.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed message.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// Tolerance is how old, or how far in the future, a message may be.
const Tolerance = 5 * time.Minute

// What Verify refuses.
var (
	ErrUnsigned  = errors.New("webhook: not signed with this key")
	ErrTimestamp = errors.New("webhook: too old or from the future")
)

// Sign returns the headers for body: id names the message for all its deliveries, at is the machine's time.
func Sign(key []byte, id string, at time.Time, body []byte) http.Header {
	ts := strconv.FormatInt(at.Unix(), 10)
	h := http.Header{}
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, ts)
	h.Set(HeaderSignature, "v1,"+base64.StdEncoding.EncodeToString(mac(key, id, ts, body)))
	return h
}

// Verify checks body against its headers and returns the message's id. A header may hold several signatures, as
// during a change of keys; one that fits is enough. Errors: ErrUnsigned, ErrTimestamp.
func Verify(key []byte, h http.Header, now time.Time, body []byte) (id string, err error) {
	id, ts := h.Get(HeaderID), h.Get(HeaderTimestamp)
	if id == "" || len(key) == 0 {
		return "", ErrUnsigned
	}
	want := mac(key, id, ts, body)
	for _, sig := range strings.Fields(h.Get(HeaderSignature)) {
		text, ok := strings.CutPrefix(sig, "v1,")
		got, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil || !hmac.Equal(got, want) {
			continue
		}
		sec, err := strconv.ParseInt(ts, 10, 64)
		if err != nil || now.Sub(time.Unix(sec, 0)).Abs() > Tolerance {
			return "", ErrTimestamp
		}
		return id, nil
	}
	return "", ErrUnsigned
}

func mac(key []byte, id, ts string, body []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + ts + "."))
	m.Write(body)
	return m.Sum(nil)
}
