package tenancy

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy/internal/tenancydb"
)

func readWording(ctx context.Context, tx *pg.Tx) (map[string]map[string]i18n.Message, error) {
	rows, err := queries.ListWording(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]i18n.Message{}
	for _, row := range rows {
		if out[row.Lang] == nil {
			out[row.Lang] = map[string]i18n.Message{}
		}
		if out[row.Lang][row.Key], err = messageOf(row.Text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readOwn(ctx context.Context, tx *pg.Tx, lang string) (map[string]OwnText, error) {
	rows, err := queries.ListWordingOf(ctx, tx, lang)
	if err != nil {
		return nil, err
	}
	out := make(map[string]OwnText, len(rows))
	for _, row := range rows {
		x := OwnText{At: row.ChangedAt, By: orNil(row.ChangedBy)}
		if x.Text, err = messageOf(row.Text); err != nil {
			return nil, err
		}
		if x.Source, err = messageOf(row.Source); err != nil {
			return nil, err
		}
		out[row.Key] = x
	}
	return out, nil
}

func putWording(ctx context.Context, tx *pg.Tx, lang string, put []WordingChange, source func(key string) i18n.Message) error {
	if len(put) == 0 {
		return nil
	}
	in := tenancydb.PutWordingParams{Lang: lang, At: tx.Now, By: actor(tx)}
	for _, c := range put {
		in.Keys, in.Texts, in.Sources = append(in.Keys, c.Key), append(in.Texts, text(c.After)), append(in.Sources, text(source(c.Key)))
	}
	return queries.PutWording(ctx, tx, in)
}

func deleteWording(ctx context.Context, tx *pg.Tx, lang string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return queries.DeleteWording(ctx, tx, tenancydb.DeleteWordingParams{Lang: lang, Keys: keys})
}

func readLanguages(ctx context.Context, tx *pg.Tx) ([]OwnLanguage, error) {
	rows, err := queries.ListLanguages(ctx, tx)
	out := make([]OwnLanguage, 0, len(rows))
	for _, row := range rows {
		out = append(out, OwnLanguage{Code: row.Code, Name: row.Name, At: row.AddedAt, By: orNil(row.AddedBy)})
	}
	return out, err
}

func insertLanguage(ctx context.Context, tx *pg.Tx, code, name string) (bool, error) {
	n, err := queries.InsertLanguage(ctx, tx, tenancydb.InsertLanguageParams{Code: code, Name: name, AddedAt: tx.Now, AddedBy: actor(tx)})
	return n > 0, err
}

// deleteLanguage deletes a language and the texts in it; what was done to them stays in the history.
func deleteLanguage(ctx context.Context, tx *pg.Tx, code string) (bool, error) {
	n, err := queries.DeleteLanguage(ctx, tx, code)
	if err != nil || n == 0 {
		return false, err
	}
	return true, queries.DeleteWordingOf(ctx, tx, code)
}

func insertAct(ctx context.Context, tx *pg.Tx, a WordingAct) error {
	in := tenancydb.InsertActParams{ID: a.ID, Lang: a.Lang, Kind: string(a.Kind), State: string(a.State), BegunAt: tx.Now, BegunBy: actor(tx)}
	if a.Undoes != uuid.Nil {
		in.Undoes = &a.Undoes
	}
	return queries.InsertAct(ctx, tx, in)
}

// setActState also notes who ended the act, and when, where it is over.
func setActState(ctx context.Context, tx *pg.Tx, act uuid.UUID, state ActState) error {
	in := tenancydb.SetActStateParams{ID: act, State: string(state)}
	if state == ActUndone || state == ActDiscarded {
		in.EndedAt, in.EndedBy = &tx.Now, actor(tx)
	}
	return queries.SetActState(ctx, tx, in)
}

func readAct(ctx context.Context, tx *pg.Tx, act uuid.UUID) (WordingAct, error) {
	row, err := queries.GetAct(ctx, tx, act)
	if pg.NotFound(err) {
		return WordingAct{}, ErrNoAct
	}
	if err != nil {
		return WordingAct{}, err
	}
	list := []WordingAct{actOf(tenancydb.ListActsRow(row))}
	return list[0], countChanges(ctx, tx, list)
}

func listActs(ctx context.Context, tx *pg.Tx, lang string, before uuid.UUID, most int) ([]WordingAct, error) {
	in := tenancydb.ListActsParams{Lang: lang, Limit: int32(most)}
	if before != uuid.Nil {
		in.Before = &before
	}
	rows, err := queries.ListActs(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	out := make([]WordingAct, 0, len(rows))
	for _, row := range rows {
		out = append(out, actOf(row))
	}
	return out, countChanges(ctx, tx, out)
}

func actOf(row tenancydb.ListActsRow) WordingAct {
	a := WordingAct{
		ID: row.ID, Lang: row.Lang, Kind: ActKind(row.Kind), State: ActState(row.State), At: row.BegunAt, By: orNil(row.BegunBy),
		EndedBy: orNil(row.EndedBy), Undoes: orNil(row.Undoes), Outcomes: map[Outcome]int{},
	}
	if row.EndedAt != nil {
		a.Ended = *row.EndedAt
	}
	return a
}

// countChanges fills in how many texts the acts are about, and of an edit which one.
func countChanges(ctx context.Context, tx *pg.Tx, acts []WordingAct) error {
	ids, at := make([]uuid.UUID, len(acts)), map[uuid.UUID]int{}
	for i, a := range acts {
		ids[i], at[a.ID] = a.ID, i
	}
	rows, err := queries.CountChanges(ctx, tx, ids)
	for _, row := range rows {
		a := &acts[at[row.Act]]
		a.Outcomes[Outcome(row.Outcome)] = int(row.N)
		if a.Kind == ActEdit {
			a.Key = row.Key
		}
	}
	return err
}

func insertChanges(ctx context.Context, tx *pg.Tx, act uuid.UUID, changes []WordingChange) error {
	in := tenancydb.InsertChangesParams{Act: act}
	for _, c := range changes {
		in.Numbers, in.Keys, in.Outcomes = append(in.Numbers, int32(c.Number)), append(in.Keys, c.Key), append(in.Outcomes, string(c.Outcome))
		in.Befores, in.Afters = append(in.Befores, text(c.Before)), append(in.Afters, text(c.After))
	}
	return queries.InsertChanges(ctx, tx, in)
}

func replaceChanges(ctx context.Context, tx *pg.Tx, act uuid.UUID, changes []WordingChange) error {
	if err := queries.DeleteChanges(ctx, tx, act); err != nil {
		return err
	}
	return insertChanges(ctx, tx, act, changes)
}

func listChanges(ctx context.Context, tx *pg.Tx, act uuid.UUID, only Outcome, after, most int) ([]WordingChange, error) {
	rows, err := queries.ListChanges(ctx, tx, tenancydb.ListChangesParams{Act: act, Limit: int32(most), AfterNumber: int32(after), Outcome: string(only)})
	if err != nil {
		return nil, err
	}
	out := make([]WordingChange, 0, len(rows))
	for _, row := range rows {
		c := WordingChange{Number: int(row.Number), Key: row.Key, Outcome: Outcome(row.Outcome)}
		if c.Before, err = messageOf(row.Before); err != nil {
			return nil, err
		}
		if c.After, err = messageOf(row.After); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func listChangesOf(ctx context.Context, tx *pg.Tx, lang, key string, most int) (acts []WordingAct, changes []WordingChange, err error) {
	rows, err := queries.ListChangesOfKey(ctx, tx, tenancydb.ListChangesOfKeyParams{Key: key, Lang: lang, Limit: int32(most)})
	if err != nil {
		return nil, nil, err
	}
	for _, row := range rows {
		acts = append(acts, WordingAct{ID: row.ID, Lang: row.Lang, Kind: ActKind(row.Kind), State: ActState(row.State), At: row.BegunAt, By: orNil(row.BegunBy)})
		c := WordingChange{Number: 1, Key: key, Outcome: Outcome(row.Outcome)}
		if c.Before, err = messageOf(row.Before); err != nil {
			return nil, nil, err
		}
		if c.After, err = messageOf(row.After); err != nil {
			return nil, nil, err
		}
		changes = append(changes, c)
	}
	return acts, changes, nil
}

// afterNumber reads the cursor of a list of changes.
func afterNumber(p page.Request) (int, error) {
	if p.After == "" {
		return 0, nil
	}
	parts, err := page.Decode(p.After, 1)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(parts[0], 10, 32)
	if err != nil {
		return 0, page.ErrCursor.Because(err)
	}
	return int(n), nil
}

func numberKey(c WordingChange) []string { return []string{strconv.Itoa(c.Number)} }

// text writes a message for the database, "" for none.
func text(m i18n.Message) string {
	if m == nil {
		return ""
	}
	b, _ := json.Marshal(m) // a map of strings always marshals
	return string(b)
}

func messageOf(b json.RawMessage) (m i18n.Message, err error) {
	if len(b) == 0 {
		return nil, nil
	}
	return m, json.Unmarshal(b, &m)
}

// actor is the account that acts, nil for the system.
func actor(tx *pg.Tx) *uuid.UUID {
	if tx.Actor.ID == uuid.Nil {
		return nil
	}
	return &tx.Actor.ID
}

func orNil(v *uuid.UUID) uuid.UUID {
	if v == nil {
		return uuid.Nil
	}
	return *v
}
