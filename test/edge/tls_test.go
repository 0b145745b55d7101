package edge

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"encoding/xml"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digit/cmd/digit/app"
)

// certify writes a certificate for localhost that signs itself, and returns where it and its key are, and who trusts it.
func certify(t *testing.T, dir string, serial int64) (cert, key string, trust *x509.CertPool) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{key: {Type: "PRIVATE KEY", Bytes: private}, cert: {Type: "CERTIFICATE", Bytes: der}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trust.AddCert(parsed)
	return cert, key, trust
}

// TestTLS: the process itself serves TLS as it is done today, and nothing else.
func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key, trust := certify(t, dir, 1)
	h := own(t, app.Config{TLSCert: cert, TLSKey: key, Redirect: "localhost:0"})
	if !strings.HasPrefix(h.URL, "https://localhost:") {
		t.Fatalf("its address is %s", h.URL)
	}
	at, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(c *tls.Config) (*tls.ConnectionState, error) {
		conn, err := tls.Dial("tcp", at.Host, c)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		state := conn.ConnectionState()
		return &state, nil
	}
	for name, c := range map[string]*tls.Config{
		"TLS 1.1":           {RootCAs: trust, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		"no forward secret": {RootCAs: trust, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}},
		"a mode of old":     {RootCAs: trust, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}},
		"nobody's word":     {MinVersion: tls.VersionTLS12},
	} {
		if _, err := dial(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for version, max := range map[uint16]uint16{tls.VersionTLS12: tls.VersionTLS12, tls.VersionTLS13: 0} {
		state, err := dial(&tls.Config{RootCAs: trust, MaxVersion: max})
		if err != nil || state.Version != version {
			t.Errorf("version %x: %v, %v", version, state, err)
		}
	}

	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)
	for _, path := range []string{"/", "/services", "/healthz", "/api/v1/services", "/no/such", "/assets/no.css", "/workbench"} {
		res, err := client.Get(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
			t.Errorf("%s: Strict-Transport-Security is %q", path, got)
		}
		if res.ProtoMajor != 2 {
			t.Errorf("%s: %s", path, res.Proto)
		}
	}
	plain(t, h, at.Host)

	// A new certificate is served without a restart, and one that cannot be read is not.
	serial := func() int64 {
		t.Helper()
		state, err := dial(&tls.Config{RootCAs: trust, InsecureSkipVerify: true}) // only looks at which one it is
		if err != nil {
			t.Fatal(err)
		}
		return state.PeerCertificates[0].SerialNumber.Int64()
	}
	touch := func() {
		t.Helper()
		if err := os.Chtimes(cert, time.Now(), time.Now().Add(time.Duration(next())*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	certify(t, dir, 2)
	touch()
	if got := serial(); got != 2 {
		t.Errorf("after the change certificate %d is served, not 2", got)
	}
	if err := os.WriteFile(cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch()
	if got := serial(); got != 2 {
		t.Errorf("after a broken file certificate %d is served, not 2", got)
	}
	scanned(t, at.Host)
}

// plain speaks without encryption to the doors: pages lead to https, programs are refused, and the encrypted door answers
// nothing.
func plain(t *testing.T, h *house, secure string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	ask := func(method, address, host string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	_, port, err := net.SplitHostPort(secure)
	if err != nil {
		t.Fatal(err)
	}
	door := "http://" + h.Plain()
	if res := ask(http.MethodGet, door+"/services?q=x", "cv.example"); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "https://cv.example:"+port+"/services?q=x" {
		t.Errorf("a page: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
	for what, res := range map[string]*http.Response{
		"the API":      ask(http.MethodGet, door+"/api/v1/services", "cv.example"),
		"a hook":       ask(http.MethodPost, door+"/hooks/exchange", "cv.example"),
		"a form":       ask(http.MethodPost, door+"/sign-in", "cv.example"),
		"another door": ask(http.MethodGet, door+"//evil.example/..", "evil.example@x"),
	} {
		if res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
			t.Errorf("%s: %d %s", what, res.StatusCode, res.Header.Get("Location"))
		}
	}
	if res := ask(http.MethodGet, "http://"+secure+"/", "localhost"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("clear text at the encrypted door: %d", res.StatusCode)
	}
}

// scanned asks sslscan, which is not ours, what the door takes.
func scanned(t *testing.T, address string) {
	t.Helper()
	if _, err := exec.LookPath("sslscan"); err != nil {
		t.Log("no sslscan here: scripts/need.sh peers installs it")
		return
	}
	out, err := exec.CommandContext(t.Context(), "sslscan", "--no-colour", "--xml=-", address).Output()
	if err != nil {
		t.Fatal(err)
	}
	var found struct {
		Test struct {
			Protocols []struct {
				Type    string `xml:"type,attr"`
				Version string `xml:"version,attr"`
				Enabled int    `xml:"enabled,attr"`
			} `xml:"protocol"`
			Ciphers []struct {
				Name     string `xml:"cipher,attr"`
				Strength string `xml:"strength,attr"`
			} `xml:"cipher"`
			Renegotiation struct {
				Supported int `xml:"supported,attr"`
				Secure    int `xml:"secure,attr"`
			} `xml:"renegotiation"`
			Compression struct {
				Supported int `xml:"supported,attr"`
			} `xml:"compression"`
			Heartbleed []struct {
				Vulnerable int `xml:"vulnerable,attr"`
			} `xml:"heartbleed"`
		} `xml:"ssltest"`
	}
	if err := xml.NewDecoder(bytes.NewReader(out)).Decode(&found); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(found.Test.Protocols) < 5 || len(found.Test.Ciphers) < 4 {
		t.Fatalf("it saw %d protocols and %d ciphers:\n%s", len(found.Test.Protocols), len(found.Test.Ciphers), out)
	}
	for _, p := range found.Test.Protocols {
		if modern := p.Type == "tls" && (p.Version == "1.2" || p.Version == "1.3"); modern != (p.Enabled == 1) {
			t.Errorf("%s %s is enabled: %d", p.Type, p.Version, p.Enabled)
		}
	}
	for _, c := range found.Test.Ciphers {
		if c.Strength != "strong" && c.Strength != "acceptable" || strings.Contains(c.Name, "CBC") || !strings.HasPrefix(c.Name, "TLS_") && !strings.HasPrefix(c.Name, "ECDHE-") {
			t.Errorf("%s is taken (%s)", c.Name, c.Strength)
		}
	}
	if found.Test.Compression.Supported != 0 || found.Test.Renegotiation.Supported != 0 && found.Test.Renegotiation.Secure == 0 {
		t.Errorf("compression %d, renegotiation %+v", found.Test.Compression.Supported, found.Test.Renegotiation)
	}
	for _, b := range found.Test.Heartbleed {
		if b.Vulnerable != 0 {
			t.Error("heartbleed")
		}
	}
}

// TestTLSMistakes: what is set up wrong is said at once.
func TestTLSMistakes(t *testing.T) {
	t.Parallel()
	cert, key, _ := certify(t, t.TempDir(), 1)
	for name, c := range map[string]app.Config{
		"a certificate without key":  {TLSCert: cert},
		"a key without certificate":  {TLSKey: key},
		"a certificate that is none": {TLSCert: key, TLSKey: key},
		"a public address of http":   {TLSCert: cert, TLSKey: key, PublicURL: "http://services.example"},
		"a redirect to nowhere":      {Redirect: "localhost:0"},
		"a proxy that is no address": {Proxies: []string{"haproxy"}},
		"a scanner that is none":     {Scanner: "clamav"},
	} {
		c.Listen, c.LogTo, c.Data = "localhost:0", io.Discard, t.TempDir()
		c.DatabaseURL = "postgres://nobody@localhost:1/none?connect_timeout=1"
		if a, err := app.Open(t.Context(), c); err == nil || strings.Contains(err.Error(), "connect") {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}
