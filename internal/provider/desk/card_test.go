package desk_test

import (
	"testing"

	"pgregory.net/rapid"

	"digit/internal/provider/desk"
)

func TestScore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		e    desk.Evidence
		want int
	}{
		{"nothing", desk.Evidence{}, 0},
		{"the same number of identity", desk.Evidence{NationalID: true}, 100},
		{"a telephone that a family shares", desk.Evidence{Phone: true}, 35},
		{"name and day of birth", desk.Evidence{Name: 1, Born: true}, 70},
		{"half a name and a telephone", desk.Evidence{Name: 0.5, Phone: true}, 55},
		{"all but the number", desk.Evidence{Name: 1, Born: true, Phone: true, Email: true}, 99},
	} {
		if got := tt.e.Score(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestMoreEvidenceNeverCountsLess holds for any evidence.
func TestMoreEvidenceNeverCountsLess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func() desk.Evidence {
			return desk.Evidence{
				NationalID: rapid.Bool().Draw(t, "id"), Phone: rapid.Bool().Draw(t, "phone"), Email: rapid.Bool().Draw(t, "email"),
				Born: rapid.Bool().Draw(t, "born"), Name: rapid.Float64Range(0, 1).Draw(t, "name"),
			}
		}
		a, b := draw(), draw()
		both := desk.Evidence{a.NationalID || b.NationalID, a.Phone || b.Phone, a.Email || b.Email, a.Born || b.Born, max(a.Name, b.Name)}
		if both.Score() < a.Score() || both.Score() > 100 || len(both.Reasons()) < len(a.Reasons()) {
			t.Fatalf("%+v is %d, and with more it is %d", a, a.Score(), both.Score())
		}
	})
}

func TestMask(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"+2389912345": "••• 345", "maria@correio.example": "m•••@correio.example", "ab": "•••"} {
		if got := desk.Mask(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
