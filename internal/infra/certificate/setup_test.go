package certificate_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const site = "https://cv.example.org"

// settings are the tenant's, whichever it is.
type settings struct{}

func (settings) Settings(context.Context, *pg.Tx) (tenancy.Settings, error) {
	return tenancy.Settings{Languages: []string{"pt", "en", "ar"}, DefaultLanguage: "pt", Zone: "Atlantic/Cape_Verde"}, nil
}

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	holder uuid.UUID
	keys   *encryption.Service
	files  *document.Service
	jobs   *job.Registry
	events []string
	*certificate.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(fstest.MapFS{"en.json": {Data: []byte(`{"test": "test"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, db: pgtest.New(t), holder: id.New(), jobs: job.NewRegistry(), keys: encryption.New(encryption.Deps{Root: root})}
	b.tenant = pgtest.DemoTenant(t, b.db)
	b.files = document.New(document.Deps{Encryption: b.keys})
	b.Service = certificate.New(certificate.Deps{
		Encryption: b.keys, Documents: b.files, Settings: settings{}, Texts: func(context.Context, *pg.Tx) (*i18n.Catalog, error) { return texts, nil },
		PublicURL: func(context.Context, *pg.Tx) (string, error) { return site, nil },
	})
	b.Register(b.jobs)
	bus := event.NewBus(b.jobs)
	event.Subscribe(bus, "test", func(_ context.Context, _ *pg.Tx, e event.Envelope[certificate.Issued]) error {
		b.events = append(b.events, "issued "+e.Data.Number)
		return nil
	})
	event.Subscribe(bus, "test", func(_ context.Context, _ *pg.Tx, e event.Envelope[certificate.Rendered]) error {
		b.events = append(b.events, "rendered "+e.Data.Credential.String())
		return nil
	})
	event.Subscribe(bus, "test", func(_ context.Context, _ *pg.Tx, e event.Envelope[certificate.StatusChanged]) error {
		b.events = append(b.events, "status "+string(e.Data.Status))
		return nil
	})
	b.db.Use(nil, bus)
	return b
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work)
}

func (b *bundle) do(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) work() {
	b.t.Helper()
	pgtest.Work(b.t, b.db, b.jobs)
}

// birth is a certificate with two claims that can be left out and one that cannot.
func (b *bundle) birth(number string) certificate.Issue {
	return certificate.Issue{
		Type: "birth-certificate", Number: number, Agency: "dgrni", AgencyName: i18n.Text{"pt": "Registos, Notariado e Identificação"},
		Holder: b.holder, HolderName: "Dulce CANARIO", Subject: "test", SubjectID: id.New(), Reference: "RC-2026-000001", Lang: "pt",
		Title: i18n.Text{"pt": "Certidão de nascimento", "en": "Birth certificate"}, Body: i18n.Text{"pt": "Certifica-se que consta do registo:"},
		Claims: []certificate.Claim{
			{Name: "full_name", Label: i18n.Text{"pt": "Nome"}, Value: "Dulce CANARIO <&>", Shown: "Dulce CANARIO", Disclosable: true},
			{Name: "birth_date", Label: i18n.Text{"pt": "Data"}, Value: "1990-05-17", Shown: "17 de maio de 1990", Disclosable: true},
			{Name: "register", Label: i18n.Text{"pt": "Livro"}, Value: "Praia 12", Shown: "Praia 12"},
		},
	}
}

func (b *bundle) issue(in certificate.Issue) (c certificate.Credential) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.Issue(ctx, tx, in)
		return err
	})
	return c
}

func (b *bundle) verify(text string) (v certificate.Verification) {
	b.t.Helper()
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		v, err = b.Verify(ctx, tx, text)
		return err
	})
	return v
}

// expect verifies a text and compares outcome and the names of the claims that are seen.
func (b *bundle) expect(what, text string, outcome certificate.Outcome, claims ...string) {
	b.t.Helper()
	v := b.verify(text)
	var names []string
	for _, c := range v.Claims {
		names = append(names, c.Name)
	}
	if v.Outcome != outcome || strings.Join(names, " ") != strings.Join(claims, " ") {
		b.t.Errorf("%s: %s, with the claims %q; want %s and %q", what, v.Outcome, names, outcome, claims)
	}
}

// The following read SD-JWTs and keys from the specifications alone, with nothing of the module.

func decode(t *testing.T, text string, v any) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
}

// checkJWS verifies a compact JWS with the agency's published keys and returns header and payload.
func (b *bundle) checkJWS(agency, jws string) (header, payload map[string]any) {
	b.t.Helper()
	var set struct {
		Keys []struct{ Kid, Kty, Crv, Alg, Use, X, Y, D string }
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		raw, err := b.keys.JWKS(ctx, tx, agency)
		return errors.Join(err, json.Unmarshal(raw, &set))
	})
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		b.t.Fatalf("%d parts", len(parts))
	}
	decode(b.t, parts[0], &header)
	decode(b.t, parts[1], &payload)
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(sig) != 64 || header["alg"] != "ES256" {
		b.t.Fatalf("signature of %d bytes, algorithm %v: %v", len(sig), header["alg"], err)
	}
	coordinate := func(text string) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			b.t.Fatal(err)
		}
		return raw
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	for _, k := range set.Keys {
		if k.D != "" {
			b.t.Error("the published key is the secret one")
		}
		if k.Kid != header["kid"] || k.Kty != "EC" || k.Crv != "P-256" {
			continue
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, coordinate(k.X), coordinate(k.Y)))
		if err != nil {
			b.t.Fatal(err)
		}
		if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
			b.t.Error("the signature does not verify")
		}
		return header, payload
	}
	b.t.Fatalf("no key %v in the set", header["kid"])
	return nil, nil
}

// file returns the PDF of a certificate, rendered.
func (b *bundle) file(credential uuid.UUID) []byte {
	b.t.Helper()
	var w bytes.Buffer
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		c, err := b.Credential(ctx, tx, credential)
		if err != nil {
			return err
		}
		return b.files.Read(ctx, tx, c.Document, &w)
	})
	return w.Bytes()
}

func (b *bundle) travel(by time.Duration) {
	b.t.Helper()
	if err := b.db.AdvanceClock(b.t.Context(), b.tenant, by); err != nil {
		b.t.Fatal(err)
	}
}
