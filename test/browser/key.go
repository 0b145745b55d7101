package browser

import (
	"slices"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Key is an authenticator plugged into a window: it holds passkeys and answers as soon as it is asked.
type Key struct {
	p  *Page
	id webauthn.AuthenticatorID
}

// Plug gives the window an authenticator. One that is not unlocked has an owner who does not prove to be it.
func (p *Page) Plug(unlocked bool) *Key {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, webauthn.Enable, webauthn.EnableParams{})
	p.must("enable passkeys", err)
	added, err := chromedp.Call(p.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
		AutomaticPresenceSimulation: true, IsUserVerified: unlocked,
	}})
	p.must("plug an authenticator", err)
	return &Key{p, added.AuthenticatorID}
}

// Unlock lets the owner prove to be it from now on, or not.
func (k *Key) Unlock(unlocked bool) {
	k.p.t.Helper()
	_, err := chromedp.Call(k.p.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: k.id, IsUserVerified: unlocked})
	k.p.must("unlock", err)
}

// Pull takes the authenticator away.
func (k *Key) Pull() {
	k.p.t.Helper()
	_, err := chromedp.Call(k.p.ctx, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: k.id})
	k.p.must("pull the authenticator", err)
}

// Passkeys are what the authenticator holds, with their private keys, as nothing but a copy of them could.
func (k *Key) Passkeys() []*webauthn.Credential {
	k.p.t.Helper()
	got, err := chromedp.Call(k.p.ctx, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: k.id})
	k.p.must("read the authenticator", err)
	return slices.Clone(got.Credentials)
}

// addCredential is the command without the newest of its fields, which Chromium takes from authenticators of another kind
// only, even when it is false.
var addCredential = cdp.Command[addCredentialParams, cdp.Empty]{Method: webauthn.CommandAddCredential}

type addCredentialParams struct {
	AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
	Credential      credential               `json:"credential"`
}

type credential struct {
	CredentialID         []byte  `json:"credentialId"`
	IsResidentCredential bool    `json:"isResidentCredential"`
	RpID                 string  `json:"rpId"`
	PrivateKey           []byte  `json:"privateKey"`
	UserHandle           []byte  `json:"userHandle"`
	SignCount            float64 `json:"signCount"`
}

// Add puts a passkey into the authenticator.
func (k *Key) Add(c *webauthn.Credential) {
	k.p.t.Helper()
	_, err := chromedp.Call(k.p.ctx, addCredential, addCredentialParams{k.id, credential{
		c.CredentialID, c.IsResidentCredential, c.RpID, c.PrivateKey, c.UserHandle, c.SignCount,
	}})
	k.p.must("copy a passkey", err)
}
