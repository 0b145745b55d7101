package catalog_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
)

// The state of the benchmark has 10,000 services: so many are published, and each has so many copies.
const (
	published = 1000
	copies    = 9
)

// speech makes words of a language: few of them often, most of them seldom, as in any language.
type speech struct {
	words []string
	often *rand.Zipf
}

func newSpeech(r *rand.Rand, syllables string) speech {
	parts := strings.Fields(syllables)
	s := speech{often: rand.NewZipf(r, 1.1, 8, 11_999)}
	for range 12_000 {
		word := ""
		for range 2 + r.IntN(3) {
			word += parts[r.IntN(len(parts))]
		}
		s.words = append(s.words, word)
	}
	return s
}

func (s speech) say(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = s.words[s.often.Uint64()]
	}
	return strings.Join(words, " ")
}

// manyPacks makes services as they differ for the search: names, words, agencies, life events, fees.
func manyPacks(r *rand.Rand, tongues map[string]speech) (packs []servicespec.Pack) {
	audiences := []string{"people", "businesses", "visitors"}
	for n := range published {
		p := threeKinds()[n%3]
		p.Code, p.Agency = fmt.Sprintf("service-%05d", n), fmt.Sprintf("agency-%03d", r.IntN(300))
		p.Audience, p.LifeEvents = audiences[:1+r.IntN(3)], []string{fmt.Sprintf("event-%02d", r.IntN(24))}
		p.Name, p.Summary, p.Description, p.Keywords = i18n.Text{}, i18n.Text{}, i18n.Text{}, map[string][]string{}
		for lang, s := range tongues {
			p.Name[lang], p.Summary[lang], p.Description[lang] = s.say(4), s.say(14), s.say(30)
			p.Keywords[lang] = []string{s.say(2), s.say(1), s.say(1)}
		}
		packs = append(packs, p)
	}
	return packs
}

func threeKinds() []servicespec.Pack {
	all := packs()
	return []servicespec.Pack{all["birth-certificate"], all["trade-licence"], all["streetlight-complaint"]}
}

// asks are what people ask a catalogue for: how a page of it is come by.
func asks(tongues map[string]speech) map[string]func(n int) catalog.Query {
	langs := []string{"pt", "en", "ar"}
	say := func(n, words int) (string, string) {
		lang := langs[n%3]
		return lang, tongues[lang].say(words)
	}
	return map[string]func(n int) catalog.Query{
		"all": func(n int) catalog.Query { return catalog.Query{Lang: langs[n%3]} },
		"word": func(n int) catalog.Query {
			lang, text := say(n, 1)
			return catalog.Query{Lang: lang, Text: text}
		},
		"words": func(n int) catalog.Query {
			lang, text := say(n, 3)
			return catalog.Query{Lang: lang, Text: text}
		},
		"misspelt": func(n int) catalog.Query {
			lang, text := say(n, 2)
			letters := []rune(text)
			return catalog.Query{Lang: lang, Text: string(slices.Delete(letters, 2, 3)) + "q"}
		},
		"narrowed": func(n int) catalog.Query {
			lang, text := say(n, 1)
			return catalog.Query{Lang: lang, Text: text, LifeEvent: fmt.Sprintf("event-%02d", n%24), Audience: "people"}
		},
		"wide": func(n int) catalog.Query {
			return catalog.Query{Lang: langs[n%3], Audience: "people", Cost: catalog.CostFee}
		},
	}
}

// BenchmarkSearch asks a state with 10,000 services and reports how long the slowest of a hundred searches takes. Run it with
// -v to see the plan of the statement.
func BenchmarkSearch(b *testing.B) {
	db := pgtest.New(b)
	tenant := pgtest.Tenant(b, db)
	svc := catalog.New(catalog.Deps{Settings: state{"pt", "en", "ar"}, Measures: measures(nil)})
	r := rand.New(rand.NewPCG(1, 2))
	tongues := map[string]speech{
		"pt": newSpeech(r, "ca ção mento li cen ça re gis to nas ci ma tri cu la im pos to de cla ra pa ga ser vi ço"),
		"en": newSpeech(r, "re gis ter li cence per mit tax cer ti fi cate pay ment ap pli ca tion ser vice birth trade wa ter"),
		"ar": newSpeech(r, "شه ادة رخ صة تج ار ية مي لاد طل ب خد مة تس جيل ضري بة دف ع بلد ية"),
	}
	scope := pg.Scope{Tenant: tenant, Actor: pg.System()}
	for chunk := range slices.Chunk(manyPacks(r, tongues), 250) {
		if err := db.InTx(b.Context(), scope, func(ctx context.Context, tx *pg.Tx) error {
			for _, p := range chunk {
				if _, err := svc.Publish(ctx, tx, identity.Principal{}, p); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	multiply(b, tenant)
	analyse(b)
	b.Log(plan(b, db, tenant, "SearchServices", searchArgs("pt", tongues["pt"].words[0], tongues["pt"].words[5])...))
	for name, ask := range asks(tongues) {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			found := 0
			for n := range b.N {
				q := ask(n)
				begun := time.Now()
				if err := db.InTx(b.Context(), pg.Scope{Tenant: tenant, Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
					f, err := svc.Search(ctx, tx, q, page.Request{})
					found += len(f.Rows)
					return err
				}); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(found)/float64(b.N), "rows/op")
		})
	}
}

// analyse lets the database count, as it does by itself in a while.
func analyse(tb testing.TB) {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), pgtest.OwnerURL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(tb.Context()))
	for _, table := range []string{"service", "token", "title", "word", "spelling"} {
		if _, err := conn.Exec(tb.Context(), "VACUUM ANALYZE catalog."+table); err != nil {
			tb.Fatal(err)
		}
	}
}

// multiply copies every service, with a name of its own and the same words: each word is in ten times as many.
func multiply(tb testing.TB, tenant uuid.UUID) {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), pgtest.SuperURL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(tb.Context()))
	for _, sql := range []string{
		`SET session_replication_role = replica`, // nothing of it can be wrong: it is what was there
		`INSERT INTO catalog.service (tenant_id, code, agency, current, status, reason, name, summary, fee, days, audiences, life_events, published_at, changed_at, indexed)
			SELECT tenant_id, code || '-' || n, agency, current, status, reason, name, summary, fee, days, audiences, life_events, published_at, changed_at, indexed
			FROM catalog.service, generate_series(1, $2::int) n WHERE tenant_id = $1`,
		`INSERT INTO catalog.title (tenant_id, lang, service, title, withdrawn)
			SELECT tenant_id, lang, service || '-' || n, title || ' ' || n, withdrawn FROM catalog.title, generate_series(1, $2::int) n WHERE tenant_id = $1`,
		`INSERT INTO catalog.token (tenant_id, lang, token, service, weight, title)
			SELECT tenant_id, lang, token, service || '-' || n, weight, title FROM catalog.token, generate_series(1, $2::int) n WHERE tenant_id = $1`,
	} {
		var args []any
		if strings.Contains(sql, "$1") {
			args = []any{tenant, copies}
		}
		if _, err := conn.Exec(tb.Context(), sql, args...); err != nil {
			tb.Fatal(err)
		}
	}
}
