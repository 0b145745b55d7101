package studio

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// Draft is a service in the making. Head is the revision it is at, Last the newest it has; Base the published version that it
// follows, 0 for none. Times are on the tenant's clock.
type Draft struct {
	ID           uuid.UUID
	Code, Agency string
	Name         i18n.Text
	Base         int
	Head, Last   int
	CreatedAt    time.Time
	CreatedBy    uuid.UUID
	ChangedAt    time.Time
	ChangedBy    uuid.UUID
	DiscardedAt  *time.Time
}

// KeepDiscarded is for how long a draft that was thrown away can be taken back.
const KeepDiscarded = 30 * 24 * time.Hour

// Revision is what a draft said after one change. Parent is the revision that was changed, 0 where the draft began.
type Revision struct {
	No, Parent int
	Hash       string
	Step       Step
	At         time.Time
	By         uuid.UUID
}

// Step says what one change does: Code and Args make its sentence ("studio.step." + Code in the catalogue), Part is which part
// of the definition it touches, as the path of a servicespec.Change: form, pages, applicant, questions, nif. An
// empty Part is the whole. Also are further parts.
type Step struct {
	Code string
	Part []string
	Also [][]string
	Args map[string]string
}

// touched returns the changes that touch what a step is about.
func (s Step) touched(changes []servicespec.Change) (out []servicespec.Change) {
	for _, part := range append([][]string{s.Part}, s.Also...) {
		out = append(out, touching(part, changes)...)
	}
	return out
}

// maxPack is how many bytes of canonical JSON a definition may take: what can be read back from a file.
const maxPack = 1 << 20

// encode writes a pack as canonical JSON, the bytes of which servicespec.Hash is the SHA-256.
func encode(p *servicespec.Pack) ([]byte, error) {
	body, err := json.Marshal(p)
	if err == nil && len(body) > maxPack {
		return nil, ErrTooLarge.With("max", maxPack)
	}
	return body, err
}

func decode(body []byte) (*servicespec.Pack, error) {
	p := &servicespec.Pack{}
	return p, json.Unmarshal(body, p)
}

// touching returns the changes that touch a part: those in it, and those of something that it is in. That a list around it has
// another order touches nothing inside.
func touching(part []string, changes []servicespec.Change) []servicespec.Change {
	if len(part) == 0 {
		return changes
	}
	var out []servicespec.Change
	for _, c := range changes {
		n := min(len(part), len(c.Path))
		if !slices.Equal(part[:n], c.Path[:n]) {
			continue
		}
		if c.What == servicespec.Reordered && len(c.Path) < len(part) {
			continue
		}
		out = append(out, c)
	}
	return out
}
