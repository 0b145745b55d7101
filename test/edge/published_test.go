package edge

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"digit/cmd/digit/app"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// asked is a signed text and where the keys are that somebody outside verifies it by.
type asked struct {
	Text string `json:"text"`
	JWKS string `json:"jwks,omitempty"`
	DID  string `json:"did,omitempty"`
}

// judged is what a library by others found.
type judged struct{ Says, Key, Why string }

// jose has npm's jose verify signed texts by what is published. Where it is not installed the test is skipped, except in
// continuous integration and where DIGIT_OUTSIDE is set.
func jose(t *testing.T, questions map[string]asked) (answers map[string]judged) {
	t.Helper()
	here := filepath.Join("..", "outside")
	program, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(here, "node_modules", "jose"))
	}
	if err != nil {
		if os.Getenv("CI") != "" || os.Getenv("DIGIT_OUTSIDE") != "" {
			t.Fatalf("%v: run make needs", err)
		}
		t.Skipf("%v: run make needs", err)
	}
	in, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "jose.mjs")
	cmd.Dir, cmd.Stdin = here, bytes.NewReader(in)
	var complained bytes.Buffer
	cmd.Stderr = &complained
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complained.String())
	}
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return answers
}

// TestPublishedKeysVerifyOutside signs for another system and lets a library by others verify it by the published keys: as a
// JWK Set and by the did:web identifier, of the agency and of the state. What was signed goes on verifying when the key is
// changed, the next key is published before it signs, and nothing verifies by the keys of another agency or once altered.
func TestPublishedKeysVerifyOutside(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{KeyTimes: shortTimes})
	tenant, machine := h.tenant(t, "cv"), h.system(t)
	var failed, made atomic.Int64
	w := &traveller{doors: []*client{machine}, failed: &failed, made: &made}
	sign := func() string {
		return w.api(t, "sign", "jws", map[string]string{"payload": base64.StdEncoding.EncodeToString([]byte("paid"))})
	}
	signer := encryption.Signer{Owner: "dgrni", Use: encryption.UseExchange}
	step := func(work func(context.Context, *pg.Tx) error) {
		t.Helper()
		if err := h.as(t, tenant, work); err != nil {
			t.Fatal(err)
		}
	}
	before := sign()
	published := func() int { return strings.Count(h.visitor(t).get("/.well-known/jwks/dgrni.json").body, `"kid"`) }
	had := published()
	step(func(ctx context.Context, tx *pg.Tx) error { return h.Encryption.RotateSigning(ctx, tx, signer) })
	if during := sign(); encryption.KeyID(during) != encryption.KeyID(before) {
		t.Error("a key signs as soon as it is published")
	}
	if now := published(); now != had+1 {
		t.Errorf("%d keys are published after %d: the next is not among them", now, had)
	}
	time.Sleep(2 * shortTimes.Publish)
	step(h.Encryption.Tend)
	after := sign()
	if encryption.KeyID(after) == encryption.KeyID(before) {
		t.Error("the key did not change")
	}

	state := "did:web:" + strings.ReplaceAll(strings.TrimPrefix(h.URL, "http://"), ":", "%3A")
	all, ours, others := h.URL+"/.well-known/jwks.json", h.URL+"/.well-known/jwks/dgrni.json", h.URL+"/.well-known/jwks/cmp.json"
	parts := strings.Split(after, ".")
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte("void"))
	answers := jose(t, map[string]asked{
		"state's keys, old": {Text: before, JWKS: all}, "state's keys": {Text: after, JWKS: all},
		"agency's keys, old": {Text: before, JWKS: ours}, "agency's keys": {Text: after, JWKS: ours},
		"state's identifier, old": {Text: before, DID: state}, "state's identifier": {Text: after, DID: state},
		"agency's identifier, old": {Text: before, DID: state + ":agencies:dgrni"}, "agency's identifier": {Text: after, DID: state + ":agencies:dgrni"},
		"no: another agency's keys": {Text: after, JWKS: others}, "no: another agency's identifier": {Text: after, DID: state + ":agencies:cmp"},
		"no: altered": {Text: strings.Join(parts, "."), JWKS: all},
	})
	if len(answers) != 11 {
		t.Errorf("%d answers", len(answers))
	}
	for name, a := range answers {
		if believed := a.Says == "paid"; believed == strings.HasPrefix(name, "no: ") {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
