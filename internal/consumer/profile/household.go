package profile

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/consumer/profile/internal/profiledb"
	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Errors of households.
var (
	// ErrMember says what about somebody of the household cannot be accepted, one field each.
	ErrMember = fault.Invalid("profile.member")
	// ErrNoMember says that the household has nobody of that id.
	ErrNoMember = fault.NotFound("profile.no_member")
	// ErrHousehold says that the household is as large as one may be; argument: max.
	ErrHousehold = fault.Conflict("profile.household")
)

// householdMost is how many people a household may have.
const householdMost = 30

// oldest is for how many years somebody may have been born.
const oldest = 130

// Relations are what somebody can be to the person whose household it is.
var Relations = []string{"child", "spouse", "parent", "grandchild", "grandparent", "sibling", "ward", "other"}

// Member is somebody without an account for whom a person applies.
type Member struct {
	ID       uuid.UUID
	Name     string
	Born     civil.Date
	Relation string // one of Relations: what they are to the person
	AddedAt  time.Time
}

// about is how what is known of a member is sealed.
type about struct {
	Name     string     `json:"name"`
	Born     civil.Date `json:"born"`
	Relation string     `json:"relation"`
}

func memberPlace(member uuid.UUID) encryption.Place {
	return encryption.Place{Table: "profile.member", Column: "about", Row: member}
}

func (m Member) check(today civil.Date) error {
	var wrong []fault.Field
	if m.Name == "" {
		wrong = append(wrong, fault.Field{Path: "name", Code: "profile.member_name"})
	}
	if utf8.RuneCountInString(m.Name) > nameMax {
		wrong = append(wrong, fault.Field{Path: "name", Code: "profile.name_long", Args: map[string]any{"max": nameMax}})
	}
	if !m.Born.Valid() || today.Before(m.Born) || today.Age(m.Born) > oldest {
		wrong = append(wrong, fault.Field{Path: "born", Code: "profile.member_born"})
	}
	if !slices.Contains(Relations, m.Relation) {
		wrong = append(wrong, fault.Field{Path: "relation", Code: "profile.member_relation"})
	}
	if len(wrong) > 0 {
		return ErrMember.WithFields(wrong...)
	}
	return nil
}

// Household returns the people for whom somebody applies, in the order in which they were added. It asks for no permission: what a page
// shows is the page's to ask for.
func (s *Service) Household(ctx context.Context, tx *pg.Tx, account uuid.UUID) (list []Member, err error) {
	defer fault.Wrap(&err, "profile.Household(%s)", account)
	rows, err := queries.ListMembers(ctx, tx, account)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	for _, row := range rows {
		plain, err := s.deps.Encryption.Open(ctx, tx, account, memberPlace(row.ID), row.About)
		if err != nil {
			return nil, err
		}
		var a about
		if err := json.Unmarshal(plain, &a); err != nil {
			return nil, err
		}
		list = append(list, Member{ID: row.ID, Name: a.Name, Born: a.Born, Relation: a.Relation, AddedAt: row.AddedAt})
	}
	return list, audit.Read(ctx, tx, audit.Entry{Action: "profile.household.read", Object: "profile.person", ObjectID: account, Person: account})
}

// PutMember adds somebody to the household, or changes what is told about them where m has their id. Permission: one's own.
// Errors: ErrForbidden, ErrMember, ErrHousehold, ErrNoMember, ErrNotFound.
func (s *Service) PutMember(ctx context.Context, tx *pg.Tx, account uuid.UUID, m Member) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "profile.PutMember(%s)", account)
	if err := own(tx, account); err != nil {
		return uuid.Nil, err
	}
	settings, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	m.Name = strings.Join(strings.Fields(m.Name), " ")
	if err := m.check(civil.Of(tx.Now.In(settings.Location()))); err != nil {
		return uuid.Nil, err
	}
	if _, err := getPerson(ctx, tx, account); err != nil {
		return uuid.Nil, err
	}
	action := "profile.member.change"
	fresh := m.ID == uuid.Nil
	if fresh {
		action, m.ID = "profile.member.add", id.New()
	}
	sealed, err := s.deps.Encryption.SealJSON(ctx, tx, account, memberPlace(m.ID), about{m.Name, m.Born, m.Relation})
	if err != nil {
		return uuid.Nil, err
	}
	if fresh {
		err = s.addMember(ctx, tx, account, m.ID, sealed)
	} else {
		var n int64
		n, err = queries.SetMember(ctx, tx, profiledb.SetMemberParams{ID: m.ID, AccountID: account, About: sealed, Now: tx.Now})
		if err == nil && n == 0 {
			err = ErrNoMember
		}
	}
	if err != nil {
		return uuid.Nil, err
	}
	return m.ID, audit.Record(ctx, tx, audit.Entry{Action: action, Object: "profile.member", ObjectID: m.ID, Person: account})
}

func (s *Service) addMember(ctx context.Context, tx *pg.Tx, account, member uuid.UUID, sealed []byte) error {
	rows, err := queries.ListMembers(ctx, tx, account)
	if err != nil {
		return err
	}
	if len(rows) >= householdMost {
		return ErrHousehold.With("max", householdMost)
	}
	return queries.InsertMember(ctx, tx, profiledb.InsertMemberParams{ID: member, AccountID: account, About: sealed, Now: tx.Now})
}

// RemoveMember takes somebody out of the household; what was applied for them stays. Permission: one's own. Errors: ErrForbidden, ErrNoMember.
func (s *Service) RemoveMember(ctx context.Context, tx *pg.Tx, account, member uuid.UUID) (err error) {
	defer fault.Wrap(&err, "profile.RemoveMember(%s)", member)
	if err := own(tx, account); err != nil {
		return err
	}
	n, err := queries.DeleteMember(ctx, tx, profiledb.DeleteMemberParams{ID: member, AccountID: account})
	if err == nil && n == 0 {
		err = ErrNoMember
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "profile.member.remove", Object: "profile.member", ObjectID: member, Person: account})
}

func (s *Service) sealedMembers(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageMembers(ctx, tx, profiledb.PageMembersParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			m, err := queries.LockMember(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, m.AccountID, memberPlace(r.ID), m.About)
			if err != nil {
				return err
			}
			return queries.SetMemberAbout(ctx, tx, profiledb.SetMemberAboutParams{ID: r.ID, About: fresh})
		}, r.Head))
	}
	return rows, err
}
