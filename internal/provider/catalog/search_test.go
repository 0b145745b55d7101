package catalog_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
)

func (b *bundle) find(q catalog.Query) (found catalog.Found) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = b.svc.Search(ctx, tx, q, page.Request{})
		return err
	})
	return found
}

func codesOf(f catalog.Found) (codes []string) {
	for _, e := range f.Rows {
		codes = append(codes, e.Code)
	}
	return codes
}

func TestSearchForgives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range packs() {
		b.publish(p)
	}
	birth, trade, light := "birth-certificate", "trade-licence", "streetlight-complaint"
	tests := []struct {
		name, lang, text, want string
		instead                string
		unknown                []string
	}{
		{"a letter too few", "pt", "certidão de nacimento", birth, "certidão nascimento", nil},
		{"swapped letters", "pt", "nascimetno", birth, "nascimento", nil},
		{"letters that sound alike", "pt", "lisensa comersial", trade, "licença comercial", nil},
		{"a Portuguese plural with accents", "pt", "certidões", birth, "", nil},
		{"a Portuguese plural without accents", "pt", "certidoes", birth, "", nil},
		{"an English plural", "en", "birth certificates", birth, "", nil},
		{"two slips in English", "en", "sertifcate", birth, "certificate", nil},
		{"two words run wrong in English", "en", "streat lihgt", light, "street light", nil},
		{"a doubled letter in Arabic", "ar", "الميلااد", birth, "الميلاد", nil},
		{"a letter for another in Arabic", "ar", "رخضة تجارية", trade, "رخصة تجارية", nil},
		{"forms of alef in Arabic", "ar", "إنارة", light, "", nil},
		{"a word that no service has", "en", "please birth", birth, "", []string{"please"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := b.find(catalog.Query{Text: tt.text, Lang: tt.lang})
			if codes := codesOf(got); len(codes) == 0 || codes[0] != tt.want {
				t.Errorf("found %v, want %s first", codes, tt.want)
			}
			if got.Instead != tt.instead {
				t.Errorf("corrected to %q, want %q", got.Instead, tt.instead)
			}
			if diff := cmp.Diff(tt.unknown, got.Unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSearchSaysWhatItDid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range packs() {
		b.publish(p)
	}
	if got := b.find(catalog.Query{Text: "xyzzyx plughx", Lang: "en"}); len(got.Rows) > 0 || len(got.Unknown) != 2 {
		t.Errorf("words that nothing has: %d services, unknown %v", len(got.Rows), got.Unknown)
	}
	if got := b.find(catalog.Query{Text: "birth shop", Lang: "en"}); !got.Some || len(got.Rows) != 2 {
		t.Errorf("words of two services: some %v, %d services", got.Some, len(got.Rows))
	}
	if got := b.find(catalog.Query{Text: "birth", Lang: "en"}); got.Some || got.Instead != "" || got.Unknown != nil {
		t.Errorf("a word that is there: %+v", got)
	}
	if got := codesOf(b.find(catalog.Query{Text: "birth", Lang: "fr"})); len(got) != 1 {
		t.Errorf("a language that the state has not finds %v", got)
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range packs() {
		b.publish(p)
	}
	tests := []struct{ lang, search, text, want string }{
		{"pt", "certidao", "Pedir a Certidão, já", "Pedir a [Certidão], já"},
		{"pt", "certidoes nascimetno", "certidão de nascimento", "[certidão] de [nascimento]"},
		{"en", "birth", "Childbirth and births", "Childbirth and [births]"},
		{"ar", "ميلاد", "شهادة الميلاد", "شهادة [الميلاد]"},
		{"pt", "", "tudo", "tudo"},
		{"pt", "certidao", "", ""},
	}
	for _, tt := range tests {
		var got strings.Builder
		for _, part := range b.find(catalog.Query{Text: tt.search, Lang: tt.lang}).Mark(tt.text) {
			if part.Hit {
				got.WriteString("[" + part.Text + "]")
			} else {
				got.WriteString(part.Text)
			}
		}
		if got.String() != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.search, tt.text, got.String(), tt.want)
		}
	}
}

// TestMarkKeepsText marks any text: nothing is lost or added.
func TestMarkKeepsText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(packs()["birth-certificate"])
	found := b.find(catalog.Query{Text: "certidão nascimento", Lang: "pt"})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(certid.{0,4} |[ãõ]nasc)*`)).Draw(t, "text")
		var whole strings.Builder
		for _, part := range found.Mark(text) {
			whole.WriteString(part.Text)
		}
		if whole.String() != text {
			t.Errorf("%q became %q", text, whole.String())
		}
	})
}

// TestSlipIsForgiven makes one slip in a word of a service: the service is found all the same.
func TestSlipIsForgiven(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(packs()["trade-licence"])
	word := []rune("estabelecimento")
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(word)-2).Draw(rt, "at")
		letter := rapid.RuneFrom([]rune("abcdefghijlmnopqrstuvxz")).Draw(rt, "letter")
		typed := slices.Clone(word)
		switch rapid.IntRange(0, 3).Draw(rt, "slip") {
		case 0:
			typed[at] = letter
		case 1:
			typed = slices.Delete(typed, at, at+1)
		case 2:
			typed = slices.Insert(typed, at, letter)
		default:
			typed[at], typed[at+1] = typed[at+1], typed[at]
		}
		if got := codesOf(b.find(catalog.Query{Text: string(typed), Lang: "pt"})); len(got) != 1 {
			rt.Errorf("%s finds %v", string(typed), got)
		}
	})
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range packs() {
		b.publish(p)
	}
	birth, trade, light := "birth-certificate", "trade-licence", "streetlight-complaint"
	tests := []struct {
		name string
		q    catalog.Query
		want []string
	}{
		{"either of two agencies", catalog.Query{Lang: "en", Agencies: []string{"cmp", "dgrni"}}, []string{birth, trade}},
		{"for businesses", catalog.Query{Lang: "en", Audience: "businesses"}, []string{light, trade}},
		{"for businesses and free", catalog.Query{Lang: "en", Audience: "businesses", Cost: catalog.CostFree}, []string{light}},
		{"with a fee", catalog.Query{Lang: "en", Cost: catalog.CostFee}, []string{birth, trade}},
		{"a word and a filter", catalog.Query{Lang: "en", Text: "shop", Cost: catalog.CostFee}, []string{trade}},
		{"a misspelt word and a filter", catalog.Query{Lang: "en", Text: "resturant", Cost: catalog.CostFee}, []string{trade}},
		{"a word that only others have", catalog.Query{Lang: "en", Text: "shop", LifeEvent: "having-a-child"}, nil},
		{"a filter is no beginning", catalog.Query{Lang: "en", LifeEvent: "having"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, b.search(tt.q)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		f, err := b.svc.Facets(ctx, tx, "en")
		want := catalog.Facets{
			Agencies: []string{"cmp", "dgrni", "iluminacao"}, Audiences: []string{"businesses", "people"}, Costs: []string{"fee", "free"},
			LifeEvents: f.LifeEvents,
		}
		if diff := cmp.Diff(want, f); diff != "" || !slices.Contains(f.LifeEvents, "having-a-child") || !slices.IsSorted(f.LifeEvents) {
			t.Errorf("facets (-want +got):\n%s", diff)
		}
		return err
	})
}

// TestWordsGoWithTheirServices publishes a new version without a word: nobody is corrected to it any more, but for a word that
// another service has.
func TestWordsGoWithTheirServices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := packs()["birth-certificate"]
	p.Keywords = map[string][]string{"pt": {"jangada", "caravela"}}
	b.publish(p)
	other := packs()["trade-licence"]
	other.Keywords = map[string][]string{"pt": {"caravela"}}
	b.publish(other)
	p.Keywords = map[string][]string{"pt": {"canoa"}}
	b.publish(p)
	if got := b.find(catalog.Query{Text: "jangadda", Lang: "pt"}); got.Instead != "" {
		t.Errorf("corrected to %q, which no service has", got.Instead)
	}
	if got := b.find(catalog.Query{Text: "caravella", Lang: "pt"}); got.Instead != "caravela" || len(got.Rows) != 1 {
		t.Errorf("corrected to %q with %d services", got.Instead, len(got.Rows))
	}
}

// TestReindex gives a state another language: services are indexed for it, withdrawn ones as such.
func TestReindex(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range packs() {
		b.publish(p)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.Withdraw(ctx, tx, identity.Principal{}, "trade-licence", "reform")
	})
	more := catalog.New(catalog.Deps{Settings: state{"pt", "en", "ar", "fr"}, Measures: measures(nil)})
	again := &bundle{t, b.db, b.tenant, more}
	if got := again.search(catalog.Query{Lang: "fr"}); got != nil {
		t.Fatalf("before, French finds %v", got)
	}
	again.in(func(ctx context.Context, tx *pg.Tx) error {
		left, err := more.Reindex(ctx, tx)
		if left {
			t.Error("three services are not all indexed at once")
		}
		return err
	})
	if diff := cmp.Diff([]string{"birth-certificate", "streetlight-complaint"}, slices.Sorted(slices.Values(again.search(catalog.Query{Lang: "fr"})))); diff != "" {
		t.Errorf("in French (-want +got):\n%s", diff)
	}
	if got := again.search(catalog.Query{Text: "licença", Lang: "fr", Withdrawn: true}); len(got) != 1 {
		t.Errorf("the withdrawn service is lost: %v", got)
	}
}

// TestLongWords indexes what no index would take whole.
func TestLongWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := packs()["birth-certificate"]
	p.Name = map[string]string{"pt": strings.Repeat("ã", 3000), "en": "Birth " + strings.Repeat("x ", 3000), "ar": "شهادة"}
	if _, err := servicespec.Compile(&p); err != nil {
		t.Fatal(err)
	}
	b.publish(p)
	if got := b.search(catalog.Query{Lang: "pt"}); len(got) != 1 {
		t.Errorf("found %v", got)
	}
}
