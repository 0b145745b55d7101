package identity

import (
	"context"
	"encoding/json"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/identity/ldap"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Directory is an LDAP directory (OpenLDAP, Active Directory) by which staff may sign in.
type Directory struct {
	Code string
	Name i18n.Text // on the button
	URL  string    // ldaps://host, or ldap://host

	StartTLS  bool   // goes over to TLS on a connection that began in the clear
	Authority string // PEM: the certificates by one of which the server's is signed; "" for those that the machine trusts
	Plain     bool   // an administrator agreed that passwords go over the network in the clear

	BindDN   string   // of the account that searches; "" to search as nobody
	Password string   // its password; never leaves by Directories; empty in PutDirectory keeps the one that stands
	Base     string   // below which the entries are
	Filter   string   // which of them are staff (RFC 4515)
	Logins   []string // attributes that hold what people sign in with

	IDAttribute     string // names an entry for good: entryUUID, objectGUID
	NameAttribute   string
	EmailAttribute  string // "" where the directory has none, like the next two
	PhoneAttribute  string
	GroupsAttribute string
	DisabledWhen    string // CEL over attributes, groups and group_names: who is shut out there; "" for nobody

	Level        int  // of the sessions: 2 where the directory's sign-in takes two factors
	CreateStaff  bool // staff whom a rule gives a role get an account at their first sign-in
	StaffByEmail bool // an e-mail there leads to the staff account that an administrator entered with it
	Enabled      bool
}

// Source is what the grants are called that follow from the directory's groups.
func (d Directory) Source() string { return "directory:" + d.Code }

// Directories lists the directories by code, without their secrets. Anybody may ask.
func (s *Service) Directories(ctx context.Context, tx *pg.Tx) (_ []Directory, err error) {
	defer fault.Wrap(&err, "identity.Directories")
	rows, err := queries.ListDirectories(ctx, tx)
	if err != nil {
		return nil, err
	}
	directories := make([]Directory, 0, len(rows))
	for _, row := range rows {
		d, err := directoryOf(identitydb.GetDirectoryRow(row))
		if err != nil {
			return nil, err
		}
		directories = append(directories, d)
	}
	return directories, nil
}

// Directory returns one directory, without its secret. Anybody may ask. Errors: ErrNoDirectory.
func (s *Service) Directory(ctx context.Context, tx *pg.Tx, code string) (_ Directory, err error) {
	defer fault.Wrap(&err, "identity.Directory(%s)", code)
	row, err := queries.GetDirectory(ctx, tx, code)
	if pg.NotFound(err) {
		return Directory{}, ErrNoDirectory
	}
	if err != nil {
		return Directory{}, err
	}
	return directoryOf(row)
}

// PutDirectory makes or replaces a directory. Permission: identity:manage in the whole tenant.
// Errors: ErrForbidden, ErrDirectory with the fields at fault, ErrDoor.
func (s *Service) PutDirectory(ctx context.Context, tx *pg.Tx, d Directory) (err error) {
	defer fault.Wrap(&err, "identity.PutDirectory(%s)", d.Code)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	if d.Level == 0 {
		d.Level = 1
	}
	if err := d.check(); err != nil {
		return err
	}
	old, err := queries.GetDirectory(ctx, tx, d.Code)
	if err != nil && !pg.NotFound(err) {
		return err
	}
	secret := old.Password
	if d.Password != "" || secret == nil || d.BindDN == "" {
		if secret, err = s.encryption.SealString(ctx, tx, uuid.Nil, bindPlace(d.Code), d.Password); err != nil {
			return err
		}
	}
	name, err := json.Marshal(d.Name)
	if err != nil {
		return err
	}
	err = queries.PutDirectory(ctx, tx, identitydb.PutDirectoryParams{
		Code: d.Code, Name: name, Url: d.URL, StartTls: d.StartTLS, Authority: d.Authority, Plain: d.Plain, BindDn: d.BindDN, Password: secret,
		Base: d.Base, Filter: d.Filter, LoginAttributes: d.Logins, IDAttribute: d.IDAttribute, NameAttribute: d.NameAttribute,
		EmailAttribute: d.EmailAttribute, PhoneAttribute: d.PhoneAttribute, GroupsAttribute: d.GroupsAttribute, DisabledWhen: d.DisabledWhen,
		Level: int16(d.Level), CreateStaff: d.CreateStaff, StaffByEmail: d.StaffByEmail, Enabled: d.Enabled, ChangedAt: tx.Now,
	})
	if err != nil {
		return err
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.directory.put", Object: "identity.directory",
		Detail: map[string]any{
			"directory": d.Code, "url": d.URL, "start_tls": d.StartTLS, "plain": d.Plain, "create_staff": d.CreateStaff,
			"staff_by_email": d.StaffByEmail, "enabled": d.Enabled,
		},
	})
}

var attributeShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9;-]{0,63}$`)

func (d Directory) check() error {
	var wrong []fault.Field
	refuse := func(path, code string) {
		wrong = append(wrong, fault.Field{Path: path, Code: "identity.directory_" + code})
	}
	if !codeShape.MatchString(d.Code) {
		refuse("code", "identity.directory_code")
	}
	if d.Name.IsZero() {
		refuse("name", "identity.directory_name")
	}
	host, encrypted, err := ldap.Host(d.URL)
	switch {
	case err != nil:
		refuse("url", "identity.directory_url")
	case encrypted && d.StartTLS:
		refuse("start_tls", "identity.directory_start_tls")
	case !encrypted && !d.StartTLS && !d.Plain && !loopback(host):
		refuse("plain", "identity.directory_plain")
	}
	if ldap.CheckAuthority(d.Authority) != nil {
		refuse("authority", "identity.directory_authority")
	}
	if d.Base == "" || ldap.CheckDN(d.Base) != nil {
		refuse("base", "identity.directory_base")
	}
	if d.BindDN != "" && ldap.CheckDN(d.BindDN) != nil && !strings.Contains(d.BindDN, "@") { // Active Directory takes a mail name
		refuse("bind_dn", "identity.directory_bind_dn")
	}
	if ldap.CheckFilter(d.Filter) != nil {
		refuse("filter", "identity.directory_filter")
	}
	if len(d.Logins) == 0 || slices.ContainsFunc(d.Logins, func(a string) bool { return !attributeShape.MatchString(a) }) {
		refuse("logins", "identity.directory_attribute")
	}
	for path, a := range map[string]string{"id_attribute": d.IDAttribute, "name_attribute": d.NameAttribute} {
		if !attributeShape.MatchString(a) {
			refuse(path, "identity.directory_attribute")
		}
	}
	for path, a := range map[string]string{"email_attribute": d.EmailAttribute, "phone_attribute": d.PhoneAttribute, "groups_attribute": d.GroupsAttribute} {
		if a != "" && !attributeShape.MatchString(a) {
			refuse(path, "identity.directory_attribute")
		}
	}
	if d.Level != 1 && d.Level != 2 {
		refuse("level", "identity.directory_level")
	}
	if d.DisabledWhen != "" {
		if err := checkCondition(d.Source(), d.DisabledWhen); err != nil {
			wrong = append(wrong, fault.Field{Path: "disabled_when", Code: "identity.rule_condition", Args: map[string]any{"problem": err.Error()}})
		}
	}
	if len(wrong) > 0 {
		return ErrDirectory.WithFields(wrong...)
	}
	return nil
}

// loopback reports whether a host is this very machine, to which nothing goes over a network.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// EnableDirectory offers a directory at the staff door and compares the accounts with it every hour, or no longer.
// Permission: identity:manage in the whole tenant. Errors: ErrForbidden, ErrNoDirectory, ErrDoor.
func (s *Service) EnableDirectory(ctx context.Context, tx *pg.Tx, code string, enabled bool) (err error) {
	defer fault.Wrap(&err, "identity.EnableDirectory(%s, %t)", code, enabled)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return err
	}
	n, err := queries.SetDirectoryEnabled(ctx, tx, identitydb.SetDirectoryEnabledParams{Code: code, Enabled: enabled, ChangedAt: tx.Now})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoDirectory
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.directory.enable", Object: "identity.directory", Detail: map[string]any{"directory": code, "enabled": enabled},
	})
}

// DirectoryLoss tells what RemoveDirectory would take away. Permission: identity:read in the whole tenant.
// Errors: ErrForbidden, ErrNoDirectory.
func (s *Service) DirectoryLoss(ctx context.Context, tx *pg.Tx, code string) (_ Loss, err error) {
	defer fault.Wrap(&err, "identity.DirectoryLoss(%s)", code)
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return Loss{}, err
	}
	d, err := s.Directory(ctx, tx, code)
	if err != nil {
		return Loss{}, err
	}
	linked, err := queries.CountDirectoryLinks(ctx, tx, code)
	if err != nil {
		return Loss{}, err
	}
	loss, err := lossOf(ctx, tx, d.Source())
	loss.Accounts, loss.Stranded, loss.Suspended = int(linked.Accounts), int(linked.Stranded), int(linked.Suspended)
	return loss, err
}

// RemoveDirectory removes a directory with its rules, its links, the grants that follow from it and the sessions that stand
// on it. The accounts stay, and those that it shut out stay so until somebody restores them. Permission: identity:manage
// in the whole tenant. Errors: ErrForbidden, ErrNoDirectory, ErrDoor.
func (s *Service) RemoveDirectory(ctx context.Context, tx *pg.Tx, code string) (err error) {
	defer fault.Wrap(&err, "identity.RemoveDirectory(%s)", code)
	r, err := requireEverywhere(ctx, tx, permissionManage)
	if err != nil {
		return err
	}
	d, err := s.Directory(ctx, tx, code)
	if err != nil {
		return err
	}
	if err := dropSource(ctx, tx, r, d.Source()); err != nil {
		return err
	}
	if _, err := queries.ReleaseSuspended(ctx, tx, d.Source()); err != nil {
		return err
	}
	if err := queries.DeleteSyncs(ctx, tx, code); err != nil {
		return err
	}
	if err := queries.DeleteDirectoryLinks(ctx, tx, code); err != nil {
		return err
	}
	if _, err := queries.DeleteDirectory(ctx, tx, code); err != nil {
		return err
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.directory.remove", Object: "identity.directory", Detail: map[string]any{"directory": code}})
}

// bindPlace binds a directory's password to its code, which is its row.
func bindPlace(code string) encryption.Place {
	return encryption.Place{Table: "identity.directory", Column: "password", Row: uuid.NewSHA1(uuid.Nil, []byte(code))}
}

func directoryOf(row identitydb.GetDirectoryRow) (Directory, error) {
	d := Directory{
		Code: row.Code, Name: i18n.Text{}, URL: row.Url, StartTLS: row.StartTls, Authority: row.Authority, Plain: row.Plain, BindDN: row.BindDn,
		Base: row.Base, Filter: row.Filter, Logins: row.LoginAttributes, IDAttribute: row.IDAttribute, NameAttribute: row.NameAttribute,
		EmailAttribute: row.EmailAttribute, PhoneAttribute: row.PhoneAttribute, GroupsAttribute: row.GroupsAttribute, DisabledWhen: row.DisabledWhen,
		Level: int(row.Level), CreateStaff: row.CreateStaff, StaffByEmail: row.StaffByEmail, Enabled: row.Enabled,
	}
	return d, json.Unmarshal(row.Name, &d.Name)
}
