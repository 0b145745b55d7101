package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// directory shows an LDAP directory: where it is, its rules, how the accounts were last compared with it.
func (c *Console) directory(r *frame.Request) error {
	var d identity.Directory
	var rules []identity.Rule
	var syncs page.Page[identity.Sync]
	var known called
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if d, err = c.deps.Identity.Directory(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		if rules, err = c.deps.Identity.Rules(ctx, tx, d.Source()); err != nil {
			return err
		}
		if syncs, err = c.deps.Identity.Syncs(ctx, tx, d.Code, page.Request{Size: 5}); err != nil {
			return err
		}
		known, err = c.called(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	here := directories.href(d.Code)
	v := view(r, r.Text(d.Name)).back(signInHome, r.T("site.console.sign_in"))
	v.Caption, v.Tag = d.Code, offered(r, d.Enabled)
	v.Facts = directoryFacts(r, d)
	v.Notes = append(v.Notes, testNotice(r)...)
	compared := section{
		Title: r.T("console.syncs"), Text: r.T("console.syncs.text"), Table: c.syncTable(r, d.Code, syncs.Rows),
		Actions: []ui.ButtonView{{Label: r.T("console.syncs.all"), Href: here + "/syncs", Variant: "tertiary"}},
	}
	if manages(r) {
		v.Actions = []ui.ButtonView{{Label: r.T("console.edit"), Href: here + "/edit", Icon: "pencil", Variant: "secondary"}}
		compared.Posts = []postView{{Action: here + "/sync", Label: r.T("console.syncs.now")}, {Action: here + "/preview", Label: r.T("console.syncs.preview")}}
	}
	v.Sections = []section{compared, ruleSection(r, directories, d.Code, rules, known)}
	if manages(r) {
		v.Sections = append(v.Sections, actSections(r, here, d.Enabled, "console.directory.remove.text")...)
	}
	return r.HTML(consolePage(v))
}

func directoryFacts(r *frame.Request, d identity.Directory) []ui.Fact {
	secure := "console.directory.tls"
	switch {
	case strings.HasPrefix(d.URL, "ldaps:"):
	case d.StartTLS:
		secure = "console.directory.start_tls"
	default:
		secure = "console.directory.clear"
	}
	create := r.T("console.no")
	if d.CreateStaff {
		create = r.T("console.create.staff")
	}
	return []ui.Fact{
		{Key: r.T("console.field.url"), Value: d.URL},
		{Key: r.T("console.directory.secure"), Value: r.T(secure)},
		{Key: r.T("console.field.base"), Value: d.Base},
		{Key: r.T("console.field.filter"), Value: d.Filter},
		{Key: r.T("console.field.logins"), Value: strings.Join(d.Logins, ", ")},
		{Key: r.T("console.provider.create"), Value: create},
	}
}

// What the form of a new directory begins with, by what it is like.
var directoryKinds = map[string]identity.Directory{
	"openldap": {
		Filter: "(objectClass=inetOrgPerson)", Logins: []string{"uid", "mail"}, IDAttribute: "entryUUID", NameAttribute: "cn", EmailAttribute: "mail",
		PhoneAttribute: "mobile", GroupsAttribute: "memberOf", DisabledWhen: `"pwdAccountLockedTime" in attributes`, CreateStaff: true, Level: 1,
	},
	"ad": {
		Filter: "(&(objectCategory=person)(objectClass=user))", Logins: []string{"sAMAccountName", "userPrincipalName"}, IDAttribute: "objectGUID",
		NameAttribute: "displayName", EmailAttribute: "mail", PhoneAttribute: "mobile", GroupsAttribute: "memberOf",
		DisabledWhen: "math.bitAnd(int(attributes.userAccountControl[0]), 2) == 2", CreateStaff: true, Level: 1,
	},
}

// directoryAsk asks for the settings of a directory, a new one or one that is there.
func (c *Console) directoryAsk(r *frame.Request) error {
	like := r.Query("like")
	d, ok := directoryKinds[like]
	if !ok {
		like = "openldap"
		d = directoryKinds[like]
	}
	if code := r.Param("code"); code != "" {
		err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
			d, err = c.deps.Identity.Directory(ctx, tx, code)
			return err
		})
		if err != nil {
			return err
		}
	}
	v := c.directoryForm(r, d)
	if r.Param("code") == "" {
		for _, kind := range []string{"openldap", "ad"} {
			v.Chips = append(v.Chips, ui.Chip{Label: r.T("console.directory.like." + kind), Href: r.URL.Path + "?like=" + kind, On: kind == like})
		}
	}
	return r.HTML(consolePage(v))
}

func (c *Console) directoryForm(r *frame.Request, d identity.Directory) pageView {
	known := r.Param("code")
	v := view(r, r.T("console.directories.new")).back(signInHome, r.T("site.console.sign_in"))
	v.Lead = r.T("console.directory.lead")
	secret := hint(r.T("console.directory.password.hint"))
	if known != "" {
		v = view(r, r.Text(d.Name)).back(directories.href(known), r.Text(d.Name))
		v.Caption = known
		secret = hint(r.T("console.directory.password.keep"))
	}
	one := func(name, key string, checked bool) field {
		return input(r, name, "", options(checkField, []ui.Option{{Value: "yes", Label: r.T(key), Hint: r.T(key + ".hint"), Checked: checked}}))
	}
	heading := func(key string) field { return field{Kind: headingField, Field: ui.Field{Label: r.T(key)}} }
	level := func(n int, value string) ui.Option {
		return ui.Option{Value: value, Label: r.T("console.level." + value), Checked: d.Level == n}
	}
	fields := []field{input(r, "code", d.Code, code, readOnly(known != ""), hint(r.T("console.code.hint")))}
	fields = append(fields, c.texts(r, "name", d.Name)...)
	fields = append(
		fields,
		heading("console.directory.connection"),
		input(r, "url", d.URL, address, hint(r.T("console.directory.url.hint"))),
		one("start_tls", "console.directory.starttls", d.StartTLS),
		input(r, "authority", d.Authority, long, plain, optional, hint(r.T("console.directory.authority.hint"))),
		one("plain", "console.directory.plain", d.Plain),
		input(r, "bind_dn", d.BindDN, plain, optional, hint(r.T("console.directory.bind_dn.hint"))),
		input(r, "password", "", password, optional, label(r.T("console.field.bind_password")), secret),
		heading("console.directory.who"),
		input(r, "base", d.Base, plain, hint(r.T("console.directory.base.hint"))),
		input(r, "filter", d.Filter, plain, hint(r.T("console.directory.filter.hint"))),
		input(r, "logins", strings.Join(d.Logins, " "), plain, hint(r.T("console.directory.logins.hint"))),
		input(r, "disabled_when", d.DisabledWhen, long, plain, optional, hint(r.T("console.directory.disabled_when.hint"))),
		heading("console.directory.attributes"),
		input(r, "id_attribute", d.IDAttribute, plain, width("20"), hint(r.T("console.directory.id.hint"))),
		input(r, "name_attribute", d.NameAttribute, plain, width("20")),
	)
	for name, value := range ordered("email_attribute", d.EmailAttribute, "phone_attribute", d.PhoneAttribute, "groups_attribute", d.GroupsAttribute) {
		fields = append(fields, input(r, name, value, plain, optional, width("20")))
	}
	fields = append(
		fields,
		heading("console.directory.accounts"),
		one("create_staff", "console.create.staff", d.CreateStaff),
		one("staff_by_email", "console.directory.by_email", d.StaffByEmail),
		input(r, "level", "", options(radioField, []ui.Option{level(1, "1"), level(2, "2")})),
	)
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

func directoryFrom(r *frame.Request, posted url.Values) identity.Directory {
	d := identity.Directory{
		Code: trimmed(posted, "code"), Name: textOf(posted, "name"), URL: trimmed(posted, "url"), StartTLS: posted.Get("start_tls") == "yes",
		Authority: trimmed(posted, "authority"), Plain: posted.Get("plain") == "yes", BindDN: trimmed(posted, "bind_dn"), Password: posted.Get("password"),
		Base: trimmed(posted, "base"), Filter: trimmed(posted, "filter"), Logins: strings.Fields(posted.Get("logins")),
		IDAttribute: trimmed(posted, "id_attribute"), NameAttribute: trimmed(posted, "name_attribute"), EmailAttribute: trimmed(posted, "email_attribute"),
		PhoneAttribute: trimmed(posted, "phone_attribute"), GroupsAttribute: trimmed(posted, "groups_attribute"), DisabledWhen: trimmed(posted, "disabled_when"),
		Level: 1, CreateStaff: posted.Get("create_staff") == "yes", StaffByEmail: posted.Get("staff_by_email") == "yes",
	}
	if posted.Get("level") == "2" {
		d.Level = 2
	}
	if known := r.Param("code"); known != "" {
		d.Code = known
	}
	return d
}

// directorySave makes or changes a directory. A new one is not offered before somebody says so.
func (c *Console) directorySave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	d := directoryFrom(r, posted)
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if known := r.Param("code"); known != "" {
			have, err := c.deps.Identity.Directory(ctx, tx, known)
			if err != nil {
				return err
			}
			d.Enabled = have.Enabled
		}
		return c.deps.Identity.PutDirectory(ctx, tx, d)
	})
	v := c.directoryForm(r, d)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(directories.href(d.Code) + "?done=console.saved")
}

// directoryProblems are the ways in which asking a directory fails, as they stand in the address after a test.
var directoryProblems = []string{"address", "tls", "bind", "search", "away", "empty"}

// directoryTest asks a directory for its first page of staff.
func (c *Console) directoryTest(r *frame.Request) error {
	var open identity.OpenDirectory
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		open, err = c.deps.Identity.OpenDirectory(ctx, tx, r.Param("code"))
		return err
	})
	if err != nil {
		return err
	}
	here := directories.href(r.Param("code"))
	found, err := c.deps.Identity.TestDirectory(r.Context(), open)
	switch {
	case err != nil:
		r.Refused(err)
		return r.Redirect(here + "?problem=" + identity.DirectoryProblem(err))
	case found.Entries == 0:
		return r.Redirect(here + "?problem=empty")
	}
	return r.Redirect(here + "?done=console.tested")
}

// testNotice says what went wrong when the directory was tested.
func testNotice(r *frame.Request) []ui.NoticeView {
	problem := r.Query("problem")
	if !contains(directoryProblems, problem) {
		return nil
	}
	return []ui.NoticeView{{Kind: ui.Danger, Title: r.T("console.problem." + problem), Text: r.T("console.problem." + problem + ".text")}}
}

func (c *Console) directoryEnable(yes bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		return c.changeSource(r, directories, "console.saved", func(ctx context.Context, tx *pg.Tx, code string) error {
			return c.deps.Identity.EnableDirectory(ctx, tx, code, yes)
		})
	}
}

// directoryRemoveAsk says what goes with the directory before it goes.
func (c *Console) directoryRemoveAsk(r *frame.Request) error {
	var d identity.Directory
	var loss identity.Loss
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if d, err = c.deps.Identity.Directory(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		loss, err = c.deps.Identity.DirectoryLoss(ctx, tx, d.Code)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(consolePage(removeView(r, directories.href(d.Code), r.Text(d.Name), "console.directory.remove.text", loss)))
}

func (c *Console) directoryRemove(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Identity.RemoveDirectory(ctx, tx, r.Param("code"))
	})
	if err != nil {
		return err
	}
	return r.Redirect(signInHome + "?done=console.removed")
}
