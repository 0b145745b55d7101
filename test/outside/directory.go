package outside

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Directory is OpenLDAP's server with an empty tree of its own, in which groups are known by their members (memberOf).
type Directory struct {
	URL            string // ldap://
	SecureURL      string // ldaps://, with a certificate signed by Authority
	Authority      string // PEM
	Base           string // dc=example,dc=gov; people below ou=people, groups below ou=groups
	RootDN, RootPW string

	t     testing.TB
	start func() *child
	child *child
}

// slapd is where Debian has it, which is not in everybody's path.
func slapd(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"slapd", "/usr/sbin/slapd", "/usr/local/sbin/slapd", "/usr/libexec/slapd"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	miss(t, "slapd")
	return ""
}

// NewDirectory runs a directory server for the test.
func NewDirectory(t testing.TB) *Directory {
	t.Helper()
	program := slapd(t)
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	authority, cert, key := certificate(t, dir)
	plain, secure := freePort(t), freePort(t)
	d := &Directory{
		URL: "ldap://localhost:" + plain, SecureURL: "ldaps://localhost:" + secure, Authority: authority, Base: "dc=example,dc=gov",
		RootDN: "cn=admin,dc=example,dc=gov", RootPW: "s3cret-of-admin", t: t,
	}
	config := filepath.Join(dir, "slapd.conf")
	text := lines(
		"include "+schema(t, "core"), "include "+schema(t, "cosine"), "include "+schema(t, "inetorgperson"),
		"modulepath "+first(t, "back_mdb.so", "/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap", "/opt/homebrew/opt/openldap/libexec/openldap"),
		"moduleload back_mdb", "moduleload memberof", "moduleload ppolicy",
		"TLSCertificateFile "+cert, "TLSCertificateKeyFile "+key,
		"sizelimit 500",
		"database mdb", "maxsize 10485760", "suffix "+d.Base, "rootdn "+d.RootDN, "rootpw "+d.RootPW, "directory "+data,
		"dbnosync",
		"overlay memberof", "memberof-group-oc groupOfNames", "memberof-member-ad member", "memberof-memberof-ad memberOf", "memberof-refint TRUE",
		"overlay ppolicy",
		`access to attrs=userPassword by anonymous auth by * none`,
		`access to * by dn.exact="cn=reader,`+d.Base+`" read by anonymous auth by * none`,
		`limits dn.exact="cn=reader,`+d.Base+`" size.pr=500 size.prtotal=unlimited`,
	)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d.start = func() *child {
		cmd := exec.CommandContext(t.Context(), program, "-f", config, "-h", d.URL+" "+d.SecureURL, "-d", "0")
		return run(t, cmd, func() error {
			conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", "localhost:"+plain)
			if err != nil {
				return err
			}
			return conn.Close()
		})
	}
	d.child = d.start()
	d.Add(
		"dn: "+d.Base, "objectClass: dcObject", "objectClass: organization", "dc: example", "o: Example", "",
		"dn: cn=reader,"+d.Base, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: reader", "userPassword: s3cret-of-reader", "",
		"dn: ou=people,"+d.Base, "objectClass: organizationalUnit", "ou: people", "",
		"dn: ou=groups,"+d.Base, "objectClass: organizationalUnit", "ou: groups",
	)
	return d
}

// ReaderDN and ReaderPW are of the account that may search, and of nobody else.
func (d *Directory) ReaderDN() string { return "cn=reader," + d.Base }

// ReaderPW is its password.
func (d *Directory) ReaderPW() string { return "s3cret-of-reader" }

// Person is the distinguished name of somebody.
func (d *Directory) Person(uid string) string { return "uid=" + uid + ",ou=people," + d.Base }

// Group is the distinguished name of a group.
func (d *Directory) Group(cn string) string { return "cn=" + cn + ",ou=groups," + d.Base }

// AddPerson enters somebody with a password.
func (d *Directory) AddPerson(uid, name, mail, password string) {
	d.t.Helper()
	d.Add("dn: "+d.Person(uid), "objectClass: inetOrgPerson", "uid: "+uid, "cn: "+name, "sn: "+name, "mail: "+mail, "userPassword: "+password)
}

// AddGroup makes a group of those people; nobody is in it but a placeholder where there are none.
func (d *Directory) AddGroup(cn string, uids ...string) {
	d.t.Helper()
	entry := []string{"dn: " + d.Group(cn), "objectClass: groupOfNames", "cn: " + cn, "member: " + d.ReaderDN()}
	for _, uid := range uids {
		entry = append(entry, "member: "+d.Person(uid))
	}
	d.Add(entry...)
}

// Add enters entries, as LDIF.
func (d *Directory) Add(ldif ...string) {
	d.t.Helper()
	d.tool("ldapadd", lines(ldif...))
}

// Modify changes entries, as LDIF.
func (d *Directory) Modify(ldif ...string) {
	d.t.Helper()
	d.tool("ldapmodify", lines(ldif...))
}

// Delete removes entries.
func (d *Directory) Delete(dns ...string) {
	d.t.Helper()
	d.tool("ldapdelete", lines(dns...))
}

func (d *Directory) tool(name, input string) {
	d.t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		miss(d.t, name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-x", "-H", d.URL, "-D", d.RootDN, "-w", d.RootPW)
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &said, &said
	if err := cmd.Run(); err != nil {
		d.t.Fatalf("%s: %v\n%s", name, err, said.String())
	}
}

// Stop takes the directory away.
func (d *Directory) Stop() { d.child.stop() }

// Restart brings it back, as it was.
func (d *Directory) Restart() {
	d.child.stop()
	d.child = d.start()
}

func schema(t testing.TB, name string) string {
	t.Helper()
	file := name + ".schema"
	return filepath.Join(first(t, file, "/etc/ldap/schema", "/etc/openldap/schema", "/opt/homebrew/etc/openldap/schema", "/usr/local/etc/openldap/schema"), file)
}

// first is the first folder that has a file.
func first(t testing.TB, file string, dirs ...string) string {
	t.Helper()
	for _, dir := range dirs {
		if found, err := filepath.Glob(filepath.Join(dir, strings.TrimSuffix(file, ".so")+"*")); err == nil && len(found) > 0 {
			return dir
		}
	}
	miss(t, file+" of slapd")
	return ""
}
