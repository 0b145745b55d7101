package orchestration

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/encryption/blind"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// nameField is the field of the blind indexes of applicants' names: whole words, since beginnings would tell too much of citizens.
const nameField = "orchestration.application.name"

// The bounds of finding people: words of one letter find everybody, and so does a word that very many have.
const (
	shortestWord = 2
	mostWords    = 12
	mostNamed    = 2000
	mostCases    = 500
)

// ErrCommon says that the words of a name are those of too many people.
var ErrCommon = fault.Invalid("orchestration.common_name")

// IndexNamesArgs is the job that makes findable who applied before names were indexed.
type IndexNamesArgs struct{ job.Tenant }

// Kind is the job's name.
func (IndexNamesArgs) Kind() string { return "orchestration.index_names" }

// words of a name that are indexed.
func nameWords(name string) (list []string) {
	for _, w := range blind.Words(name) {
		if len([]rune(w)) >= shortestWord && !slices.Contains(list, w) && len(list) < mostWords {
			list = append(list, w)
		}
	}
	return list
}

// indexName makes an applicant findable by the words of their name.
func (s *Service) indexName(ctx context.Context, tx *pg.Tx, person uuid.UUID, name string) error {
	tokens := [][]byte{}
	for _, w := range nameWords(name) {
		token, err := s.deps.Sealer.BlindIndex(ctx, tx, nameField, w)
		if err != nil {
			return err
		}
		tokens = append(tokens, token)
	}
	if len(tokens) == 0 {
		return nil
	}
	return db.InsertNameTokens(ctx, tx, orchestrationdb.InsertNameTokensParams{Tokens: tokens, PersonID: person})
}

// Named returns the newest applications of people in whose names are all words of a text, accents and case aside. Only those
// that the reader may read are among them. Permission: orchestration:read, case by case. Errors: ErrCommon.
func (s *Service) Named(ctx context.Context, tx *pg.Tx, by identity.Principal, text string) (ids []uuid.UUID, err error) {
	defer fault.Wrap(&err, "orchestration.Named")
	words := nameWords(text)
	if len(words) == 0 || !by.MayAt(Read, tx.Now) {
		return nil, nil
	}
	people, err := s.named(ctx, tx, words)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	found, err := db.ListOfPeople(ctx, tx, orchestrationdb.ListOfPeopleParams{People: people, Size: mostCases})
	if err != nil {
		return nil, err
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, found)
	for _, i := range cases {
		if i.Reached(by, Read, tx.Now) {
			ids = append(ids, i.ID)
		}
	}
	return ids, err
}

// named returns who has all words in their names: of those with the rarest word, who has the others too.
func (s *Service) named(ctx context.Context, tx *pg.Tx, words []string) (people []uuid.UUID, err error) {
	tokens, all := make([][][]byte, len(words)), [][]byte{}
	for n, w := range words {
		if tokens[n], err = s.deps.Sealer.BlindIndexes(ctx, tx, nameField, w); err != nil {
			return nil, err
		}
		all = append(all, tokens[n]...)
	}
	counts, err := db.CountNamed(ctx, tx, orchestrationdb.CountNamedParams{Tokens: all, Bound: mostNamed + 1})
	if err != nil {
		return nil, err
	}
	has := func(list [][]byte, t []byte) bool {
		return slices.ContainsFunc(list, func(o []byte) bool { return bytes.Equal(o, t) })
	}
	rarest, least := 0, int64(-1)
	for n := range words {
		var total int64
		for _, c := range counts {
			if has(tokens[n], c.Token) {
				total += c.People
			}
		}
		if least < 0 || total < least {
			rarest, least = n, total
		}
	}
	if least > mostNamed {
		return nil, ErrCommon
	}
	rows, err := db.ListNamed(ctx, tx, orchestrationdb.ListNamedParams{Rarest: tokens[rarest], Others: all})
	met := map[uuid.UUID]map[int]bool{}
	for _, r := range rows {
		if met[r.PersonID] == nil {
			met[r.PersonID] = map[int]bool{}
		}
		for n := range words {
			if has(tokens[n], r.Token) {
				met[r.PersonID][n] = true
			}
		}
	}
	for person, m := range met {
		if len(m) == len(words) {
			people = append(people, person)
		}
	}
	return people, err
}

// indexBatch is how many applications one job makes findable.
const indexBatch = 500

// indexNames makes applicants findable who are not yet, and comes again as long as there are any.
func (s *Service) indexNames(ctx context.Context, tx *pg.Tx, _ IndexNamesArgs) error {
	rows, err := db.ListUnnamed(ctx, tx, indexBatch)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]uuid.UUID, 0, len(rows))
	people := map[uuid.UUID]uuid.UUID{}
	for _, r := range rows {
		ids, people[r.ID] = append(ids, r.ID), r.PersonID
	}
	names, err := s.names(ctx, tx, ids)
	if err != nil {
		return err
	}
	for id, name := range names {
		if err := s.indexName(ctx, tx, people[id], name); err != nil {
			return err
		}
	}
	if err := db.SetNamed(ctx, tx, ids); err != nil || len(rows) < indexBatch {
		return err
	}
	return tx.Enqueue(ctx, IndexNamesArgs{})
}

// Forget takes a person out of the index of names: their names become unreadable, and are not to be guessed either.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) (err error) {
	defer fault.Wrap(&err, "orchestration.Forget(%s)", person)
	return db.DeleteNameTokens(ctx, tx, person)
}

// indexedNames are the blind indexes by person, to be made anew under another key.
func (s *Service) indexedNames(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageNameTokens(ctx, tx, orchestrationdb.PageNameTokensParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.PersonID, func(ctx context.Context, tx *pg.Tx) error { return s.reindex(ctx, tx, r.PersonID) }, r.Head))
	}
	return rows, err
}

// reindex makes a person's indexes anew from the names of their applications.
func (s *Service) reindex(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	if err := db.DeleteNameTokens(ctx, tx, person); err != nil {
		return err
	}
	rows, err := db.ListNamesOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, r := range rows {
		plain, err := s.deps.Sealer.Open(ctx, tx, person, column("name", r.ID), r.Name)
		if errors.Is(err, encryption.ErrForgotten) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.indexName(ctx, tx, person, string(plain)); err != nil {
			return err
		}
	}
	return nil
}

// indexEvery is how often it is looked whether there is somebody to be made findable; mostly there is nobody.
const indexEvery = time.Hour
