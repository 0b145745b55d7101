package identity_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/test/outside"
)

// ldapDirectory is the outside directory as the tenant has entered it.
func ldapDirectory(d *outside.Directory) identity.Directory {
	return identity.Directory{
		Code: "staff", Name: i18n.Text{"pt": "Diretório"}, URL: d.SecureURL, Authority: d.Authority, BindDN: d.ReaderDN(), Password: d.ReaderPW(), Base: d.Base,
		Filter: "(objectClass=inetOrgPerson)", Logins: []string{"uid", "mail"}, IDAttribute: "entryUUID", NameAttribute: "cn", EmailAttribute: "mail",
		PhoneAttribute: "mobile", GroupsAttribute: "memberOf", DisabledWhen: `"pwdAccountLockedTime" in attributes || "out" in attributes.employeeType`,
		CreateStaff: true, Enabled: true,
	}
}

func (b *bundle) putDirectory(t *testing.T, d identity.Directory) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.PutDirectory(ctx, tx, d) })
}

// bind signs in at the directory as a page does.
func (b *bundle) bind(t *testing.T, actor pg.Actor, login, password string) (in identity.SignedIn, err error) {
	t.Helper()
	var knock identity.Knock
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		knock, err = b.service.BeginDirectory(ctx, tx, "staff", login)
		return err
	})
	if err != nil {
		return in, err
	}
	known, err := b.service.Bind(t.Context(), knock, password)
	if errors.Is(err, identity.ErrCredentials) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.FailDirectory(ctx, tx, knock) })
	}
	if err != nil {
		return in, err
	}
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		in, err = b.service.FinishDirectory(ctx, tx, known)
		return err
	})
	return in, err
}

func TestStaffSignInByADirectory(t *testing.T) {
	t.Parallel()
	b, d := setup(t), outside.NewDirectory(t)
	d.AddPerson("ana", "Ana Tavares", "ana@gov.example", "correct horse")
	d.AddPerson("rui", "Rui Barros", "rui@gov.example", "battery staple")
	d.AddPerson("out", "Fora Daqui", "out@gov.example", "gone away")
	d.Modify("dn: "+d.Person("out"), "changetype: modify", "add: employeeType", "employeeType: out")
	d.AddGroup("clerks", "ana", "out")
	b.putDirectory(t, ldapDirectory(d))
	b.rule(t, "directory:staff", fmt.Sprintf("%q in groups", d.Group("clerks")), "registrar", "civil")
	b.rule(t, "directory:staff", `"auditors" in group_names`, "auditor", "")
	in, err := b.bind(t, visitor(), "ana", "correct horse")
	if err != nil || !in.New || in.Principal.Name != "Ana Tavares" || in.Principal.Kind != identity.KindStaff || !in.Principal.MayIn("workflow:act", "civil") || in.Principal.May("audit:read") {
		t.Fatalf("%+v, %v", in, err)
	}
	d.AddGroup("auditors", "ana")
	again, err := b.bind(t, visitor(), "ana@gov.example", "correct horse")
	if err != nil || again.New || again.Principal.Account != in.Principal.Account || !again.Principal.May("audit:read") {
		t.Fatalf("%+v, %v", again, err)
	}
	for what, c := range map[string]struct {
		login, password string
		want            error
	}{
		"a wrong password": {"ana", "wrong", identity.ErrCredentials}, "no password": {"ana", "", identity.ErrCredentials}, "nobody": {"nobody", "x", identity.ErrCredentials},
		"an injection":                 {"*)(uid=ana", "correct horse", identity.ErrCredentials},
		"to whom no rule gives a role": {"rui", "battery staple", identity.ErrNotLinked},
		"who is shut out there":        {"out", "gone away", identity.ErrSuspended},
	} {
		if _, err := b.bind(t, visitor(), c.login, c.password); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if links := b.links(t, in.Principal.Account); len(links) != 1 || links[0].Source != "directory:staff" {
		t.Errorf("links: %+v", links)
	}
	rui := b.addStaff(t, "Rui Barros", "rui@gov.example")
	if _, err := b.bind(t, visitor(), "rui", "battery staple"); !errors.Is(err, identity.ErrLinkFirst) {
		t.Errorf("whom an administrator entered: %v", err)
	}
	by := ldapDirectory(d)
	by.StaffByEmail, by.Password = true, ""
	b.putDirectory(t, by)
	if in, err := b.bind(t, visitor(), "rui", "battery staple"); err != nil || in.Principal.Account != rui || in.New {
		t.Errorf("whom an administrator entered, by e-mail: %+v, %v", in, err)
	}
	text := dump(t)
	for _, canary := range []string{"Ana Tavares", "ana@gov.example", "correct horse", d.ReaderPW(), "Fora Daqui"} {
		if strings.Contains(text, canary) {
			t.Errorf("%q stands in the database in clear", canary)
		}
	}
	by.Enabled = false
	b.putDirectory(t, by)
	if _, err := b.bind(t, visitor(), "ana", "correct horse"); !errors.Is(err, identity.ErrNoDirectory) {
		t.Errorf("a directory that is not offered: %v", err)
	}
}

func TestADirectoryThatIsAway(t *testing.T) {
	t.Parallel()
	b, d := setup(t), outside.NewDirectory(t)
	d.AddPerson("ana", "Ana Tavares", "ana@gov.example", "correct horse")
	b.putDirectory(t, ldapDirectory(d))
	test := func() (identity.DirectoryTest, error) {
		var open identity.OpenDirectory
		b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
			open, err = b.service.OpenDirectory(ctx, tx, "staff")
			return err
		})
		return b.service.TestDirectory(t.Context(), open)
	}
	if found, err := test(); err != nil || found.Entries != 1 || found.More {
		t.Errorf("%+v, %v", found, err)
	}
	for word, spoil := range map[string]func(*identity.Directory){
		"bind": func(x *identity.Directory) { x.Password = "wrong" }, "search": func(x *identity.Directory) { x.Base = "dc=nowhere" },
		"tls": func(x *identity.Directory) { x.Authority = "" }, "away": func(x *identity.Directory) { x.URL = "ldaps://localhost:1" },
	} {
		bad := ldapDirectory(d)
		spoil(&bad)
		b.putDirectory(t, bad)
		if _, err := test(); !errors.Is(err, identity.ErrDirectoryAway) || identity.DirectoryProblem(err) != word {
			t.Errorf("%s: %q, %v", word, identity.DirectoryProblem(err), err)
		}
	}
	b.putDirectory(t, ldapDirectory(d))
	d.Stop()
	if _, err := b.bind(t, visitor(), "ana", "correct horse"); !errors.Is(err, identity.ErrDirectoryAway) {
		t.Errorf("a sign-in: %v", err)
	}
}

func TestPasswordsAreNotGuessedAtADirectory(t *testing.T) {
	t.Parallel()
	b, d := setup(t), outside.NewDirectory(t)
	d.AddPerson("ana", "Ana Tavares", "ana@gov.example", "correct horse")
	d.AddGroup("clerks", "ana")
	b.putDirectory(t, ldapDirectory(d))
	b.rule(t, "directory:staff", `"clerks" in group_names`, "registrar", "civil")
	for range 8 {
		if _, err := b.bind(t, visitor(), "ana", "wrong"); !errors.Is(err, identity.ErrCredentials) {
			t.Fatal(err)
		}
	}
	if _, err := b.bind(t, visitor(), "ana", "correct horse"); err != nil { // forgives what was before
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	refused, wrong := 0, 0
	for i := range 30 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.service.BeginDirectory(ctx, tx, "staff", strings.Repeat(" ", i%3)+"Ana")
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, identity.ErrDirectoryTries):
				refused++
			case err == nil:
				wrong++
			default:
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	if wrong != 10 || refused != 20 {
		t.Errorf("%d tries slipped through together, %d were refused", wrong, refused)
	}
	if _, err := b.bind(t, visitor(), "ana", "correct horse"); !errors.Is(err, identity.ErrDirectoryTries) {
		t.Errorf("the right password, too late: %v", err)
	}
	same := visitor()
	last := error(nil)
	for i := range 51 {
		last = b.as(same, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.BeginDirectory(ctx, tx, "staff", fmt.Sprint("somebody", i))
			return err
		})
	}
	if !errors.Is(last, identity.ErrDirectoryTries) {
		t.Errorf("from one place: %v", last)
	}
}

func TestDirectorySettingsAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := identity.Directory{
		Code: "ad", Name: i18n.Text{"pt": "x"}, URL: "ldaps://ad.example.gov", BindDN: "reader@example.gov", Password: "x", Base: "dc=example,dc=gov",
		Filter: "(objectClass=user)", Logins: []string{"sAMAccountName"}, IDAttribute: "objectGUID", NameAttribute: "displayName",
		DisabledWhen: "math.bitAnd(int(attributes.userAccountControl[0]), 2) == 2", CreateStaff: true,
	}
	b.putDirectory(t, good)
	for field, spoil := range map[string]func(*identity.Directory){
		"code": func(d *identity.Directory) { d.Code = "" }, "name": func(d *identity.Directory) { d.Name = nil }, "url": func(d *identity.Directory) { d.URL = "https://ad.example.gov" },
		"start_tls": func(d *identity.Directory) { d.StartTLS = true }, "plain": func(d *identity.Directory) { d.URL = "ldap://ad.example.gov" },
		"authority": func(d *identity.Directory) { d.Authority = "x" }, "base": func(d *identity.Directory) { d.Base = "example" }, "bind_dn": func(d *identity.Directory) { d.BindDN = "reader" },
		"filter": func(d *identity.Directory) { d.Filter = "objectClass=user" }, "logins": func(d *identity.Directory) { d.Logins = []string{"uid)(x=*"} },
		"id_attribute": func(d *identity.Directory) { d.IDAttribute = "" }, "groups_attribute": func(d *identity.Directory) { d.GroupsAttribute = "member of" },
		"level": func(d *identity.Directory) { d.Level = 3 }, "disabled_when": func(d *identity.Directory) { d.DisabledWhen = "attributes." },
	} {
		bad := good
		spoil(&bad)
		err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.PutDirectory(ctx, tx, bad) })
		if !errors.Is(err, identity.ErrDirectory) || !slices.ContainsFunc(fault.Of(err).Fields, func(f fault.Field) bool { return f.Path == field }) {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, url := range []string{"ldap://localhost:389", "ldap://127.0.0.1", "ldap://[::1]:389"} {
		near := good
		near.URL = url
		b.putDirectory(t, near)
	}
	plain := good
	plain.URL, plain.Plain = "ldap://ad.example.gov", true
	b.putDirectory(t, plain)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.service.Directories(ctx, tx)
		if len(all) != 1 || all[0].Password != "" || all[0].Level != 1 {
			t.Errorf("got %+v", all)
		}
		return err
	})
	nobody := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"put": func(ctx context.Context, tx *pg.Tx) error { return b.service.PutDirectory(ctx, tx, good) },
		"open": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.OpenDirectory(ctx, tx, "ad")
			return err
		},
		"enable": func(ctx context.Context, tx *pg.Tx) error { return b.service.EnableDirectory(ctx, tx, "ad", true) },
		"remove": func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveDirectory(ctx, tx, "ad") },
		"sync": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.StartSync(ctx, tx, "ad", false)
			return err
		},
	} {
		if err := b.as(staff(nobody), act); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The bit by which Active Directory says that an account is disabled, as the form offers it.
func TestActiveDirectoryShutsOutByABit(t *testing.T) {
	t.Parallel()
	b, d := setup(t), outside.NewDirectory(t)
	b.putDirectory(t, ldapDirectory(d))
	b.rule(t, "directory:staff", "math.bitAnd(int(attributes.userAccountControl[0]), 2) == 2", "registrar", "")
	for control, want := range map[string]string{"514": identity.WhyHolds, "512": identity.WhyNot, "66050": identity.WhyHolds, "66048": identity.WhyNot, "x": identity.WhyFails} {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error {
			out, err := b.service.Try(ctx, tx, "directory:staff", map[string]any{"attributes": map[string]any{"userAccountControl": []any{control}}})
			if err == nil && out[0].Why != want {
				t.Errorf("%s: %s %s", control, out[0].Why, out[0].Detail)
			}
			return err
		})
	}
}

// crew is a directory with people who have signed in here once.
type crew struct {
	*bundle
	d        *outside.Directory
	accounts map[string]uuid.UUID
	tokens   map[string]string
}

func newCrew(t *testing.T, n int) *crew {
	t.Helper()
	c := &crew{bundle: setup(t), d: outside.NewDirectory(t), accounts: map[string]uuid.UUID{}, tokens: map[string]string{}}
	var uids []string
	for i := range n {
		uid := fmt.Sprintf("p%02d", i)
		uids = append(uids, uid)
		c.d.AddPerson(uid, "Pessoa "+uid, uid+"@gov.example", "password of "+uid)
	}
	c.d.AddGroup("clerks", uids...)
	c.putDirectory(t, ldapDirectory(c.d))
	c.rule(t, "directory:staff", `"clerks" in group_names`, "registrar", "civil")
	c.rule(t, "directory:staff", `"auditors" in group_names`, "auditor", "")
	for _, uid := range uids {
		c.enter(t, uid)
	}
	admin := c.addStaff(t, "Sofia Andrade", "sofia@gov.example")
	c.grant(t, admin, "administrator", "")
	return c
}

func (c *crew) enter(t *testing.T, uid string) {
	t.Helper()
	in, err := c.bind(t, visitor(), uid, "password of "+uid)
	if err != nil {
		t.Fatal(err)
	}
	c.accounts[uid], c.tokens[uid] = in.Principal.Account, in.Token
}

// sync compares the accounts with the directory.
func (c *crew) sync(t *testing.T, dry bool) (s identity.Sync) {
	t.Helper()
	var id uuid.UUID
	c.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		id, err = c.service.StartSync(ctx, tx, "staff", dry)
		return err
	})
	c.work(t)
	return c.look(t, id)
}

func (c *crew) look(t *testing.T, id uuid.UUID) (s identity.Sync) {
	t.Helper()
	c.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		s, err = c.service.Sync(ctx, tx, id)
		return err
	})
	return s
}

func (c *crew) status(t *testing.T, uid string) (status string) {
	t.Helper()
	c.in(t, func(ctx context.Context, tx *pg.Tx) error {
		a, err := c.service.Account(ctx, tx, c.accounts[uid])
		status = a.Status
		return err
	})
	return status
}

func (c *crew) shut(t *testing.T, uids ...string) {
	t.Helper()
	for _, uid := range uids {
		c.d.Modify("dn: "+c.d.Person(uid), "changetype: modify", "replace: employeeType", "employeeType: out")
	}
}

func (c *crew) open(t *testing.T, uids ...string) {
	t.Helper()
	for _, uid := range uids {
		c.d.Modify("dn: "+c.d.Person(uid), "changetype: modify", "delete: employeeType")
	}
}
