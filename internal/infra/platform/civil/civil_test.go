package civil_test

import (
	"testing"

	"digit/internal/infra/platform/civil"
)

func TestAge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		birth, day string
		want       int
	}{
		{"2000-06-15", "2026-06-14", 25},
		{"2000-06-15", "2026-06-15", 26},
		{"2004-02-29", "2026-02-28", 21},
		{"2004-02-29", "2026-03-01", 22},
	} {
		birth, _ := civil.Parse(c.birth)
		day, _ := civil.Parse(c.day)
		if got := day.Age(birth); got != c.want {
			t.Errorf("born %s, on %s: got %d, want %d", c.birth, c.day, got, c.want)
		}
	}
}

func TestParseRefusesDaysThatDoNotExist(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2026-02-29", "2026-13-01", "26-01-01", "", "yesterday"} {
		if _, err := civil.Parse(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}
