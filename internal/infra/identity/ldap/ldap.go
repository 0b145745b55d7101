// Package ldap asks directories who somebody is (RFC 4511): OpenLDAP, Active Directory and what speaks like them. It proves
// a password by binding as the person, walks all entries page by page, and knows neither accounts nor a database. Nothing
// that a directory says of a person gets into an error, since errors are logged.
package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"

	"digit/internal/infra/platform/id"
)

// Errors of this package. What lies behind them is for logs.
var (
	// ErrAway says that the directory does not answer, or not with what was asked for.
	ErrAway = errors.New("the directory does not answer")
	// ErrTLS says that the directory does not prove to be the one it is called.
	ErrTLS = errors.New("the directory's certificate is not trusted")
	// ErrBind says that the directory does not let us in to search.
	ErrBind = errors.New("the directory refuses the account that searches")
	// ErrSearch says that the directory cannot search as it was told to: at that base, with that filter.
	ErrSearch = errors.New("the directory cannot search like that")
	// ErrCredentials says that login and password do not belong together, and not which of them is wrong.
	ErrCredentials = errors.New("login and password do not belong together")
)

// Server is a directory and how it is searched.
type Server struct {
	URL       string // ldaps://host, or ldap://host
	StartTLS  bool   // goes over to TLS on a connection that began in the clear
	Authority string // PEM: the certificates by one of which the server's is signed; "" for those that the machine trusts

	BindDN, Password string   // of the account that searches; "" to search as nobody
	Base, Filter     string   // below which, and what, entries are staff (RFC 4515)
	Logins           []string // attributes that hold what people sign in with
	ID               string   // attribute that names an entry for good
	Attributes       []string // that are asked for beside
}

// Entry is somebody whom a directory knows.
type Entry struct {
	ID         string
	Attributes map[string][]string // by the names that were asked for; those without a value are not there
}

// Client speaks with directories. It is safe for concurrent use.
type Client struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// New returns a client that opens connections this way.
func New(dial func(ctx context.Context, network, address string) (net.Conn, error)) *Client {
	return &Client{dial}
}

const (
	// patience is how long one question waits for its answer.
	patience = 10 * time.Second
	pageSize = 500
	loginMax = 256
)

// CheckFilter refuses what is no filter.
func CheckFilter(filter string) error {
	_, err := ldap.CompileFilter(filter)
	return err
}

// CheckDN refuses what is no distinguished name.
func CheckDN(dn string) error {
	_, err := ldap.ParseDN(dn)
	return err
}

// CheckAuthority refuses what holds no certificate.
func CheckAuthority(text string) error {
	if text != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
		return errors.New("no certificate in PEM")
	}
	return nil
}

// Host returns the host of a directory's URL and whether the connection is encrypted from its first byte.
func Host(text string) (host string, encrypted bool, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", false, err
	}
	if u.Scheme != "ldap" && u.Scheme != "ldaps" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return "", false, fmt.Errorf("%q is not like ldaps://directory.example.gov", text)
	}
	return u.Hostname(), u.Scheme == "ldaps", nil
}

// connect opens a connection and lets the account that searches in. The connection ends with ctx.
func (c *Client) connect(ctx context.Context, s Server) (conn *ldap.Conn, end func(), err error) {
	host, encrypted, err := Host(s.URL)
	if err != nil {
		return nil, nil, errors.Join(ErrAway, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if s.Authority != "" {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM([]byte(s.Authority))
	}
	raw, err := c.dial(ctx, "tcp", address(s.URL, host, encrypted))
	if err != nil {
		return nil, nil, errors.Join(ErrAway, err)
	}
	if encrypted {
		secure := tls.Client(raw, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, nil, errors.Join(ErrTLS, err, raw.Close())
		}
		raw = secure
	}
	conn = ldap.NewConn(raw, encrypted)
	conn.SetTimeout(patience)
	conn.Start()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	end = func() {
		stop()
		_ = conn.Close() // all that was to be said was said
	}
	if s.StartTLS && !encrypted {
		if err := conn.StartTLS(config); err != nil {
			end()
			return nil, nil, errors.Join(ErrTLS, plainly(err))
		}
	}
	if s.BindDN != "" {
		if err := conn.Bind(s.BindDN, s.Password); err != nil {
			end()
			return nil, nil, refusal(err, ErrBind, askingResults)
		}
	}
	return conn, end, nil
}

func address(text, host string, encrypted bool) string {
	u, err := url.Parse(text)
	port := ""
	if err == nil {
		port = u.Port()
	}
	switch {
	case port != "":
	case encrypted:
		port = ldap.DefaultLdapsPort
	default:
		port = ldap.DefaultLdapPort
	}
	return net.JoinHostPort(host, port)
}

// Results that answer the question, and do not only fail to: about somebody's password, and about how we ask.
var (
	passwordResults = []uint16{
		ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultInsufficientAccessRights,
		ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultConstraintViolation, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax,
	}
	askingResults = append([]uint16{
		ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultFilterError, ldap.ErrorFilterCompile,
		ldap.LDAPResultUndefinedAttributeType, ldap.LDAPResultInappropriateMatching, ldap.LDAPResultSizeLimitExceeded,
		ldap.LDAPResultUnavailableCriticalExtension, ldap.ErrorEmptyPassword,
	}, passwordResults...)
)

// refusal is kind where the directory has answered with one of the results, and ErrAway where it has not.
func refusal(err, kind error, results []uint16) error {
	for _, code := range results {
		if ldap.IsErrorWithCode(err, code) {
			return errors.Join(kind, plainly(err))
		}
	}
	return errors.Join(ErrAway, plainly(err))
}

// plainly leaves of an error what tells of no person: its number.
func plainly(err error) error {
	var e *ldap.Error
	if errors.As(err, &e) {
		return fmt.Errorf("LDAP result %d %q", e.ResultCode, ldap.LDAPResultCodeMap[e.ResultCode])
	}
	return errors.New("the connection failed")
}

func (s Server) search(filter string, limit int) *ldap.SearchRequest {
	attributes := append([]string{s.ID}, s.Attributes...)
	return ldap.NewSearchRequest(s.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, limit, int(patience.Seconds()), false, filter, attributes, nil)
}

// Authenticate proves a password by binding as the person whose login it is, and returns what the directory says of them.
// Known and unknown logins cost the same questions. Errors: ErrCredentials, ErrBind, ErrSearch, ErrTLS, ErrAway.
func (c *Client) Authenticate(ctx context.Context, s Server, login, password string) (Entry, error) {
	if strings.TrimSpace(login) == "" || password == "" || len(login) > loginMax || !utf8.ValidString(login) {
		return Entry{}, ErrCredentials // an empty password would bind as nobody, which always succeeds (RFC 4513, 5.1.2)
	}
	conn, end, err := c.connect(ctx, s)
	if err != nil {
		return Entry{}, err
	}
	defer end()
	found, err := conn.Search(s.search(s.loginFilter(login), 2))
	if err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		return Entry{}, refusal(err, ErrSearch, askingResults)
	}
	dn, who := "cn="+id.Token(9)+","+s.Base, Entry{} // nobody
	if err == nil && len(found.Entries) == 1 {
		dn, who = found.Entries[0].DN, s.entry(found.Entries[0])
	}
	if err := conn.Bind(dn, password); err != nil {
		return Entry{}, refusal(err, ErrCredentials, passwordResults)
	}
	if who.ID == "" {
		return Entry{}, ErrCredentials
	}
	return who, nil
}

// loginFilter finds the staff by one of the attributes that hold logins.
func (s Server) loginFilter(login string) string {
	value := ldap.EscapeFilter(strings.TrimSpace(login))
	var any strings.Builder
	for _, attribute := range s.Logins {
		fmt.Fprintf(&any, "(%s=%s)", attribute, value)
	}
	return fmt.Sprintf("(&%s(|%s))", s.Filter, any.String())
}

// Walk hands over all staff, a page at a time, outside of any order. Where it returns no error, nobody was left out.
// Errors: ErrBind, ErrSearch, ErrTLS, ErrAway, and what each returns.
func (c *Client) Walk(ctx context.Context, s Server, each func(page []Entry) error) error {
	conn, end, err := c.connect(ctx, s)
	if err != nil {
		return err
	}
	defer end()
	request := s.search(s.Filter, 0)
	paging := ldap.NewControlPaging(pageSize)
	request.Controls = []ldap.Control{paging}
	for {
		found, err := conn.Search(request)
		if err != nil {
			return refusal(err, ErrSearch, askingResults)
		}
		page := make([]Entry, 0, len(found.Entries))
		for _, e := range found.Entries {
			page = append(page, s.entry(e))
		}
		if err := each(page); err != nil {
			return err
		}
		more, ok := ldap.FindControl(found.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(more.Cookie) == 0 {
			return nil
		}
		paging.SetCookie(more.Cookie)
	}
}

// Test counts the entries of the first page, to see whether the directory can be asked at all.
// Errors: ErrBind, ErrSearch, ErrTLS, ErrAway.
func (c *Client) Test(ctx context.Context, s Server) (n int, more bool, err error) {
	err = c.Walk(ctx, s, func(page []Entry) error {
		if n > 0 {
			more = true
			return errEnough
		}
		n = len(page)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return n, more, err
}

var errEnough = errors.New("enough")

// entry reads an entry under the names that were asked for, however the directory writes them.
func (s Server) entry(e *ldap.Entry) Entry {
	out := Entry{Attributes: map[string][]string{}}
	if raw := e.GetEqualFoldRawAttributeValue(s.ID); len(raw) > 0 {
		out.ID = readable(raw)
	}
	for _, name := range s.Attributes {
		var values []string
		for _, raw := range e.GetEqualFoldRawAttributeValues(name) {
			values = append(values, readable(raw))
		}
		if len(values) > 0 {
			out.Attributes[name] = values
		}
	}
	return out
}

// readable is a value as text; what is none, an objectGUID say, in hexadecimal.
func readable(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	return hex.EncodeToString(raw)
}

// GroupName is what a group is called by the first part of its distinguished name: "clerks" of cn=clerks,ou=groups,….
func GroupName(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || len(parsed.RDNs[0].Attributes) == 0 {
		return dn
	}
	return parsed.RDNs[0].Attributes[0].Value
}
