package certificate_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// TestOutsideJudge has the OpenWallet Foundation's SD-JWT library verify what we issue: as issued, with a claim left out,
// with a claim changed, and revoked, by our published keys and our status list alone. It fetches the library from npm, so
// it runs in CI and where DIGIT_OUTSIDE is set.
func TestOutsideJudge(t *testing.T) {
	t.Parallel()
	if os.Getenv("CI") == "" && os.Getenv("DIGIT_OUTSIDE") == "" {
		t.Skip("set DIGIT_OUTSIDE=1 to ask an outside library")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Fatal("npm is not installed, and this test was asked for")
	}
	b := setup(t)
	in := b.birth("CN-1")
	in.ValidDays = 90
	c, revoked := b.issue(in), b.issue(b.birth("CN-2"))
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Revoke(ctx, tx, revoked.ID, "por engano") })
	p := strings.Split(c.SDJWT, "~")
	jws := strings.Split(p[0], ".")
	_, payload := b.checkJWS("dgrni", p[0])
	uri := payload["status"].(map[string]any)["status_list"].(map[string]any)["uri"].(string)
	var triple []any
	decode(t, p[2], &triple)
	triple[2] = "2010-05-17"
	changed, err := json.Marshal(triple)
	if err != nil {
		t.Fatal(err)
	}
	younger := base64.RawURLEncoding.EncodeToString(changed)
	asked := map[string]any{"cases": map[string]string{
		"valid": c.SDJWT, "fewer": p[0] + "~" + p[2] + "~", "another claim": p[0] + "~" + younger + "~", "revoked": revoked.SDJWT,
		"altered": jws[0] + "." + flip(jws[1]) + "." + jws[2] + "~" + p[2] + "~",
	}}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		keys, err := b.keys.JWKS(ctx, tx, "dgrni")
		if err != nil {
			return err
		}
		asked["jwks"] = json.RawMessage(keys)
		asked["list"], err = b.StatusList(ctx, tx, uuid.MustParse(uri[strings.LastIndex(uri, "/")+1:]))
		return err
	})

	dir := t.TempDir()
	script, err := os.ReadFile(filepath.Join("testdata", "judge.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"judge.mjs": script, "asked.json": input} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	run := func(name string, args ...string) string {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = dir
		var said, complained strings.Builder
		cmd.Stdout, cmd.Stderr = &said, &complained
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s %v: %v\n%s%s", name, args, err, said.String(), complained.String())
		}
		return said.String()
	}
	run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "@sd-jwt/sd-jwt-vc@0.19.0", "@sd-jwt/crypto-nodejs@0.19.0")
	var answer map[string]struct {
		Valid  bool
		Why    string
		Claims []string
	}
	if err := json.Unmarshal([]byte(run("node", "judge.mjs")), &answer); err != nil {
		t.Fatal(err)
	}
	// A claim that nobody signed is dropped by the judge; ours refuses the whole, as RFC 9901 (7.1) asks.
	for name, want := range map[string]string{
		"valid": "birth_date full_name register", "fewer": "birth_date register", "another claim": "register", "altered": "", "revoked": "",
	} {
		got := answer[name]
		if got.Valid != (want != "") || strings.Join(got.Claims, " ") != want {
			t.Errorf("%s: %+v, want the claims %q", name, got, want)
		}
	}
}
