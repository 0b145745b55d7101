package certificate_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/test/outside"
)

// TestOutsideJudge has the OpenWallet Foundation's SD-JWT library verify what we issue: as issued, with a claim left out,
// with a claim changed, and revoked, by our published keys and our status list alone.
func TestOutsideJudge(t *testing.T) {
	t.Parallel()
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
		list, err := b.StatusList(ctx, tx, uuid.MustParse(uri[strings.LastIndex(uri, "/")+1:]))
		if err != nil {
			return err
		}
		keys, err := b.keys.JWKS(ctx, tx, "dgrni") // the list's own key is made with the first list, and is among them from then on
		asked["list"], asked["jwks"] = list, json.RawMessage(keys)
		return err
	})

	var answer map[string]struct {
		Valid  bool
		Why    string
		Claims []string
	}
	outside.Ask(t, "sdjwt.mjs", asked, &answer)
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
