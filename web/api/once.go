package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"digit/internal/consumer/request"
)

// idempotencyKey returns the key under which a program may send the same once more without a second request coming of it;
// nothing where it gave none. The header is a string of RFC 8941 (in quotes); the bare characters that many programs send
// are taken as well. (draft-ietf-httpapi-idempotency-key-header.) Errors: request.ErrKey.
func idempotencyKey(h http.Header) (string, error) {
	values := h.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := strings.TrimSpace(values[0])
	if inner, quoted := strings.CutPrefix(key, `"`); quoted {
		inner, closed := strings.CutSuffix(inner, `"`)
		if !closed || strings.ContainsAny(inner, `"\`) {
			return "", request.ErrKey
		}
		key = inner
	}
	if key == "" || len(values) > 1 {
		return "", request.ErrKey
	}
	return key, nil
}

// canonical writes what was asked in one way, whatever the order and the spaces it came with.
func canonical(in newRequest) ([]byte, error) {
	var answers any
	if len(in.Answers) > 0 {
		d := json.NewDecoder(bytes.NewReader(in.Answers))
		d.UseNumber() // a long number stays what it is
		if err := d.Decode(&answers); err != nil {
			return nil, err
		}
	}
	return json.Marshal([]any{in.Service, in.Lang, answers})
}
