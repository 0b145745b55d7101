package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption/blind"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Person is somebody as a counter sees them: the addresses of their account masked, but for those of whom they are acted for.
type Person struct {
	identity.Visitor
	Card  Card
	Known bool // there is a card
}

// Masked are the person's proved addresses as they may be shown before the person has agreed to anything.
func (p Person) Masked() (list []string) {
	for _, c := range p.Contacts {
		if c.Verified {
			list = append(list, Mask(c.Address))
		}
	}
	return list
}

// Proved reports whether the person has an address to which a code can go.
func (p Person) Proved() bool {
	return slices.ContainsFunc(p.Contacts, func(c identity.Contact) bool { return c.Verified })
}

// Search asks for a person: Text is exactly a telephone number, an e-mail address, a number of identity or the number of an
// application; or Name and Born, of which some words of the name are enough.
type Search struct {
	Text string
	Name string
	Born civil.Date
}

// Match is somebody who was found.
type Match struct {
	Person
	Evidence
}

// mostFound bounds what one search can bring up.
const mostFound = 20

// Find looks for a person. The look is on record. Permission: desk:use at the office. Errors: ErrForbidden, ErrSearch.
func (s *Service) Find(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, in Search) (_ []Match, err error) {
	defer fault.Wrap(&err, "desk.Find")
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return nil, err
	}
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	in.Text = strings.TrimSpace(in.Text)
	want := wanted{name: in.Name, card: Card{Born: in.Born}}
	var found []uuid.UUID
	switch {
	case in.Text != "":
		want.card.NationalID = number(in.Text)
		want.card.Phone, _ = blind.Phone(in.Text, set.PhoneRegion)
		want.card.Email, _ = blind.Email(in.Text)
		if found, err = s.byText(ctx, tx, in.Text); err != nil {
			return nil, err
		}
	case len(blind.Words(in.Name)) == 0 || !in.Born.Valid() || in.Born.IsZero():
		return nil, ErrSearch
	}
	carded, err := s.byCard(ctx, tx, want)
	if err != nil {
		return nil, err
	}
	matches, err := s.matches(ctx, tx, append(found, carded...), want)
	if err != nil {
		return nil, err
	}
	if in.Text == "" { // the day alone, which an index may share, is nobody
		matches = slices.DeleteFunc(matches, func(m Match) bool { return !m.Evidence.Born || m.Evidence.Name == 0 })
	}
	return matches, nil
}

// wanted is what is looked for.
type wanted struct {
	name string
	card Card
}

// byText finds who is reached at an address, and whose the number of an application is.
func (s *Service) byText(ctx context.Context, tx *pg.Tx, text string) ([]uuid.UUID, error) {
	found, err := s.deps.People.VisitorsAt(ctx, tx, text)
	if err != nil {
		return nil, err
	}
	_, person, err := s.deps.References.Find(ctx, tx, strings.ToUpper(text))
	if f := fault.Of(err); f != nil && f.Kind == fault.KindNotFound {
		return found, nil
	}
	return append(found, person), err
}

// byCard finds whose cards have something of what is wanted.
func (s *Service) byCard(ctx context.Context, tx *pg.Tx, w wanted) ([]uuid.UUID, error) {
	var tokens [][]byte
	for _, v := range values(w.name, w.card) {
		all, err := s.deps.Encryption.BlindIndexes(ctx, tx, v.field, v.value)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, all...)
	}
	return findPeople(ctx, tx, tokens)
}

// matches opens who was found and says how much each is what was wanted, the likeliest first. Accounts that are gone are
// left out.
func (s *Service) matches(ctx context.Context, tx *pg.Tx, found []uuid.UUID, w wanted) (list []Match, err error) {
	slices.SortFunc(found, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	found = slices.Compact(found)
	for _, account := range found[:min(len(found), mostFound)] {
		p, err := s.person(ctx, tx, account)
		if errors.Is(err, identity.ErrNotPerson) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Match{p, evidence(p, w)})
	}
	slices.SortStableFunc(list, func(a, b Match) int { return cmp.Compare(b.Evidence.Score(), a.Evidence.Score()) })
	return list, nil
}

func evidence(p Person, w wanted) Evidence {
	reached := func(address string) bool {
		return address != "" && (p.Card.Phone == address || p.Card.Email == address ||
			slices.ContainsFunc(p.Contacts, func(c identity.Contact) bool { return c.Address == address }))
	}
	return Evidence{
		NationalID: w.card.NationalID != "" && w.card.NationalID == p.Card.NationalID,
		Phone:      reached(w.card.Phone), Email: reached(w.card.Email),
		Born: !w.card.Born.IsZero() && w.card.Born == p.Card.Born, Name: alike(w.name, p.Name),
	}
}

// Person returns a person with their card. The look is on record. Permission: desk:use at the office.
// Errors: ErrForbidden, identity.ErrNotPerson.
func (s *Service) Person(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, account uuid.UUID) (p Person, err error) {
	defer fault.Wrap(&err, "desk.Person(%s)", account)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return p, err
	}
	return s.person(ctx, tx, account)
}

// RegisterPerson makes the account and the card of a person whom nobody knows. Who may be the same person is returned with
// ErrPossible, unless the operator has looked at them. Permission: desk:use at the office.
// Errors: ErrForbidden, ErrPerson with its fields, ErrPossible, ErrKnown.
func (s *Service) RegisterPerson(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, in Register) (_ uuid.UUID, same []Match, err error) {
	defer fault.Wrap(&err, "desk.RegisterPerson")
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return uuid.Nil, nil, err
	}
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, nil, err
	}
	card, wrong := in.check(civil.Of(tx.Now.In(set.Location())), set.PhoneRegion)
	if wrong != nil {
		return uuid.Nil, nil, ErrPerson.WithFields(wrong...)
	}
	if same, err = s.Same(ctx, tx, by, at, in.Name, card); err != nil {
		return uuid.Nil, nil, err
	}
	if slices.ContainsFunc(same, func(m Match) bool { return m.Evidence.NationalID }) {
		return uuid.Nil, same, ErrKnown
	}
	if len(same) > 0 && !in.Sure {
		return uuid.Nil, same, ErrPossible
	}
	account, err := s.deps.People.AddVisitor(ctx, tx, in.Name, in.Lang)
	if err != nil {
		return uuid.Nil, nil, err
	}
	if err := s.putCard(ctx, tx, at, account, in.Name, card); err != nil {
		return uuid.Nil, nil, err
	}
	return account, nil, audit.Record(ctx, tx, audit.Entry{
		Action: "desk.person.register", Object: "desk.person", ObjectID: account, Person: account,
		Detail: map[string]any{"agency": at.Agency, "office": at.Office, "similar": len(same)},
	})
}

// Same returns who may be the person of a card, the likeliest first. Permission: desk:use at the office. Errors: ErrForbidden.
func (s *Service) Same(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, name string, card Card) (_ []Match, err error) {
	defer fault.Wrap(&err, "desk.Same")
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return nil, err
	}
	w := wanted{name, card}
	found, err := s.byCard(ctx, tx, w)
	if err != nil {
		return nil, err
	}
	for _, address := range []string{card.Phone, card.Email} {
		if address == "" {
			continue
		}
		more, err := s.deps.People.VisitorsAt(ctx, tx, address)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	matches, err := s.matches(ctx, tx, found, w)
	return slices.DeleteFunc(matches, func(m Match) bool { return m.Evidence.Score() < Possible }), err
}

// field names a field of blind indexes.
type field struct{ field, value string }

// The fields of blind indexes.
const (
	idField    = "desk.person.national_id"
	phoneField = "desk.person.phone"
	emailField = "desk.person.email"
	bornField  = "desk.person.born"
)

// values are what a card is found by. A day of birth alone tells too little of somebody and too much to whoever looks at the
// table, so that it is indexed with each word of the name.
func values(name string, c Card) (list []field) {
	if c.NationalID != "" {
		list = append(list, field{idField, c.NationalID})
	}
	if c.Phone != "" {
		list = append(list, field{phoneField, c.Phone})
	}
	if c.Email != "" {
		list = append(list, field{emailField, strings.ToLower(c.Email)})
	}
	if c.Born.IsZero() {
		return list
	}
	for _, word := range blind.Words(name) {
		if utf8.RuneCountInString(word) > 1 {
			list = append(list, field{bornField, c.Born.String() + " " + word})
		}
	}
	return list
}
