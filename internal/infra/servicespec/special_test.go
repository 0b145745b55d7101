package servicespec_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/servicespec"
)

// TestSpecial: what anything in a row makes special is the group, what is calculated from it, and what is written of either.
func TestSpecial(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	if got := s.Special(); !slices.Equal(got, []string{"health"}) || s.SpecialFields("scholars") != nil {
		t.Errorf("%v, %v", got, s.SpecialFields("scholars"))
	}
	s = compile(t, strings.NewReplacer(
		"{code: income, kind: money,", "{code: income, kind: money, sensitivity: special,",
		"{name: area, label: {en: Area}, from: home.area}",
		`{name: area, label: {en: Area}, from: home.area}, {name: earns, label: {en: Earns}, from: total_income}, {name: heads, label: {en: Heads}, from: "size(members)"}`,
	).Replace(whole))
	if got := s.Special(); !slices.Equal(got, []string{"members", "total_income", "health"}) {
		t.Errorf("special: %v", got)
	}
	if got := s.SpecialFields("scholars"); !slices.Equal(got, []string{"earns", "heads"}) {
		t.Errorf("fields of the register: %v", got)
	}
	if got := s.SpecialFields("others"); got != nil {
		t.Errorf("fields of no register: %v", got)
	}
}

// TestWhyConcealed: what was decided on an answer would tell it.
func TestWhyConcealed(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	log := s.Trace(poorHousehold(t, s), facts)
	told := 0
	for _, b := range s.SeenWhy(log, not("income")) {
		if _, saw := b.Saw["members"]; !saw {
			continue
		}
		told++
		if b.Result != "…" || slices.ContainsFunc(b.Rules, func(f servicespec.Fired) bool { return f.Result != "…" }) {
			t.Errorf("%s %s tells %v by %v", b.Code, b.How, b.Result, b.Rules)
		}
	}
	if told == 0 {
		t.Error("nothing was decided on the members")
	}
	if slices.ContainsFunc(log, func(b servicespec.Because) bool { return b.Result == "…" }) {
		t.Error("the decisions themselves were changed")
	}
}

func TestEachFile(t *testing.T) {
	t.Parallel()
	one, two := servicespec.File{ID: uuid.New()}, servicespec.File{ID: uuid.New()}
	found := map[uuid.UUID]string{}
	see := func(path string, f servicespec.File) { found[f.ID] = path }
	servicespec.EachFile("identity", servicespec.Evidence{Proof: "card", Files: []servicespec.File{one}}, see)
	servicespec.EachFile("members", servicespec.Rows{{"age": int64(4)}, {"photo": []servicespec.File{two}}}, see)
	if found[one.ID] != "identity" || found[two.ID] != "members.1.photo" {
		t.Errorf("%v", found)
	}
}
