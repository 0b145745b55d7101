package identity

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/ldap"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/rule"
)

// OpenDirectory is a directory with its secret, for what is done outside a transaction. It is not for pages or logs.
type OpenDirectory struct {
	Directory Directory
	server    ldap.Server
	rules     ruleSet
	disabled  *rule.Program // nil for nobody
}

// OpenDirectory readies a directory to be asked; that somebody does is on record. Permission: identity:manage in the whole tenant.
// Errors: ErrForbidden, ErrNoDirectory.
func (s *Service) OpenDirectory(ctx context.Context, tx *pg.Tx, code string) (_ OpenDirectory, err error) {
	defer fault.Wrap(&err, "identity.OpenDirectory(%s)", code)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return OpenDirectory{}, err
	}
	o, err := s.openDirectory(ctx, tx, code)
	if err != nil {
		return OpenDirectory{}, err
	}
	return o, audit.Record(ctx, tx, audit.Entry{Action: "identity.directory.test", Object: "identity.directory", Detail: map[string]any{"directory": code}})
}

func (s *Service) openDirectory(ctx context.Context, tx *pg.Tx, code string) (o OpenDirectory, err error) {
	row, err := queries.GetDirectory(ctx, tx, code)
	if pg.NotFound(err) {
		return o, ErrNoDirectory
	}
	if err != nil {
		return o, err
	}
	d, err := directoryOf(row)
	if err != nil {
		return o, err
	}
	if d.Password, err = s.encryption.OpenString(ctx, tx, uuid.Nil, bindPlace(code), row.Password); err != nil {
		return o, err
	}
	o.Directory = d
	if o.rules, err = loadRules(ctx, tx, d.Source()); err != nil {
		return o, err
	}
	if d.DisabledWhen != "" {
		if o.disabled, err = directoryEnv.Compile(d.DisabledWhen, rule.Bool); err != nil {
			return o, ErrDirectory.Because(err)
		}
	}
	o.server = ldap.Server{
		URL: d.URL, StartTLS: d.StartTLS, Authority: d.Authority, BindDN: d.BindDN, Password: d.Password, Base: d.Base, Filter: d.Filter,
		Logins: d.Logins, ID: d.IDAttribute, Attributes: asked(d, o.rules),
	}
	return o, nil
}

// spoken find the attributes that a condition speaks of: attributes.x, attributes["x"], "x" in attributes.
var spoken = []*regexp.Regexp{
	regexp.MustCompile(`attributes\s*\.\s*([A-Za-z]\w*)`), regexp.MustCompile(`attributes\s*\[\s*["']([\w;-]+)["']\s*\]`),
	regexp.MustCompile(`["']([\w;-]+)["']\s+in\s+attributes`),
}

// asked are the attributes to ask for: no more than are needed, since the others are nobody's business here.
func asked(d Directory, rules ruleSet) []string {
	names := []string{d.NameAttribute, d.EmailAttribute, d.PhoneAttribute, d.GroupsAttribute}
	conditions := []string{d.DisabledWhen}
	for _, r := range rules.rules {
		conditions = append(conditions, r.Condition)
	}
	for _, condition := range conditions {
		for _, way := range spoken {
			for _, m := range way.FindAllStringSubmatch(condition, -1) {
				names = append(names, m[1])
			}
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// facts are an entry as rules speak of it.
func (o OpenDirectory) facts(e ldap.Entry) map[string]any {
	attributes := map[string]any{}
	for name, values := range e.Attributes {
		attributes[name] = values
	}
	groups := e.Attributes[o.Directory.GroupsAttribute]
	names := make([]string, 0, len(groups))
	for _, dn := range groups {
		names = append(names, ldap.GroupName(dn))
	}
	return map[string]any{"attributes": attributes, "groups": append([]string{}, groups...), "group_names": names}
}

// shut reports whether the directory has shut somebody out. Where that cannot be worked out it has: a mistake in the
// condition is noticed, and lets nobody in.
func (o OpenDirectory) shut(facts map[string]any) bool {
	if o.disabled == nil {
		return false
	}
	why, _ := judge(o.disabled, facts)
	return why == WhyHolds || why == WhyFails
}

// DirectoryTest is what asking a directory has shown.
type DirectoryTest struct {
	Entries int  // staff found on the first page
	More    bool // there are more
}

// TestDirectory asks a directory for its first page of staff. It speaks over the network: not in a transaction.
// Errors: ErrDirectoryAway; DirectoryProblem says why.
func (s *Service) TestDirectory(ctx context.Context, o OpenDirectory) (t DirectoryTest, err error) {
	defer fault.Wrap(&err, "identity.TestDirectory(%s)", o.Directory.Code)
	if t.Entries, t.More, err = s.ldap.Test(ctx, o.server); err != nil {
		return t, ErrDirectoryAway.Because(err)
	}
	return t, nil
}

// DirectoryProblem says in a word why a directory could not be asked: address, tls, bind, search or away.
func DirectoryProblem(err error) string {
	for _, p := range []struct {
		err  error
		word string
	}{{outbound.ErrAddress, "address"}, {ldap.ErrTLS, "tls"}, {ldap.ErrBind, "bind"}, {ldap.ErrSearch, "search"}} {
		if errors.Is(err, p.err) {
			return p.word
		}
	}
	return "away"
}
