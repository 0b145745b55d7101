package request

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Sources are where answers can come from besides the person's typing. All of it is the person's own.
type Sources interface {
	// Profile returns what the profile knows, by field: boundary; of a business also its number, form, address, phone and email.
	Profile(ctx context.Context, tx *pg.Tx, person uuid.UUID) (map[string]string, error)
	// Credentials returns the valid credentials of these types that the person holds, newest first.
	Credentials(ctx context.Context, tx *pg.Tx, person uuid.UUID, types []string) ([]Held, error)
	// Household returns the people without an account for whom the person applies.
	Household(ctx context.Context, tx *pg.Tx, person uuid.UUID) ([]Relative, error)
	// Record returns a record of a register that is about the person; nil where there is none, or it is about somebody else.
	Record(ctx context.Context, tx *pg.Tx, person uuid.UUID, register, key string) (map[string]any, error)
}

// Held is a credential in the person's wallet.
type Held struct {
	ID        uuid.UUID // of the credential
	Type      string
	Number    string
	Title     i18n.Text
	Claims    map[string]any
	ExpiresAt *time.Time
}

// prefill answers what the state knows already and the service's author wants filled in. The person sees where it is from
// and can change it.
func (s *Service) prefill(ctx context.Context, tx *pg.Tx, r *Request, spec *servicespec.Service) error {
	wanted := spec.Prefills()
	if len(wanted) == 0 {
		return nil
	}
	profile, err := s.profile(ctx, tx, r.Person)
	if err != nil {
		return err
	}
	business, err := s.deps.Identity.IsBusiness(ctx, tx, r.Person)
	if err != nil {
		return err
	}
	var held []Held
	if types := spec.Credentials(); len(types) > 0 {
		if held, err = s.deps.Sources.Credentials(ctx, tx, r.Person, types); err != nil {
			return err
		}
	}
	facts, err := s.facts(ctx, tx, spec, []string{profile["boundary"]})
	if err != nil {
		return err
	}
	for _, code := range slices.Sorted(maps.Keys(wanted)) {
		source, rest, _ := strings.Cut(wanted[code], ".")
		var v any
		switch source {
		case "business":
			if known := profile[rest]; known != "" && business {
				v = known
			}
		case "profile":
			if known := profile[rest]; known != "" {
				v = known
			}
		case "wallet":
			kind, claim, _ := strings.Cut(rest, ".")
			if i := slices.IndexFunc(held, func(h Held) bool { return h.Type == kind }); i >= 0 {
				v = held[i].Claims[claim]
			}
		}
		r.fill(spec, facts, code, v, wanted[code])
	}
	return nil
}

// fill takes over what a source knows, where it is an answer to the question.
func (r *Request) fill(spec *servicespec.Service, facts servicespec.Facts, code string, v any, source string) {
	answer, ok := spec.Fit(code, v, facts)
	if !ok {
		return
	}
	r.Answers[code] = answer
	r.Sources[code] = source
}

func (s *Service) profile(ctx context.Context, tx *pg.Tx, person uuid.UUID) (map[string]string, error) {
	known, err := s.deps.Sources.Profile(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	name, err := s.deps.Identity.Name(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	contacts, err := s.contacts(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(known)
	if out == nil {
		out = map[string]string{}
	}
	out["name"] = name
	for field, channel := range map[string]string{"phone": "sms", "email": "email"} {
		if contacts[channel] != "" {
			out[field] = contacts[channel]
		}
	}
	return out, nil
}

// lookUp reads the records that the answers now ask for and the person has agreed to, and forgets those that they do not
// ask for any more, with the answers that came from them. Each reading is on record.
func (s *Service) lookUp(ctx context.Context, tx *pg.Tx, r *Request, spec *servicespec.Service, facts servicespec.Facts) (servicespec.Facts, error) {
	if len(spec.Pack().Lookups) == 0 {
		return facts, nil
	}
	found := map[servicespec.LookupKey]map[string]any{}
	for {
		facts.Found = found
		wanted := spec.Wanted(r.Answers, facts)
		if len(wanted) == 0 {
			break
		}
		for _, w := range wanted {
			record, known := r.Found[w.LookupKey]
			if !known {
				var err error
				if record, err = s.record(ctx, tx, r, w); err != nil {
					return facts, err
				}
			}
			found[w.LookupKey] = record
		}
	}
	r.Found = found
	r.refill(spec, facts)
	return facts, nil
}

func (s *Service) record(ctx context.Context, tx *pg.Tx, r *Request, w servicespec.Want) (map[string]any, error) {
	record, err := s.deps.Sources.Record(ctx, tx, r.Person, w.Lookup.Registry, w.Key)
	if err != nil {
		return nil, err
	}
	return record, audit.Record(ctx, tx, audit.Entry{
		Action: "request.look_up", Object: "request.request", ObjectID: r.ID, Person: r.Person,
		Detail: map[string]any{"register": w.Lookup.Registry, "lookup": w.Lookup.Name, "found": record != nil},
	})
}

// refill fills in what was found, and takes out what came from a record that is not there any more.
func (r *Request) refill(spec *servicespec.Service, facts servicespec.Facts) {
	values := spec.Values(r.Answers, facts)
	r.Answers, r.Sources = maps.Clone(r.Answers), maps.Clone(r.Sources)
	for code, source := range spec.Prefills() {
		if !strings.HasPrefix(source, "lookup.") {
			continue
		}
		v, known := values[source]
		switch {
		case !known && r.Sources[code] == source:
			delete(r.Answers, code)
			delete(r.Sources, code)
		case known && r.Answers[code] == nil && r.Sources[code] == "":
			r.fill(spec, facts, code, v, source)
		}
	}
}

// forgetSources drops the sources of answers that the person has changed since.
func (r *Request) forgetSources(before servicespec.Answers) {
	for code := range r.Sources {
		if !servicespec.Same(before[code], r.Answers[code]) {
			delete(r.Sources, code)
		}
	}
}

// foundRow is how a record that was looked up is kept.
type foundRow struct {
	Lookup string         `json:"lookup"`
	Key    string         `json:"key"`
	Record map[string]any `json:"record"`
}

func encodeFound(found map[servicespec.LookupKey]map[string]any) ([]byte, error) {
	rows := []foundRow{}
	for k, record := range found {
		rows = append(rows, foundRow{k.Lookup, k.Key, record})
	}
	return json.Marshal(rows)
}

func decodeFound(data []byte) (map[servicespec.LookupKey]map[string]any, error) {
	var rows []foundRow
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, err
	}
	out := map[servicespec.LookupKey]map[string]any{}
	for _, row := range rows {
		out[servicespec.LookupKey{Lookup: row.Lookup, Key: row.Key}] = row.Record
	}
	return out, nil
}

// Credentials returns the credentials of the person's wallet that prove documents of a service.
func (s *Service) Credentials(ctx context.Context, tx *pg.Tx, r Request, spec *servicespec.Service) ([]Held, error) {
	types := spec.Credentials()
	if len(types) == 0 {
		return nil, nil
	}
	return s.deps.Sources.Credentials(ctx, tx, r.Person, types)
}
