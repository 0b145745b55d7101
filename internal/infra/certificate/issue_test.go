package certificate_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/certificate"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestIssuedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.birth("CN-2026-000001")
	first := b.issue(in)
	in.Number, in.Claims = "CN-2026-000002", nil
	second := b.issue(in)
	if second.ID != first.ID || second.Number != "CN-2026-000001" || second.SDJWT != first.SDJWT || len(second.Claims) != 3 {
		t.Errorf("issued again for the same subject: %+v", second)
	}
	b.work()
	if diff := cmp.Diff([]string{"issued CN-2026-000001", "rendered " + first.ID.String()}, b.events); diff != "" {
		t.Error(diff)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.Credentials(ctx, tx, certificate.Filter{Holder: b.holder}, page.Request{})
		if len(p.Rows) != 1 || p.Rows[0].SDJWT != "" || p.Rows[0].Claims != nil || p.Rows[0].Title["en"] != "Birth certificate" {
			t.Errorf("%+v", p.Rows)
		}
		return err
	})
}

func TestClaimsAreToldApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, names := range [][]string{{"iss"}, {"exp"}, {"status"}, {"number"}, {"_sd"}, {"..."}, {""}, {"name", "name"}} {
		in := b.birth("CN-1")
		in.Claims = nil
		for _, n := range names {
			in.Claims = append(in.Claims, certificate.Claim{Name: n, Label: i18n.Text{"pt": n}, Value: "x", Shown: "x", Disclosable: true})
		}
		err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Issue(ctx, tx, in)
			return err
		})
		if !errors.Is(err, certificate.ErrClaim) {
			t.Errorf("%q: %v", names, err)
		}
	}
}

// TestSDJWT reads what was issued by RFC 9901 and the SD-JWT VC draft.
func TestSDJWT(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.birth("CN-2026-000001")
	in.ValidDays = 90
	c := b.issue(in)
	parts := strings.Split(c.SDJWT, "~")
	if len(parts) != 4 || parts[3] != "" {
		t.Fatalf("%d parts: %s", len(parts), c.SDJWT)
	}
	header, payload := b.checkJWS("dgrni", parts[0])
	if header["typ"] != "dc+sd-jwt" {
		t.Errorf("typ is %v", header["typ"])
	}
	digests, _ := payload["_sd"].([]any)
	var sd []string
	for _, d := range digests {
		sd = append(sd, d.(string))
	}
	if !slices.IsSorted(sd) || len(sd) != 2 || payload["_sd_alg"] != "sha-256" {
		t.Errorf("_sd is %v by %v", sd, payload["_sd_alg"])
	}
	got := map[string]any{}
	for _, d := range parts[1:3] {
		sum := sha256.Sum256([]byte(d))
		if !slices.Contains(sd, base64.RawURLEncoding.EncodeToString(sum[:])) {
			t.Errorf("the signed part does not know the disclosure %s", d)
		}
		var triple []any
		decode(t, d, &triple)
		if len(triple) != 3 || len(triple[0].(string)) < 22 {
			t.Errorf("%v", triple)
		}
		got[triple[1].(string)] = triple[2]
	}
	if diff := cmp.Diff(map[string]any{"full_name": "Dulce CANARIO <&>", "birth_date": "1990-05-17"}, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(string(mustRaw(t, strings.Split(parts[0], ".")[1])), "CANARIO") {
		t.Error("the signed part tells what can be left out")
	}
	if payload["register"] != "Praia 12" || payload["iss"] != site || payload["vct"] != site+"/vct/birth-certificate" || payload["jti"] != c.ID.String() {
		t.Errorf("%v", payload)
	}
	if iat := time.Unix(int64(payload["iat"].(float64)), 0).UTC(); !iat.Equal(c.IssuedAt.Truncate(24 * time.Hour)) {
		t.Errorf("iat is %s", iat)
	}
	if exp := time.Unix(int64(payload["exp"].(float64)), 0).UTC(); !exp.Equal(c.ExpiresAt.Truncate(time.Second)) {
		t.Errorf("exp is %s, not %s", exp, c.ExpiresAt)
	}
}

func mustRaw(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestContentIsSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.issue(b.birth("CN-1"))
	b.work()
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		for _, query := range []string{
			`SELECT count(*) FROM certificate.credential c WHERE position('CANARIO'::bytea IN content) > 0 OR c::text LIKE '%CANARIO%'`,
			`SELECT count(*) FROM document.chunk WHERE position('CANARIO'::bytea IN content) > 0`,
			`SELECT count(*) FROM platform.event e WHERE e::text LIKE '%CANARIO%'`,
			`SELECT count(*) FROM audit.entry e WHERE e::text LIKE '%CANARIO%'`,
		} {
			var n int
			if err := tx.QueryRow(ctx, query).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", query, n, err)
			}
		}
		return nil
	})
}

func TestOtherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue(b.birth("CN-1"))
	b.work()
	file := b.file(c.ID)
	b.tenant = pgtest.DemoTenant(t, b.db)
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Credential(ctx, tx, c.ID)
		return err
	})
	if !errors.Is(err, certificate.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	b.expect("number", "CN-1", certificate.OutcomeUnknown)
	b.expect("credential", c.SDJWT, certificate.OutcomeAltered)
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		v, err := b.VerifyFile(ctx, tx, file)
		if v.Outcome != certificate.OutcomeAltered {
			t.Errorf("the file is %s", v.Outcome)
		}
		return err
	})
}
