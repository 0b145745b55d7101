package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

// suites are those of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325 4.2); version 1.3 has no others.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// tls returns how the process serves TLS itself, nil where a proxy in front does or nobody.
func (c Config) tls(log *slog.Logger) (*tls.Config, error) {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil, nil
	case c.TLSCert == "" || c.TLSKey == "":
		return nil, errors.New("tls-cert and tls-key belong together")
	}
	p := &pair{certFile: c.TLSCert, keyFile: c.TLSKey, log: log}
	if _, err := p.get(nil); err != nil {
		return nil, fmt.Errorf("the certificate cannot be used: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites, GetCertificate: p.get, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// pair is a certificate with its key, read anew when the file changes: certificates live for weeks, processes longer.
type pair struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	cert    *tls.Certificate
	changed time.Time
}

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	info, err := os.Stat(p.certFile)
	if err == nil && p.cert != nil && info.ModTime().Equal(p.changed) {
		return p.cert, nil
	}
	if err == nil {
		var cert tls.Certificate
		if cert, err = tls.LoadX509KeyPair(p.certFile, p.keyFile); err == nil {
			p.cert, p.changed = &cert, info.ModTime()
			return p.cert, nil
		}
	}
	if p.cert == nil {
		return nil, err
	}
	p.log.Warn("the new certificate cannot be used, the old one is served on", "file", p.certFile, "error", err)
	return p.cert, nil
}

// proxies reads the addresses of the proxies that are trusted: single ones or networks.
func (c Config) proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range c.Proxies {
		prefix, err := netip.ParsePrefix(text)
		if addr, single := netip.ParseAddr(text); single == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("trusted-proxies: %q must be an address or a network, such as 10.0.0.5 or 10.0.0.0/24", text)
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

// toHTTPS sends people who came without encryption to the same page with it. Programs get no such help: one that sends
// secrets in clear must notice at once.
func toHTTPS(public string) http.Handler {
	_, port, err := net.SplitHostPort(strings.TrimPrefix(public, "https://"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		programs := strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/hooks/")
		host := r.Host
		if h, _, e := net.SplitHostPort(host); e == nil {
			host = h
		}
		if programs || r.Method != http.MethodGet && r.Method != http.MethodHead || host == "" || strings.ContainsAny(host, "/\\@") {
			http.Error(w, "This site is served over https only.", http.StatusForbidden)
			return
		}
		if err == nil {
			host = net.JoinHostPort(host, port)
		}
		http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusPermanentRedirect)
	})
}
