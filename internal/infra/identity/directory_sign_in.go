package identity

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/identity/ldap"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// The limits of guessing passwords at directories, whose own locks are not to be left to strangers.
const (
	triesPerLogin = 10 // in triesTime
	triesPerPlace = 50 // in triesTime
	triesTime     = 15 * time.Minute
)

// Knock is a sign-in under way at a directory. It holds secrets: it is not for pages or logs.
type Knock struct {
	open  OpenDirectory
	login string
	index []byte
}

// Known is what a directory says of somebody whose password was right. It is good for FinishDirectory.
type Known struct {
	knock Knock
	entry ldap.Entry
}

// BeginDirectory notes that somebody tries to sign in at a directory, and refuses who tries too often. The try counts as
// failed until FinishDirectory, so that many at once cannot slip through together. Anybody may call it.
// Errors: ErrNoDirectory, ErrDirectoryTries.
func (s *Service) BeginDirectory(ctx context.Context, tx *pg.Tx, code, login string) (_ Knock, err error) {
	defer fault.Wrap(&err, "identity.BeginDirectory(%s)", code)
	open, err := s.openDirectory(ctx, tx, code)
	if err != nil {
		return Knock{}, err
	}
	if !open.Directory.Enabled {
		return Knock{}, ErrNoDirectory
	}
	k := Knock{open: open, login: strings.TrimSpace(login)}
	if k.index, err = s.encryption.BlindIndex(ctx, tx, "identity.directory_try", code+"\x00"+strings.ToLower(k.login)); err != nil {
		return Knock{}, err
	}
	return k, s.countKnock(ctx, tx, k)
}

func (s *Service) countKnock(ctx context.Context, tx *pg.Tx, k Knock) error {
	place := []byte{}
	if err := queries.LockAddress(ctx, tx, hex.EncodeToString(k.index)); err != nil {
		return err
	}
	if tx.Actor.IP != "" {
		var err error
		if place, err = s.encryption.BlindIndex(ctx, tx, "identity.directory_try.ip", tx.Actor.IP); err != nil {
			return err
		}
		if err := queries.LockAddress(ctx, tx, hex.EncodeToString(place)); err != nil {
			return err
		}
	}
	n, err := queries.CountDirectoryTries(ctx, tx, identitydb.CountDirectoryTriesParams{LoginIndex: k.index, IpIndex: place, Since: tx.Wall.Add(-triesTime)})
	if err != nil {
		return err
	}
	if n.ByLogin >= triesPerLogin || len(place) > 0 && n.ByIp >= triesPerPlace {
		return ErrDirectoryTries.With("minutes", int(triesTime.Minutes()))
	}
	return queries.InsertDirectoryTry(ctx, tx, identitydb.InsertDirectoryTryParams{ID: id.New(), LoginIndex: k.index, IpIndex: place, TriedAt: tx.Wall})
}

// Bind proves the password at the directory. It speaks over the network: not in a transaction.
// Errors: ErrCredentials, ErrDirectoryAway.
func (s *Service) Bind(ctx context.Context, k Knock, password string) (_ Known, err error) {
	defer fault.Wrap(&err, "identity.Bind(%s)", k.open.Directory.Code)
	entry, err := s.ldap.Authenticate(ctx, k.open.server, k.login, password)
	if errors.Is(err, ldap.ErrCredentials) {
		return Known{}, ErrCredentials.Because(err)
	}
	if err != nil {
		return Known{}, ErrDirectoryAway.Because(err)
	}
	return Known{k, entry}, nil
}

// FailDirectory records that login and password did not belong together. Anybody may call it, after BeginDirectory.
func (s *Service) FailDirectory(ctx context.Context, tx *pg.Tx, k Knock) (err error) {
	defer fault.Wrap(&err, "identity.FailDirectory")
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.directory.wrong", Object: "identity.directory", Detail: map[string]any{"directory": k.open.Directory.Code},
	})
}

// FinishDirectory signs in whom the directory knows. Somebody who came before has their account; else an e-mail leads to the
// staff account that an administrator entered with it, where the directory may do that; else whom a rule gives a role gets
// an account, where the directory may do that. Grants that follow from the directory's groups are set anew. Who is shut
// out there is shut out here from this moment on, which is kept although an error is returned (pg.Keep), and who was shut
// out by the directory and no longer is, comes back. Errors: ErrNotLinked, ErrLinkFirst, ErrSuspended.
func (s *Service) FinishDirectory(ctx context.Context, tx *pg.Tx, k Known) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishDirectory")
	o := k.knock.open
	if err := queries.DeleteDirectoryTries(ctx, tx, k.knock.index); err != nil {
		return SignedIn{}, err
	}
	indexes, err := s.entryIndexes(ctx, tx, o.Directory.Code, k.entry.ID)
	if err != nil {
		return SignedIn{}, err
	}
	if err := lockIndexes(ctx, tx, indexes); err != nil {
		return SignedIn{}, err
	}
	facts := o.facts(k.entry)
	grants := o.rules.grants(facts)
	link, err := queries.FindDirectoryLink(ctx, tx, identitydb.FindDirectoryLinkParams{Directory: o.Directory.Code, Indexes: indexes})
	account, made := link.AccountID, false
	switch {
	case pg.NotFound(err) && o.shut(facts):
		return SignedIn{}, ErrSuspended
	case pg.NotFound(err):
		account, made, err = s.join(ctx, tx, o.Directory, k.entry, indexes[0], grants)
	case err == nil:
		err = s.again(ctx, tx, o, link, facts)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return s.enter(ctx, tx, account, made, entrance{source: o.Directory.Source(), level: o.Directory.Level, at: tx.Wall, grants: grants})
}

// join finds or makes the account of somebody who comes by the directory for the first time.
func (s *Service) join(ctx context.Context, tx *pg.Tx, d Directory, e ldap.Entry, index []byte, grants []NewGrant) (account uuid.UUID, made bool, err error) {
	first := func(attribute string) string {
		if values := e.Attributes[attribute]; len(values) > 0 {
			return values[0]
		}
		return ""
	}
	account, made, err = s.admit(ctx, tx, newcomer{
		kind: KindStaff, name: first(d.NameAttribute), email: first(d.EmailAttribute), phone: first(d.PhoneAttribute), byEmail: d.StaffByEmail,
		create: d.CreateStaff, grants: grants,
	})
	if err != nil {
		return uuid.Nil, false, err
	}
	sealed, err := s.encryption.SealString(ctx, tx, account, entryPlace(d.Code, account), e.ID)
	if err != nil {
		return uuid.Nil, false, err
	}
	err = queries.InsertDirectoryLink(ctx, tx, identitydb.InsertDirectoryLinkParams{
		Directory: d.Code, EntryIndex: index, Entry: sealed, AccountID: account, LinkedAt: tx.Now, UsedAt: &tx.Now,
	})
	if pg.Constraint(err) == "directory_link_key" { // the administrator's account is another entry's already
		return uuid.Nil, false, ErrNotLinked.Because(err)
	}
	return account, made, err
}

// again sees whether somebody who came by the directory before may still come in.
func (s *Service) again(ctx context.Context, tx *pg.Tx, o OpenDirectory, link identitydb.FindDirectoryLinkRow, facts map[string]any) error {
	source := o.Directory.Source()
	switch {
	case o.shut(facts):
		if link.Status == statusActive {
			if err := s.shutOut(ctx, tx, link.AccountID, source, whyDisabled); err != nil {
				return err
			}
		}
		return pg.Keep(ErrSuspended)
	case link.Status == statusSuspended && link.SuspendedBy == source:
		if err := s.letBack(ctx, tx, link.AccountID); err != nil {
			return err
		}
	case link.Status == statusSuspended:
		return ErrSuspended
	}
	return queries.UseDirectoryLink(ctx, tx, identitydb.UseDirectoryLinkParams{UsedAt: &tx.Now, Directory: o.Directory.Code, EntryIndex: link.EntryIndex})
}

// entryIndexes are the indexes that an entry of a directory may stand under, the one to store first.
func (s *Service) entryIndexes(ctx context.Context, tx *pg.Tx, directory, entry string) ([][]byte, error) {
	return s.encryption.BlindIndexes(ctx, tx, entryIndex, directory+"\x00"+entry)
}

// shutOut suspends an account because a directory says so: its sessions and what followed from the directory are gone at
// once. An emergency account is not the directory's to suspend.
func (s *Service) shutOut(ctx context.Context, tx *pg.Tx, account uuid.UUID, source, why string) error {
	emergency, err := queries.IsEmergency(ctx, tx, account)
	if err != nil || emergency {
		return err
	}
	if err := setGrants(ctx, tx, reach{everywhere: true}, account, source, nil); err != nil {
		return err
	}
	if _, err := queries.SetSuspendedBy(ctx, tx, identitydb.SetSuspendedByParams{ID: account, Status: statusSuspended, SuspendedBy: source}); err != nil {
		return err
	}
	if _, err := queries.DeleteSessions(ctx, tx, account); err != nil {
		return err
	}
	return recordStatus(ctx, tx, account, statusSuspended, why)
}

// letBack restores an account that a directory had shut out.
func (s *Service) letBack(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	if _, err := queries.SetSuspendedBy(ctx, tx, identitydb.SetSuspendedByParams{ID: account, Status: statusActive}); err != nil {
		return err
	}
	return recordStatus(ctx, tx, account, statusActive, whyEnabled)
}

func recordStatus(ctx context.Context, tx *pg.Tx, account uuid.UUID, status, why string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.account.status", Object: "identity.account", ObjectID: account, Person: account, Reason: "directory",
		Detail: map[string]any{"status": status, "why": why},
	})
}
