package certificate_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
)

// flip changes one character of a text's middle.
func flip(text string) string {
	i := len(text) / 2
	c := byte('A')
	if text[i] == c {
		c = 'B'
	}
	return text[:i] + string(c) + text[i+1:]
}

func TestSelectiveDisclosure(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c, other := b.issue(b.birth("CN-1")), b.issue(b.birth("CN-2"))
	p := strings.Split(c.SDJWT, "~")
	jws, name, date := p[0], p[1], p[2]
	sig := strings.Split(jws, ".")

	b.expect("as issued", c.SDJWT, certificate.OutcomeValid, "full_name", "birth_date", "register")
	b.expect("one left out", jws+"~"+date+"~", certificate.OutcomeValid, "birth_date", "register")
	b.expect("all left out", jws+"~", certificate.OutcomeValid, "register")
	b.expect("in another order", jws+"~"+date+"~"+name+"~", certificate.OutcomeValid, "full_name", "birth_date", "register")
	b.expect("from a letter", "  "+c.SDJWT+"\n", certificate.OutcomeValid, "full_name", "birth_date", "register")

	var triple []any
	decode(t, date, &triple)
	triple[2] = "2010-05-17"
	younger, err := json.Marshal(triple)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"a claim changed":      jws + "~" + base64.RawURLEncoding.EncodeToString(younger) + "~",
		"a claim flipped":      jws + "~" + flip(date) + "~",
		"somebody else's":      jws + "~" + strings.Split(other.SDJWT, "~")[1] + "~",
		"the same twice":       jws + "~" + date + "~" + date + "~",
		"an empty one":         jws + "~~",
		"the payload flipped":  sig[0] + "." + flip(sig[1]) + "." + sig[2] + "~" + date + "~",
		"the header flipped":   flip(sig[0]) + "." + sig[1] + "." + sig[2] + "~" + date + "~",
		"the signature":        sig[0] + "." + sig[1] + "." + flip(sig[2]) + "~" + date + "~",
		"without signature":    sig[0] + "." + sig[1] + ".~" + date + "~",
		"the other's payload":  sig[0] + "." + strings.Split(other.SDJWT, ".")[1] + "." + sig[2] + "~",
		"no algorithm":         base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"dc+sd-jwt"}`)) + "." + sig[1] + ".~",
		"not signed by anyone": "YQ.YQ.YQ~",
	} {
		b.expect(what, text, certificate.OutcomeAltered)
	}
	for what, text := range map[string]string{"nothing": "", "a word": "hello", "a tilde": "~", "a number of nobody": "CN-3", "letters": strings.Repeat("x~", 5000)} {
		b.expect(what, text, certificate.OutcomeUnknown)
	}
}

func TestCodeOnThePaper(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue(b.birth("CN-1"))
	var url string
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		url, err = b.VerifyURL(ctx, tx, c)
		return err
	})
	code, ok := strings.CutPrefix(url, site+"/verify/")
	if !ok || strings.Contains(url, "CANARIO") || len(url) > 500 {
		t.Errorf("the address is %s", url)
	}
	all := []string{"full_name", "birth_date", "register"}
	b.expect("the address", url, certificate.OutcomeValid, all...)
	b.expect("the code", code, certificate.OutcomeValid, all...)
	b.expect("with what a mail program hangs on", url+"?utm_source=mail#top", certificate.OutcomeValid, all...)
	b.expect("at another host", "http://elsewhere.example/verify/"+code, certificate.OutcomeValid, all...)
	b.expect("flipped", flip(code), certificate.OutcomeAltered)

	signAs := func(use encryption.Use, owner, typ string, credential uuid.UUID) (text string) {
		b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
			text, err = b.keys.Sign(ctx, tx, encryption.Signer{Owner: owner, Use: use}, map[string]any{"typ": typ}, []byte(`{"jti":"`+credential.String()+`"}`))
			return err
		})
		return text
	}
	sign := func(owner, typ string, credential uuid.UUID) string {
		return signAs(encryption.UseCredential, owner, typ, credential)
	}
	b.expect("with the key for another use", signAs(encryption.UseStatus, "dgrni", "certificate-code+jwt", c.ID), certificate.OutcomeAltered)
	b.expect("made anew by the same agency", sign("dgrni", "certificate-code+jwt", c.ID), certificate.OutcomeValid, all...)
	b.expect("by another agency", sign("cmp", "certificate-code+jwt", c.ID), certificate.OutcomeAltered)
	b.expect("another thing the agency signs", sign("dgrni", "receipt+jwt", c.ID), certificate.OutcomeAltered)
	b.expect("a code as credential", sign("dgrni", "certificate-code+jwt", c.ID)+"~", certificate.OutcomeAltered)
	b.expect("a credential as code", strings.Split(c.SDJWT, "~")[0], certificate.OutcomeAltered)
	b.expect("of nothing", sign("dgrni", "certificate-code+jwt", id.New()), certificate.OutcomeUnknown)
	b.expect("the number alone", " cn-1 ", certificate.OutcomeValid)
	if v := b.verify("CN-1"); v.Title["pt"] != "Certidão de nascimento" || v.Claims != nil {
		t.Errorf("%+v", v)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.birth("CN-1")
	in.ValidDays = 30
	c, untouched := b.issue(in), b.issue(b.birth("CN-2"))
	_, payload := b.checkJWS("dgrni", strings.Split(c.SDJWT, "~")[0])
	ref := payload["status"].(map[string]any)["status_list"].(map[string]any)
	_, otherPayload := b.checkJWS("dgrni", strings.Split(untouched.SDJWT, "~")[0])
	otherIndex := int(otherPayload["status"].(map[string]any)["status_list"].(map[string]any)["idx"].(float64))
	index, uri := int(ref["idx"].(float64)), ref["uri"].(string)
	list, err := uuid.Parse(strings.TrimPrefix(uri, site+"/status/"))
	if err != nil {
		t.Fatal(uri, err)
	}
	change := func(do func(context.Context, *pg.Tx, uuid.UUID, string) error, reason string) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, c.ID, reason) })
	}
	check := func(what string, outcome certificate.Outcome, bit byte) {
		t.Helper()
		if v := b.verify(c.SDJWT); v.Outcome != outcome {
			t.Errorf("%s: %s, not %s", what, v.Outcome, outcome)
		}
		if v := b.verify("CN-1"); v.Outcome != outcome {
			t.Errorf("%s, by number: %s, not %s", what, v.Outcome, outcome)
		}
		raw := b.statusList(list, uri)
		if got := raw[index/4] >> (index % 4 * 2) & 3; got != bit {
			t.Errorf("%s: the status list says %d, not %d", what, got, bit)
		}
		if got := raw[otherIndex/4] >> (otherIndex % 4 * 2) & 3; got != 0 {
			t.Errorf("%s: the status list says %d of the other", what, got)
		}
	}
	check("issued", certificate.OutcomeValid, 0)
	if err := change(b.Suspend, "  "); !errors.Is(err, certificate.ErrReason) {
		t.Errorf("without a reason: %v", err)
	}
	for _, step := range []struct {
		what    string
		do      func(context.Context, *pg.Tx, uuid.UUID, string) error
		outcome certificate.Outcome
		bit     byte
		err     error
	}{
		{"suspended", b.Suspend, certificate.OutcomeSuspended, 2, nil},
		{"suspended again", b.Suspend, certificate.OutcomeSuspended, 2, nil},
		{"restored", b.Restore, certificate.OutcomeValid, 0, nil},
		{"revoked", b.Revoke, certificate.OutcomeRevoked, 1, nil},
		{"revoked again", b.Revoke, certificate.OutcomeRevoked, 1, nil},
		{"restored after that", b.Restore, certificate.OutcomeRevoked, 1, certificate.ErrRevoked},
		{"suspended after that", b.Suspend, certificate.OutcomeRevoked, 1, certificate.ErrRevoked},
	} {
		if err := change(step.do, "por engano"); !errors.Is(err, step.err) {
			t.Errorf("%s: %v", step.what, err)
		}
		check(step.what, step.outcome, step.bit)
	}
	b.work()
	var told []string
	for _, e := range b.events {
		if strings.HasPrefix(e, "status") {
			told = append(told, e)
		}
	}
	if diff := cmp.Diff([]string{"status suspended", "status valid", "status revoked"}, told); diff != "" {
		t.Error(diff)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		if _, err := b.StatusList(ctx, tx, id.New()); !errors.Is(err, certificate.ErrNotFound) {
			t.Errorf("a list of nobody: %v", err)
		}
		return nil
	})
}

// statusList reads a list's token by the Token Status List draft.
func (b *bundle) statusList(list uuid.UUID, uri string) []byte {
	b.t.Helper()
	var token string
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		token, err = b.StatusList(ctx, tx, list)
		return err
	})
	header, payload := b.checkJWS("dgrni", token)
	body, _ := payload["status_list"].(map[string]any)
	if header["typ"] != "statuslist+jwt" || payload["sub"] != uri || body["bits"] != float64(2) || payload["iat"] == nil {
		b.t.Errorf("%v %v", header, payload)
	}
	z, err := zlib.NewReader(bytes.NewReader(mustRaw(b.t, body["lst"].(string))))
	if err != nil {
		b.t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil || len(raw) != 4096 {
		b.t.Fatalf("%d bytes: %v", len(raw), err)
	}
	return raw
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.birth("CN-1")
	in.ValidDays = 30
	c := b.issue(in)
	b.travel(29 * 24 * time.Hour)
	b.expect("the day before", c.SDJWT, certificate.OutcomeValid, "full_name", "birth_date", "register")
	b.travel(25 * time.Hour)
	b.expect("after the last day", c.SDJWT, certificate.OutcomeExpired, "full_name", "birth_date", "register")
	b.expect("by number", "CN-1", certificate.OutcomeExpired)
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Revoke(ctx, tx, c.ID, "por engano") })
	b.expect("revoked after all", "CN-1", certificate.OutcomeRevoked)
}

func TestPaper(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.issue(b.birth("CN-1"))
	b.work()
	file := b.file(c.ID)
	inside, err := pdf.Attachment(file, "credential.sdjwt")
	if err != nil || string(inside) != c.SDJWT {
		t.Fatalf("inside is %q: %v", inside, err)
	}
	verify := func(file []byte) (v certificate.Verification) {
		b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
			v, err = b.VerifyFile(ctx, tx, file)
			return err
		})
		return v
	}
	if v := verify(file); v.Outcome != certificate.OutcomeValid || len(v.Claims) != 3 || v.Number != "CN-1" {
		t.Errorf("as issued: %+v", v)
	}
	draw := rand.New(rand.NewPCG(1, 2))
	places := []int{0, 9, len(file) - 2}
	for range 60 {
		places = append(places, draw.IntN(len(file)))
	}
	for _, i := range places {
		changed := bytes.Clone(file)
		changed[i]++
		if v := verify(changed); v.Outcome != certificate.OutcomeAltered || v.Claims != nil {
			t.Errorf("byte %d of %d changed: %s", i, len(file), v.Outcome)
		}
	}
	if v := verify(append(bytes.Clone(file), "\n%%EOF\n"...)); v.Outcome != certificate.OutcomeAltered {
		t.Errorf("something added: %s", v.Outcome)
	}
	if v := verify(file[:len(file)/2]); v.Outcome == certificate.OutcomeValid {
		t.Errorf("half of it: %s", v.Outcome)
	}
	// A paper of one's own around a credential that is genuine.
	own := pdf.New(pdf.Meta{Title: "Certidão", Language: "pt", Created: c.IssuedAt})
	own.Heading("Doutor Dulce", 1)
	own.Attach("credential.sdjwt", "application/dc+sd-jwt", inside)
	var forged, foreign bytes.Buffer
	if _, err := own.WriteTo(&forged); err != nil {
		t.Fatal(err)
	}
	if v := verify(forged.Bytes()); v.Outcome != certificate.OutcomeAltered || v.Claims != nil {
		t.Errorf("forged: %+v", v)
	}
	plain := pdf.New(pdf.Meta{Title: "Carta", Language: "pt", Created: c.IssuedAt})
	plain.Paragraph("Bom dia", pdf.Style{})
	if _, err := plain.WriteTo(&foreign); err != nil {
		t.Fatal(err)
	}
	for what, other := range map[string][]byte{
		"a letter": foreign.Bytes(), "nothing": nil, "no PDF": []byte("bom dia"),
		"of another program": []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"),
	} {
		if v := verify(other); v.Outcome != certificate.OutcomeUnknown {
			t.Errorf("%s: %s", what, v.Outcome)
		}
	}
	// Rendering again, as when a job runs twice, keeps the paper that people have.
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		return tx.Enqueue(ctx, &certificate.RenderArgs{Credential: c.ID})
	})
	b.work()
	if !bytes.Equal(b.file(c.ID), file) {
		t.Error("rendered again, it is another paper")
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.Suspend(ctx, tx, c.ID, "em análise") })
	if v := verify(file); v.Outcome != certificate.OutcomeSuspended {
		t.Errorf("suspended, the paper is %s", v.Outcome)
	}
}
