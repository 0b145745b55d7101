package certificate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pdf"
	"digit/internal/infra/platform/pg"
)

// attachment is the name under which the credential travels in its PDF.
const attachment = "credential.sdjwt"

// codeType tells the code printed on a certificate from other things an agency signs.
const codeType = "certificate-code+jwt"

// signer is by whose key a certificate is signed.
func signer(c Credential) encryption.Signer {
	return encryption.Signer{Owner: c.Agency, Use: encryption.UseCredential}
}

// code makes the text behind the verify URL in the QR code: only the certificate's id, signed by the agency. Who
// holds it has seen the paper, and may see what the paper says.
func (s *Service) code(ctx context.Context, tx *pg.Tx, c Credential) (string, error) {
	body, err := json.Marshal(map[string]any{"jti": c.ID.String()})
	if err != nil {
		return "", err
	}
	return s.deps.Encryption.Sign(ctx, tx, signer(c), map[string]any{"typ": codeType}, body)
}

// VerifyURL returns the address behind a certificate's QR code.
func (s *Service) VerifyURL(ctx context.Context, tx *pg.Tx, c Credential) (string, error) {
	site, err := s.deps.PublicURL(ctx, tx)
	if err != nil {
		return "", err
	}
	code, err := s.code(ctx, tx, c)
	return site + "/verify/" + code, err
}

// Verify checks what somebody was shown: the address or code of the QR, an SD-JWT, or a certificate's number. What is
// wrong with it is the outcome, not an error. That a certificate was looked at is on record for its holder, which needs
// a transaction that writes; by whom is not.
func (s *Service) Verify(ctx context.Context, tx *pg.Tx, text string) (v Verification, err error) {
	defer fault.Wrap(&err, "certificate.Verify")
	v, c, err := s.verify(ctx, tx, text)
	if err != nil {
		return v, err
	}
	return v, seen(ctx, tx, c, v)
}

// seen records that a certificate was checked, without who checked it.
func seen(ctx context.Context, tx *pg.Tx, c Credential, v Verification) error {
	if c.ID == uuid.Nil {
		return nil
	}
	return audit.Read(ctx, tx, audit.Entry{
		Action: "certificate.verify", Object: "certificate.credential", ObjectID: c.ID, Person: c.Holder, Reason: string(v.Outcome),
		Detail: map[string]any{"number": c.Number, "claims": len(v.Claims)}, Nameless: true,
	})
}

func (s *Service) verify(ctx context.Context, tx *pg.Tx, text string) (v Verification, c Credential, err error) {
	text = strings.TrimSpace(text)
	if i := strings.LastIndex(text, "/verify/"); i >= 0 {
		text = text[i+len("/verify/"):]
		if end := strings.IndexAny(text, "?#"); end >= 0 { // what a mail program or a scanner hung on
			text = text[:end]
		}
	}
	if jws, disclosures, ok := split(text); ok {
		return s.verifySDJWT(ctx, tx, jws, disclosures)
	}
	if strings.Count(text, ".") == 2 {
		return s.verifyCode(ctx, tx, text)
	}
	return s.verifyNumber(ctx, tx, strings.ToUpper(text))
}

// VerifyFile checks a certificate's PDF: the credential in it, and that the file is the one that was issued.
func (s *Service) VerifyFile(ctx context.Context, tx *pg.Tx, file []byte) (v Verification, err error) {
	defer fault.Wrap(&err, "certificate.VerifyFile")
	text, err := pdf.Attachment(file, attachment)
	switch {
	case err != nil && bytes.Contains(file, []byte(attachment)): // ours once, and saved or changed by another program since
		return Verification{Outcome: OutcomeAltered}, nil
	case err != nil:
		return Verification{Outcome: OutcomeUnknown}, nil // not a PDF of ours: an answer, not a failure
	}
	jws, disclosures, ok := split(string(text))
	if !ok {
		return Verification{Outcome: OutcomeAltered}, nil
	}
	v, c, err := s.verifySDJWT(ctx, tx, jws, disclosures)
	if err == nil {
		err = seen(ctx, tx, c, v)
	}
	if err != nil || v.Outcome == OutcomeAltered || v.Outcome == OutcomeUnknown {
		return v, err
	}
	if sum := sha256.Sum256(file); !bytes.Equal(sum[:], c.pdfSum) {
		return Verification{Outcome: OutcomeAltered, Number: c.Number}, nil
	}
	return v, nil
}

func (s *Service) verifySDJWT(ctx context.Context, tx *pg.Tx, jws string, disclosures []string) (Verification, Credential, error) {
	payload, c, out, err := s.signedBy(ctx, tx, jws, "dc+sd-jwt")
	if err != nil || out != "" {
		return Verification{Outcome: out}, c, err
	}
	shown, err := disclosed(payload, disclosures)
	if err != nil {
		return Verification{Outcome: OutcomeAltered}, c, nil
	}
	claims := slices.DeleteFunc(slices.Clone(c.Claims), func(cl Claim) bool { _, ok := shown[cl.Name]; return !ok })
	return c.verification(tx.Now, claims), c, nil
}

func (s *Service) verifyCode(ctx context.Context, tx *pg.Tx, code string) (Verification, Credential, error) {
	_, c, out, err := s.signedBy(ctx, tx, code, codeType)
	if err != nil || out != "" {
		return Verification{Outcome: out}, c, err
	}
	return c.verification(tx.Now, c.Claims), c, nil
}

// signedBy checks the signature, that it is of the right type, and that the agency which signed it is the one which
// issued the credential it names. A non-empty outcome is the answer.
func (s *Service) signedBy(ctx context.Context, tx *pg.Tx, jws, typ string) (map[string]any, Credential, Outcome, error) {
	signed, err := s.deps.Encryption.Verify(ctx, tx, jws)
	if errors.Is(err, encryption.ErrSignature) {
		return nil, Credential{}, OutcomeAltered, nil
	}
	if err != nil {
		return nil, Credential{}, "", err
	}
	var payload map[string]any
	if err := json.Unmarshal(signed.Payload, &payload); err != nil || signed.Header["typ"] != typ {
		return nil, Credential{}, OutcomeAltered, nil
	}
	jti, _ := payload["jti"].(string)
	key, err := uuid.Parse(jti)
	if err != nil {
		return nil, Credential{}, OutcomeAltered, nil
	}
	c, err := s.get(ctx, tx, key)
	if errors.Is(err, ErrNotFound) {
		return nil, c, OutcomeUnknown, nil
	}
	if err != nil {
		return nil, c, "", err
	}
	if signed.Signer != signer(c) {
		return nil, c, OutcomeAltered, nil
	}
	return payload, c, "", nil
}

func (s *Service) verifyNumber(ctx context.Context, tx *pg.Tx, number string) (Verification, Credential, error) {
	key, found, err := findByNumber(ctx, tx, number)
	if err != nil || !found {
		return Verification{Outcome: OutcomeUnknown}, Credential{}, err
	}
	c, err := s.get(ctx, tx, key)
	if err != nil {
		return Verification{}, c, err
	}
	return c.verification(tx.Now, nil), c, nil
}
