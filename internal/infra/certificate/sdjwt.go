package certificate

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"digit/internal/infra/platform/id"
)

// errSDJWT says that a text is no SD-JWT or that its parts do not belong together.
var errSDJWT = errors.New("certificate: not a consistent SD-JWT")

// registered are the names that mean something of their own in a credential; a claim of such a name would be taken for it.
var registered = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "vct", "vct#integrity", "cnf", "status", "number", "_sd", "_sd_alg", "...",
}

// checkNames refuses claims that could not be told apart from others. Errors: ErrClaim.
func checkNames(claims []Claim) error {
	for i, c := range claims {
		again := slices.ContainsFunc(claims[:i], func(other Claim) bool { return other.Name == c.Name })
		if c.Name == "" || again || slices.Contains(registered, c.Name) {
			return ErrClaim.With("claim", c.Name)
		}
	}
	return nil
}

// disclosure makes the disclosure of a claim (RFC 9901, section 4.2): a salted triple, base64url.
func disclosure(name string, value any) (string, error) {
	b, err := json.Marshal([]any{id.Token(16), name, value})
	return base64.RawURLEncoding.EncodeToString(b), err
}

// digest is how a disclosure is referred to in the signed part: base64url of SHA-256 over its text.
func digest(disclosure string) string {
	sum := sha256.Sum256([]byte(disclosure))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// conceal splits claims into those signed in clear and the disclosures of the others, whose digests are put, sorted so
// that their order tells nothing, into payload["_sd"].
func conceal(payload map[string]any, claims []Claim) (disclosures []string, err error) {
	var digests []string
	for _, c := range claims {
		if !c.Disclosable {
			payload[c.Name] = c.Value
			continue
		}
		d, err := disclosure(c.Name, c.Value)
		if err != nil {
			return nil, err
		}
		disclosures = append(disclosures, d)
		digests = append(digests, digest(d))
	}
	if len(digests) > 0 {
		slices.Sort(digests)
		payload["_sd"], payload["_sd_alg"] = digests, "sha-256"
	}
	return disclosures, nil
}

// join writes the issued form: the signed part and all disclosures, each followed by a tilde.
func join(jws string, disclosures []string) string {
	return jws + "~" + strings.Join(append(disclosures, ""), "~")
}

// split returns the signed part and the disclosures; ok is false for what is no SD-JWT.
func split(sdjwt string) (jws string, disclosures []string, ok bool) {
	parts := strings.Split(sdjwt, "~")
	if len(parts) < 2 || strings.Count(parts[0], ".") != 2 || parts[len(parts)-1] != "" {
		return "", nil, false
	}
	return parts[0], parts[1 : len(parts)-1], true
}

// disclosed returns the names of the claims that are shown, and refuses disclosures that the signed part does not
// know, that come twice, or that would shadow a signed claim (RFC 9901, section 7.1).
func disclosed(payload map[string]any, disclosures []string) (map[string]any, error) {
	var known []string
	if list, ok := payload["_sd"].([]any); ok {
		for _, d := range list {
			s, _ := d.(string)
			known = append(known, s)
		}
	}
	shown := map[string]any{}
	for name, v := range payload {
		if name != "_sd" && name != "_sd_alg" {
			shown[name] = v
		}
	}
	for i, d := range disclosures {
		if !slices.Contains(known, digest(d)) || slices.Contains(disclosures[:i], d) {
			return nil, errSDJWT
		}
		raw, err := base64.RawURLEncoding.DecodeString(d)
		if err != nil {
			return nil, errSDJWT
		}
		var triple []any
		if err := json.Unmarshal(raw, &triple); err != nil || len(triple) != 3 {
			return nil, errSDJWT
		}
		name, ok := triple[1].(string)
		if _, taken := shown[name]; !ok || taken || name == "_sd" || name == "..." {
			return nil, errSDJWT
		}
		shown[name] = triple[2]
	}
	return shown, nil
}

// listSize is the number of entries of a status list, and bits how many each takes (suspension needs two).
const (
	listSize = 16384
	bits     = 2
)

// packList makes the lst value of a status list (Token Status List, section 4): entries packed from the least
// significant bit, zlib-compressed, base64url.
func packList(entries map[int]Status) (string, error) {
	raw := make([]byte, listSize*bits/8)
	for i, s := range entries {
		v := map[Status]byte{Valid: 0, Revoked: 1, Suspended: 2}[s]
		raw[i*bits/8] |= v << (i * bits % 8)
	}
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(raw); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b.Bytes()), nil
}
