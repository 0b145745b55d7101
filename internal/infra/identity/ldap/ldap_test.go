package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/identity/ldap"
	"digit/internal/infra/platform/outbound"
	"digit/test/outside"
)

func client() *ldap.Client {
	return ldap.New(outbound.New(outbound.Options{Networks: outbound.Loopback}).Dial)
}

func server(d *outside.Directory) ldap.Server {
	return ldap.Server{
		URL: d.URL, BindDN: d.ReaderDN(), Password: d.ReaderPW(), Base: d.Base, Filter: "(objectClass=inetOrgPerson)", Logins: []string{"uid", "mail"},
		ID: "entryUUID", Attributes: []string{"CN", "mail", "memberOf", "telephoneNumber"},
	}
}

func TestWhoKnowsThePasswordIsKnown(t *testing.T) {
	t.Parallel()
	d := outside.NewDirectory(t)
	d.AddPerson("nelson", "Nelson Brito", "nelson@gov.example", "correct horse")
	d.AddPerson("ana", "Ana (*) Tavares", "ana@gov.example", "battery staple")
	d.AddPerson("twin", "Twin", "nelson2@gov.example", "same")
	d.Modify("dn: "+d.Person("twin"), "changetype: modify", "add: mail", "mail: shared@gov.example", "",
		"dn: "+d.Person("ana"), "changetype: modify", "add: mail", "mail: shared@gov.example")
	d.AddGroup("clerks", "nelson")
	c, s := client(), server(d)
	for _, login := range []string{"nelson", " nelson ", "NELSON", "nelson@gov.example"} {
		e, err := c.Authenticate(t.Context(), s, login, "correct horse")
		if err != nil || len(e.ID) != 36 || e.Attributes["CN"][0] != "Nelson Brito" || e.Attributes["memberOf"][0] != d.Group("clerks") || len(e.Attributes) != 3 {
			t.Errorf("%s: %+v, %v", login, e, err)
		}
	}
	for _, try := range [][2]string{
		{"nelson", "wrong"},
		{"nelson", ""},
		{"", "correct horse"},
		{"nobody", "correct horse"},
		{"shared@gov.example", "battery staple"},
		{"shared@gov.example", "same"},
		{"*", "correct horse"},
		{"nelson*", "correct horse"},
		{"nelson)(uid=*", "correct horse"},
		{"*)(objectClass=*", "correct horse"},
		{"nelson\x00", "correct horse"},
		{`nelson\2a`, "correct horse"},
		{"nel\xffson", "correct horse"},
		{strings.Repeat("n", 300), "correct horse"},
		{"admin", d.RootPW},
		{"reader", d.ReaderPW()},
	} {
		if _, err := c.Authenticate(t.Context(), s, try[0], try[1]); !errors.Is(err, ldap.ErrCredentials) {
			t.Errorf("%q with %q: %v", try[0], try[1], err)
		} else if strings.Contains(err.Error(), "nelson") || strings.Contains(err.Error(), "horse") {
			t.Errorf("the error tells too much: %v", err)
		}
	}
	s.Filter = "(memberOf=" + d.Group("clerks") + ")"
	if _, err := c.Authenticate(t.Context(), s, "ana", "battery staple"); !errors.Is(err, ldap.ErrCredentials) {
		t.Errorf("somebody who is no staff: %v", err)
	}
}

func TestTheDirectoryProvesItself(t *testing.T) {
	t.Parallel()
	d := outside.NewDirectory(t)
	d.AddPerson("nelson", "Nelson Brito", "nelson@gov.example", "correct horse")
	c := client()
	for what, v := range map[string]struct {
		change func(s *ldap.Server)
		want   error
	}{
		"TLS from the first byte":    {func(s *ldap.Server) { s.URL, s.Authority = d.SecureURL, d.Authority }, nil},
		"StartTLS":                   {func(s *ldap.Server) { s.StartTLS, s.Authority = true, d.Authority }, nil},
		"an authority nobody trusts": {func(s *ldap.Server) { s.URL = d.SecureURL }, ldap.ErrTLS},
		"StartTLS, nobody trusts":    {func(s *ldap.Server) { s.StartTLS = true }, ldap.ErrTLS},
		"another name than the one called": {func(s *ldap.Server) {
			s.URL, s.Authority = strings.Replace(d.SecureURL, "localhost", "127.0.0.1", 1), d.Authority
		}, ldap.ErrTLS},
		"a wrong password to search with": {func(s *ldap.Server) { s.Password = "wrong" }, ldap.ErrBind},
		"nobody who may search":           {func(s *ldap.Server) { s.BindDN = "" }, ldap.ErrSearch},
		"a base that is not there":        {func(s *ldap.Server) { s.Base = "dc=nowhere" }, ldap.ErrSearch},
		"nobody at home":                  {func(s *ldap.Server) { s.URL = "ldap://localhost:1" }, ldap.ErrAway},
	} {
		s := server(d)
		v.change(&s)
		_, err := c.Authenticate(t.Context(), s, "nelson", "correct horse")
		if v.want == nil && err != nil || v.want != nil && !errors.Is(err, v.want) {
			t.Errorf("%s: %v, want %v", what, err, v.want)
		}
	}
	strict := ldap.New(outbound.New(outbound.Options{}).Dial)
	if _, err := strict.Authenticate(t.Context(), server(d), "nelson", "correct horse"); !errors.Is(err, outbound.ErrAddress) {
		t.Errorf("a network that is not called: %v", err)
	}
}

func TestAWalkLeavesNobodyOut(t *testing.T) {
	t.Parallel()
	d := outside.NewDirectory(t)
	var ldif []string
	const people = 1203
	for i := range people {
		uid := fmt.Sprintf("p%d", i)
		ldif = append(ldif, "dn: "+d.Person(uid), "objectClass: inetOrgPerson", "uid: "+uid, "cn: Person", "sn: Person", "")
	}
	d.Add(ldif...)
	c, s := client(), server(d)
	seen, pages := map[string]bool{}, 0
	err := c.Walk(t.Context(), s, func(page []ldap.Entry) error {
		pages++
		for _, e := range page {
			seen[e.ID] = true
		}
		return nil
	})
	if err != nil || len(seen) != people || pages != 3 {
		t.Fatalf("%d people on %d pages, %v", len(seen), pages, err)
	}
	n, more, err := c.Test(t.Context(), s)
	if err != nil || n != 500 || !more {
		t.Fatalf("a test finds %d, more %t, %v", n, more, err)
	}
	stop := errors.New("stop")
	if err := c.Walk(t.Context(), s, func([]ldap.Entry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a walk that is stopped: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = c.Walk(ctx, s, func([]ldap.Entry) error { cancel(); return nil })
	if !errors.Is(err, ldap.ErrAway) {
		t.Errorf("a walk whose time is over: %v", err)
	}
	// whoever may read nothing is told so, and not that nobody is there
	s.BindDN, s.Password = d.Person("p1"), "x"
	d.Modify("dn: "+d.Person("p1"), "changetype: modify", "add: userPassword", "userPassword: x")
	if err := c.Walk(t.Context(), s, func([]ldap.Entry) error { return nil }); !errors.Is(err, ldap.ErrSearch) {
		t.Errorf("an account that may read nothing: %v", err)
	}
}

func TestADirectoryThatSaysNothingIsNotWaitedForForEver(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	s := ldap.Server{URL: "ldap://" + l.Addr().String(), BindDN: "cn=x", Password: "x", Base: "dc=x", Filter: "(cn=*)", Logins: []string{"uid"}, ID: "entryUUID"}
	if _, err := client().Authenticate(ctx, s, "a", "b"); !errors.Is(err, ldap.ErrAway) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsEnteredIsChecked(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"ldaps://directory.example.gov": true, "ldap://10.0.0.1:1389": true, "ldap://[::1]": true, "ldaps://directory.example.gov/": true,
		"": false, "directory.example.gov": false, "https://directory.example.gov": false, "ldapi:///run/x": false, "ldap://": false,
		"ldap://user:secret@directory.example.gov": false, "ldap://directory.example.gov/dc=x": false, "ldap://directory.example.gov?cn": false,
	} {
		if _, _, err := ldap.Host(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, good := range map[string]bool{"(cn=*)": true, "(&(a=b)(!(c=d)))": true, "": false, "cn=*": false, "(cn=*": false} {
		if err := ldap.CheckFilter(text); (err == nil) != good {
			t.Errorf("filter %q: %v", text, err)
		}
	}
	for dn, name := range map[string]string{
		"cn=clerks,ou=groups,dc=example": "clerks", `CN=A\, B,DC=x`: "A, B", "plain": "plain", "": "",
	} {
		if got := ldap.GroupName(dn); got != name {
			t.Errorf("%q is called %q", dn, got)
		}
	}
	if ldap.CheckAuthority("no certificate") == nil || ldap.CheckAuthority("") != nil || ldap.CheckDN("x") == nil || ldap.CheckDN("dc=x") != nil {
		t.Error("authority or distinguished name are not checked")
	}
}
