//go:build pkcs11

package hsm

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/miekg/pkcs11"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
)

const (
	nonceSize = 12
	tagBits   = 128
)

// pinEnv is the environment variable with the token's PIN, where the address names no file.
const pinEnv = "DIGIT_PKCS11_PIN"

// Module is one key of a token. It is safe for concurrent use: a security module is asked rarely, one thing after the other.
type Module struct {
	at address
	mu sync.Mutex
}

// Open reads an RFC 7512 URI. It asks nobody yet.
func Open(text string) (encryption.Keystore, error) {
	a, err := parse(text)
	if err != nil {
		return nil, err
	}
	return &Module{at: a}, nil
}

// Name says which token and which key.
func (m *Module) Name() string { return m.at.text }

// Wrap encrypts plain with AES-GCM in the module; the result is the nonce and what the module made. Errors: ErrAway.
func (m *Module) Wrap(_ context.Context, plain, binding []byte) (wrapped []byte, err error) {
	defer fault.Wrap(&err, "hsm.Wrap")
	nonce := make([]byte, nonceSize)
	rand.Read(nonce) // never fails since Go 1.24
	err = m.with(func(p *pkcs11.Ctx, session pkcs11.SessionHandle, key pkcs11.ObjectHandle) error {
		mechanism, params := gcm(nonce, binding)
		defer params.Free()
		if err := p.EncryptInit(session, mechanism, key); err != nil {
			return err
		}
		sealed, err := p.Encrypt(session, plain)
		if iv := params.IV(); len(iv) == nonceSize { // some modules choose the nonce themselves
			nonce = iv
		}
		wrapped = append(nonce, sealed...)
		return err
	})
	return wrapped, err
}

// Unwrap decrypts what Wrap returned. Errors: ErrAway.
func (m *Module) Unwrap(_ context.Context, wrapped, binding []byte) (plain []byte, err error) {
	defer fault.Wrap(&err, "hsm.Unwrap")
	if len(wrapped) < nonceSize {
		return nil, errors.New("too short")
	}
	err = m.with(func(p *pkcs11.Ctx, session pkcs11.SessionHandle, key pkcs11.ObjectHandle) error {
		mechanism, params := gcm(wrapped[:nonceSize], binding)
		defer params.Free()
		if err := p.DecryptInit(session, mechanism, key); err != nil {
			return err
		}
		plain, err = p.Decrypt(session, wrapped[nonceSize:])
		if err != nil {
			return errRefused{err}
		}
		return nil
	})
	return plain, err
}

func gcm(nonce, binding []byte) ([]*pkcs11.Mechanism, *pkcs11.GCMParams) {
	params := pkcs11.NewGCMParams(nonce, binding, tagBits)
	return []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_GCM, params)}, params
}

// errRefused is what the module answered about the data; everything else it says is about itself.
type errRefused struct{ error }

// with opens a session with the token, finds the key and closes everything again: the library is loaded for the one thing,
// so that a module which was unplugged and comes back is found.
func (m *Module) with(use func(*pkcs11.Ctx, pkcs11.SessionHandle, pkcs11.ObjectHandle) error) (err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() {
		var refused errRefused
		if err != nil && !errors.As(err, &refused) {
			err = encryption.ErrAway.Because(err)
		}
	}()
	pin, err := m.at.pin()
	if err != nil {
		return err
	}
	p := pkcs11.New(m.at.module)
	if p == nil {
		return fmt.Errorf("%s cannot be loaded", m.at.module)
	}
	defer p.Destroy()
	if err := p.Initialize(); err != nil {
		return err
	}
	defer func() { _ = p.Finalize() }() // the session is over either way
	slot, err := m.slot(p)
	if err != nil {
		return err
	}
	session, err := p.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return err
	}
	defer func() { _ = p.CloseSession(session) }()
	if err := p.Login(session, pkcs11.CKU_USER, pin); err != nil {
		return err
	}
	key, err := m.key(p, session)
	if err != nil {
		return err
	}
	return use(p, session, key)
}

func (m *Module) slot(p *pkcs11.Ctx) (uint, error) {
	slots, err := p.GetSlotList(true)
	if err != nil {
		return 0, err
	}
	for _, slot := range slots {
		info, err := p.GetTokenInfo(slot)
		if err != nil {
			return 0, err
		}
		if strings.TrimRight(info.Label, " \x00") == m.at.token {
			return slot, nil
		}
	}
	return 0, fmt.Errorf("no token is called %q", m.at.token)
}

func (m *Module) key(p *pkcs11.Ctx, session pkcs11.SessionHandle) (pkcs11.ObjectHandle, error) {
	err := p.FindObjectsInit(session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), pkcs11.NewAttribute(pkcs11.CKA_LABEL, m.at.object),
	})
	if err != nil {
		return 0, err
	}
	found, _, err := p.FindObjects(session, 2)
	if err := errors.Join(err, p.FindObjectsFinal(session)); err != nil {
		return 0, err
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%d keys are called %q, want one", len(found), m.at.object)
	}
	return found[0], nil
}

// pin reads the token's PIN.
func (a address) pin() (string, error) {
	if a.pinAt != "" {
		text, err := os.ReadFile(a.pinAt)
		return strings.TrimSpace(string(text)), err
	}
	if pin := os.Getenv(pinEnv); pin != "" {
		return pin, nil
	}
	return "", errors.New("no PIN: name a file with pin-source, or set " + pinEnv)
}
