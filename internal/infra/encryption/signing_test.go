package encryption_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/encryption"
	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// staff is one of the administrators.
func staff() pg.Actor { return pg.Actor{Kind: "staff", ID: id.New()} }

func (p *process) signs(t *testing.T, tenant uuid.UUID, by encryption.Signer) (text, kid string) {
	t.Helper()
	p.do(t, tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		text, err = p.Sign(ctx, tx, by, map[string]any{"typ": "JWT"}, []byte("{}"))
		return err
	})
	return text, encryption.KeyID(text)
}

func (p *process) verifies(t *testing.T, tenant uuid.UUID, text string) error {
	t.Helper()
	return p.as(tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := p.Verify(ctx, tx, text)
		return err
	})
}

func TestASigningKeyIsPublishedBeforeItSigns(t *testing.T) {
	t.Parallel()
	p := twins(t, 1)
	other := encryption.Signer{Owner: "dgrni", Use: encryption.UseStatus}
	old, first := p.a.signs(t, p.tenant, dgrni)
	_, status := p.b.signs(t, p.tenant, other)
	if first == status {
		t.Fatal("one key for two uses")
	}
	published := func(owner string) (kids []string) {
		p.b.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
			set, err := p.b.JWKS(ctx, tx, owner)
			if err != nil {
				return err
			}
			keys, err := jose.ParseSet(set)
			for _, k := range keys {
				kids = append(kids, k.ID())
			}
			return err
		})
		return kids
	}
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		if err := p.a.RotateSigning(ctx, tx, dgrni); err != nil {
			return err
		}
		if err := p.a.RotateSigning(ctx, tx, dgrni); !errors.Is(err, encryption.ErrRotating) {
			t.Errorf("twice: %v", err)
		}
		return p.a.Tend(ctx, tx) // before its time
	})
	if _, kid := p.b.signs(t, p.tenant, dgrni); kid != first {
		t.Fatal("the next key signs before its time")
	}
	if kids := published("dgrni"); len(kids) != 3 {
		t.Fatalf("published: %v", kids)
	}
	time.Sleep(2 * quick.Publish)
	p.a.do(t, p.tenant, p.a.Tend)
	hears(t, "the other process", func() bool {
		_, kid := p.b.signs(t, p.tenant, dgrni)
		return kid != first
	})
	if err := p.b.verifies(t, p.tenant, old); err != nil {
		t.Fatalf("what the retired key signed: %v", err)
	}
	var left []byte
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT wrapped FROM encryption.signing_key WHERE kid = $1`, first).Scan(&left)
	})
	if left != nil {
		t.Error("the private part of the retired key is still there")
	}
	if kids := published("dgrni"); len(kids) != 3 {
		t.Errorf("published afterwards: %v", kids)
	}
	token := encryption.Signer{Owner: "simulated", Use: encryption.UseToken}
	p.a.signs(t, p.tenant, token)
	if kids := published(""); len(kids) != 3 {
		t.Errorf("published for the tenant: %v", kids)
	}
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { // a signer without a key gets one that signs at once
		fresh := encryption.Signer{Owner: "cmp", Use: encryption.UseReceipt}
		if err := p.a.RotateSigning(ctx, tx, fresh); err != nil {
			return err
		}
		keys, err := p.a.SigningKeys(ctx, tx, encryption.SigningFilter{Owner: "cmp"})
		if len(keys) != 1 || keys[0].State != encryption.KeyActive || keys[0].Signer != fresh || keys[0].ActiveAt == nil {
			t.Errorf("the first key: %+v", keys)
		}
		return err
	})
}

// hears waits for what another process hears of.
func hears(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ask() {
			return
		}
	}
	t.Fatalf("%s does not hear of it", what)
}

func TestDIDDocument(t *testing.T) {
	t.Parallel()
	p := twins(t, 1)
	_, kid := p.a.signs(t, p.tenant, dgrni)
	var raw []byte
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		raw, err = p.a.DIDDocument(ctx, tx, "did:web:example.gov:agencies:dgrni", "did:web:example.gov", "dgrni")
		return err
	})
	var doc struct {
		ID, Controller     string
		VerificationMethod []struct {
			ID, Type, Controller string
			PublicKeyJwk         json.RawMessage
		}
		AssertionMethod []string
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.ID != "did:web:example.gov:agencies:dgrni" || doc.Controller != "did:web:example.gov" || len(doc.VerificationMethod) != 1 ||
		len(doc.AssertionMethod) != 1 || doc.AssertionMethod[0] != doc.ID+"#"+kid {
		t.Fatalf("the document: %s", raw)
	}
	m := doc.VerificationMethod[0]
	key, err := jose.ParsePublic(m.PublicKeyJwk)
	if err != nil || m.ID != doc.AssertionMethod[0] || m.Type != "JsonWebKey2020" || m.Controller != doc.ID || key.ID() != kid || bytes.Contains(raw, []byte(`"d":`)) {
		t.Errorf("the method: %s, %v", raw, err)
	}
}

// TestDualControl: one proposes, another decides; nobody does both.
func TestDualControl(t *testing.T) {
	t.Parallel()
	p := twins(t, 3)
	living := encryption.Living{Count: 7}
	p.a.KnowUse(func(context.Context, *pg.Tx, string, time.Time) (encryption.Living, error) { return living, nil })
	old, kid := p.a.signs(t, p.tenant, dgrni)
	one, two := staff(), staff()
	propose := func(by pg.Actor, act encryption.Act, target, reason string) (proposal uuid.UUID, err error) {
		err = p.a.as(p.tenant, by, func(ctx context.Context, tx *pg.Tx) (err error) {
			proposal, err = p.a.Propose(ctx, tx, act, target, reason)
			return err
		})
		return proposal, err
	}
	decide := func(by pg.Actor, proposal uuid.UUID, approve bool) error {
		return p.b.as(p.tenant, by, func(ctx context.Context, tx *pg.Tx) error { return p.b.Decide(ctx, tx, proposal, approve) })
	}
	refused := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
	_, err := propose(one, encryption.DestroySigning, kid, "done with")
	refused("an active key", err, encryption.ErrState)
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error { return p.a.RotateSigning(ctx, tx, dgrni) })
	time.Sleep(2 * quick.Publish)
	p.a.do(t, p.tenant, p.a.Tend)
	_, err = propose(one, encryption.DestroySigning, kid, "done with")
	refused("a key whose certificates are in force", err, encryption.ErrInUse)
	living = encryption.Living{}
	_, err = propose(one, encryption.DestroySigning, kid, "  ")
	refused("without a reason", err, encryption.ErrReason)
	_, err = propose(one, encryption.DestroySigning, "nothing", "done with")
	refused("an unknown key", err, encryption.ErrNoKey)
	_, err = propose(one, "everything", kid, "done with")
	refused("an unknown act", err, encryption.ErrNoKey)
	proposal, err := propose(one, encryption.DestroySigning, kid, "Tudo expirou.")
	if err != nil {
		t.Fatal(err)
	}
	_, err = propose(two, encryption.DestroySigning, kid, "the same")
	refused("the same again", err, encryption.ErrProposed)
	refused("by who proposed it", decide(one, proposal, true), encryption.ErrSelf)
	refused("withdrawn by another", p.a.as(p.tenant, two, func(ctx context.Context, tx *pg.Tx) error { return p.a.Withdraw(ctx, tx, proposal) }), encryption.ErrForbidden)
	refused("refused by another", decide(two, proposal, false), nil)
	refused("after that", decide(two, proposal, true), encryption.ErrDecided)
	if err := p.b.verifies(t, p.tenant, old); err != nil {
		t.Fatalf("a refused proposal did something: %v", err)
	}
	proposal, err = propose(one, encryption.DestroySigning, kid, "Tudo expirou.")
	refused("again", err, nil)
	living = encryption.Living{Count: 1}
	refused("when a certificate turned up", func() error {
		p.b.KnowUse(func(context.Context, *pg.Tx, string, time.Time) (encryption.Living, error) { return living, nil })
		return decide(two, proposal, true)
	}(), encryption.ErrInUse)
	living = encryption.Living{}
	refused("approved", decide(two, proposal, true), nil)
	refused("what it signed", p.b.verifies(t, p.tenant, old), encryption.ErrSignature)
	_, err = propose(one, encryption.DestroyCompromised, kid, "again")
	refused("a destroyed key", err, encryption.ErrState)

	_, kid = p.a.signs(t, p.tenant, dgrni)
	living = encryption.Living{Count: 9, Never: true}
	proposal, err = propose(one, encryption.DestroyCompromised, kid, "A chave foi copiada.")
	refused("a key that was stolen, with certificates in force", err, nil)
	refused("approved", decide(two, proposal, true), nil)
	err = p.b.db.InTx(context.Background(), pg.Scope{Tenant: p.tenant, Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		text, err := p.b.Sign(ctx, tx, dgrni, map[string]any{"typ": "JWT"}, []byte("{}"))
		if encryption.KeyID(text) == kid {
			t.Error("the stolen key still signs")
		}
		return err
	})
	refused("signing right after, where nothing can be written", err, nil)

	person := p.people[1]
	proposal, err = propose(one, encryption.DestroyPerson, person.String(), "A pessoa pediu.")
	refused("a person", err, nil)
	refused("withdrawn", p.a.as(p.tenant, one, func(ctx context.Context, tx *pg.Tx) error { return p.a.Withdraw(ctx, tx, proposal) }), nil)
	proposal, err = propose(one, encryption.DestroyPerson, person.String(), "A pessoa pediu.")
	refused("a person again", err, nil)
	refused("approved", decide(two, proposal, true), nil)
	_, err = propose(one, encryption.DestroyPerson, person.String(), "again")
	refused("a forgotten person", err, encryption.ErrState)
	_, err = propose(one, encryption.DestroyPerson, "nobody", "so")
	refused("nobody", err, encryption.ErrNoKey)

	late, err := propose(one, encryption.DestroyPerson, p.people[2].String(), "so")
	refused("another", err, nil)
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE encryption.proposal SET expires_at = now() - interval '1 second' WHERE id = $1`, late)
		return err
	})
	refused("too late", decide(two, late, true), encryption.ErrDecided)
	p.a.do(t, p.tenant, p.a.Tend)
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		found, err := p.a.Proposal(ctx, tx, late)
		if found.State != encryption.ProposalExpired || found.Reason != "so" || found.DecidedBy != uuid.Nil {
			t.Errorf("the late one: %+v", found)
		}
		all, err2 := p.a.Proposals(ctx, tx, encryption.ProposalApproved, page.Request{})
		if len(all.Rows) != 3 || all.Rows[0].DecidedBy != two.ID || all.Rows[0].ProposedBy != one.ID {
			t.Errorf("approved: %+v", all.Rows)
		}
		_, err3 := p.a.Proposal(ctx, tx, id.New())
		if !errors.Is(err3, encryption.ErrNoProposal) {
			t.Errorf("none: %v", err3)
		}
		return errors.Join(err, err2)
	})
	var clear int
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM encryption.proposal WHERE position('pessoa'::bytea IN reason) > 0`).Scan(&clear)
	})
	if clear != 0 {
		t.Error("the reasons lie in clear")
	}
}

func TestAKeyForOtherSystemsIsDestroyedByTwo(t *testing.T) {
	t.Parallel()
	p := twins(t, 2)
	rotation := p.a.begin(t, p.tenant, encryption.ForAPI, uuid.Nil)
	found := p.a.until(t, p.tenant, rotation, encryption.Done)
	one, two := staff(), staff()
	target := "api/" + found.OldKey
	var proposal uuid.UUID
	if err := p.a.as(p.tenant, one, func(ctx context.Context, tx *pg.Tx) (err error) {
		for _, wrong := range []string{"api/" + found.NewKey, "seal/" + found.OldKey, "api/zz", "api/00000000"} {
			if _, err := p.a.Propose(ctx, tx, encryption.DestroyTenantKey, wrong, "so"); err == nil {
				t.Errorf("%s may be destroyed", wrong)
			}
		}
		proposal, err = p.a.Propose(ctx, tx, encryption.DestroyTenantKey, target, "The system is switched off.")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.b.as(p.tenant, two, func(ctx context.Context, tx *pg.Tx) error { return p.b.Decide(ctx, tx, proposal, true) }); err != nil {
		t.Fatal(err)
	}
	hears(t, "the other process", func() bool {
		err := p.a.as(p.tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := p.a.Decrypt(ctx, tx, order, p.foreign[0])
			return err
		})
		return errors.Is(err, encryption.ErrCiphertext)
	})
}

func TestOtherSystems(t *testing.T) {
	t.Parallel()
	p := twins(t, 1)
	elsewhere := pgtest.Tenant(t, p.a.db)
	decrypt := func(tenant uuid.UUID, o encryption.Order, sealed []byte) (plain []byte, err error) {
		err = p.b.as(tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			plain, err = p.b.Decrypt(ctx, tx, o, sealed)
			return err
		})
		return plain, err
	}
	with := func(change func(*encryption.Order)) encryption.Order {
		o := order
		change(&o)
		return o
	}
	sealed := p.foreign[0]
	if plain, err := decrypt(p.tenant, order, sealed); err != nil || len(plain) != 16 {
		t.Fatalf("%d bytes, %v", len(plain), err)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	for what, c := range map[string]struct {
		tenant uuid.UUID
		order  encryption.Order
		sealed []byte
		want   error
	}{
		"another case":   {p.tenant, with(func(o *encryption.Order) { o.Associated = []byte("case 2") }), sealed, encryption.ErrCiphertext},
		"another agency": {p.tenant, with(func(o *encryption.Order) { o.Owner = "cmp" }), sealed, encryption.ErrCiphertext},
		"another tenant": {elsewhere, order, sealed, encryption.ErrCiphertext},
		"altered":        {p.tenant, order, altered, encryption.ErrCiphertext},
		"cut":            {p.tenant, order, sealed[:4], encryption.ErrCiphertext},
		"nothing bound":  {p.tenant, with(func(o *encryption.Order) { o.Associated = nil }), sealed, encryption.ErrAssociated},
		"no purpose":     {p.tenant, with(func(o *encryption.Order) { o.Purpose = "Because I want to" }), sealed, encryption.ErrPurpose},
		"no agency":      {p.tenant, with(func(o *encryption.Order) { o.Owner = "" }), sealed, encryption.ErrOwner},
	} {
		if _, err := decrypt(c.tenant, c.order, c.sealed); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", what, err, c.want)
		}
	}
	var text string
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) (err error) {
		text, err = p.a.SignData(ctx, tx, order, []byte("data"))
		return err
	})
	verify := func(o encryption.Order, text string) (signed encryption.Signed, err error) {
		err = p.b.as(p.tenant, pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			signed, err = p.b.VerifyData(ctx, tx, o, text)
			return err
		})
		return signed, err
	}
	if signed, err := verify(order, text); err != nil || string(signed.Payload) != "data" || signed.Signer.Use != encryption.UseExchange {
		t.Fatalf("%+v, %v", signed, err)
	}
	credential, _ := p.a.signs(t, p.tenant, dgrni)
	exchanged, _ := p.a.signs(t, p.tenant, encryption.Signer{Owner: "dgrni", Use: encryption.UseExchange})
	for what, bad := range map[string]string{"a certificate": credential, "another type": exchanged, "nothing": "x", "altered": text + "x"} {
		if _, err := verify(order, bad); !errors.Is(err, encryption.ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := verify(with(func(o *encryption.Order) { o.Owner = "cmp" }), text); !errors.Is(err, encryption.ErrSignature) {
		t.Errorf("as another agency's: %v", err)
	}
	got := map[string]int{}
	p.a.do(t, p.tenant, func(ctx context.Context, tx *pg.Tx) error {
		rows, err := audit.New(audit.Deps{Keys: audittest.NewKeys()}).Entries(ctx, tx, audit.Filter{}, page.Request{Size: 100})
		for _, r := range rows.Rows {
			if step, is := strings.CutPrefix(r.Action, "encryption.api."); is {
				got[step]++
				if r.Reason != order.Purpose || strings.Contains(fmt.Sprint(r.Detail), "case") {
					t.Errorf("on record: %+v", r)
				}
			}
		}
		return err
	})
	want := map[string]int{"encrypt": 1, "decrypt": 1, "decrypt.refuse": 4, "sign": 1, "verify": 1, "verify.refuse": 5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
