package studio

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// lookBack is how many revisions are looked through for what a translation was made of.
const lookBack = 100

// Outdated returns the texts whose translation into a language was made of another source than there is now, by where they are (the
// keys joined by dots), with that source. It looks back through the last hundred changes. Permission: studio:read.
// Errors: ErrUnknown, ErrForbidden.
func (s *Service) Outdated(ctx context.Context, tx *pg.Tx, by identity.Principal, draft uuid.UUID, lang string) (before map[string]string, err error) {
	defer fault.Wrap(&err, "studio.Outdated(%s, %s)", draft, lang)
	d, now, err := s.Open(ctx, tx, by, draft)
	if err != nil || len(now.Languages) == 0 {
		return nil, err
	}
	first := now.Languages[0]
	type text struct{ source, words string }
	read := func(all []TextAt) map[string]text {
		out := make(map[string]text, len(all))
		for _, t := range all {
			out[strings.Join(t.Keys, ".")] = text{t.Text[first], t.Text[lang]}
		}
		return out
	}
	have := read(Texts(now))
	made := map[string]string{} // the source at the oldest revision with today's translation
	open := map[string]bool{}
	for key, t := range have {
		if t.words != "" {
			made[key], open[key] = t.source, true
		}
	}
	at, err := revisionRow(ctx, tx, d.ID, d.Head)
	for n := 0; err == nil && at.Parent > 0 && n < lookBack && len(open) > 0; n++ {
		p, err := revisionPack(ctx, tx, d.ID, at.Parent)
		if err != nil {
			return nil, err
		}
		then := read(Texts(p))
		for key := range open {
			if then[key].words != have[key].words {
				delete(open, key)
				continue
			}
			made[key] = then[key].source
		}
		if at, err = revisionRow(ctx, tx, d.ID, at.Parent); err != nil {
			return nil, err
		}
	}
	before = map[string]string{}
	for key, source := range made {
		if source != have[key].source && source != "" {
			before[key] = source
		}
	}
	return before, err
}
