package catalog_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/catalog"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	svc    *catalog.Service
}

func setup(t *testing.T) *bundle {
	db := pgtest.New(t)
	return &bundle{t, db, pgtest.Tenant(t, db), catalog.New(catalog.Deps{Settings: state{"pt", "en", "ar"}, Measures: measures(nil)})}
}

// state is a state with languages.
type state []string

func (s state) Settings(context.Context, *pg.Tx) (tenancy.Settings, error) {
	return tenancy.Settings{Languages: s, DefaultLanguage: s[0]}, nil
}

// measures are what was measured.
type measures []catalog.Measure

func (m measures) Measured(context.Context, *pg.Tx, time.Time) ([]catalog.Measure, error) {
	return m, nil
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work)
}

func (b *bundle) in(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) publish(p servicespec.Pack) (version int) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		version, err = b.svc.Publish(ctx, tx, identity.Principal{}, p)
		return err
	})
	return version
}

// packs returns three services of the library by code.
func packs() map[string]servicespec.Pack {
	all := map[string]servicespec.Pack{}
	for _, code := range []string{"birth-certificate", "streetlight-complaint", "trade-licence"} {
		all[code] = *library.Pack(code)
	}
	return all
}

func TestVersions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := packs()["birth-certificate"]
	if v := b.publish(p); v != 1 {
		t.Errorf("first version is %d", v)
	}
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.svc.Publish(ctx, tx, identity.Principal{}, p)
		return err
	})
	if !errors.Is(err, catalog.ErrUnchanged) {
		t.Errorf("publishing the same: %v, want ErrUnchanged", err)
	}
	changed := packs()["birth-certificate"]
	changed.Target.WorkingDays = 3
	if v := b.publish(changed); v != 2 {
		t.Errorf("second version is %d", v)
	}
	other := catalog.New(catalog.Deps{Settings: state{"pt", "en", "ar"}, Measures: measures(nil)}) // another process
	for name, svc := range map[string]*catalog.Service{"this process": b.svc, "another process": other} {
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			for version, days := range map[int]int{0: 3, 1: 5, 2: 3} {
				s, err := svc.Service(ctx, tx, "birth-certificate", version)
				if err != nil {
					return err
				}
				if got := s.Pack().Target.WorkingDays; got != days {
					t.Errorf("%s: version %d promises %d days, want %d", name, version, got, days)
				}
			}
			again, err := svc.Service(ctx, tx, "birth-certificate", 1)
			if first, _ := svc.Service(ctx, tx, "birth-certificate", 1); first != again {
				t.Errorf("%s: the service is compiled each time", name)
			}
			return err
		})
	}
	for _, q := range []struct {
		code    string
		version int
	}{{"birth-certificate", 3}, {"none", 0}, {"none", 1}} {
		err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.Service(ctx, tx, q.code, q.version)
			return err
		})
		if !errors.Is(err, catalog.ErrUnknown) {
			t.Errorf("%s version %d: %v, want ErrUnknown", q.code, q.version, err)
		}
	}
}

func TestVersionsNeverChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(packs()["birth-certificate"])
	for _, sql := range []string{`UPDATE catalog.version SET pack = '{}'`, `DELETE FROM catalog.version`} {
		err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
		if pg.Constraint(err) != "version_unchanging" {
			t.Errorf("%s: %v, want the trigger's refusal", sql, err)
		}
	}
}

func TestWhoPublishes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := packs()["birth-certificate"]
	publish := func(agency string, p servicespec.Pack) error {
		by := identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: []identity.Grant{{Role: "agency-admin", Agency: agency, Permissions: []string{catalog.Publish}}}}
		return b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: by.Actor()}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.Publish(ctx, tx, by, p)
			return err
		})
	}
	if err := publish("cmp", p); !errors.Is(err, catalog.ErrForbidden) {
		t.Errorf("another agency publishes: %v, want ErrForbidden", err)
	}
	if err := publish("dgrni", p); err != nil {
		t.Errorf("the agency publishes: %v", err)
	}
	p.Agency = "cmp"
	if err := publish("cmp", p); !errors.Is(err, catalog.ErrOtherAgency) {
		t.Errorf("another agency takes the code: %v, want ErrOtherAgency", err)
	}
	p.Agency, p.Workflow.Start = "dgrni", "nowhere"
	if err := publish("dgrni", p); !errors.Is(err, catalog.ErrPack) {
		t.Errorf("a pack with a mistake: %v, want ErrPack", err)
	}
}

// TestPublishTogether publishes the same pack from several places at once: one version comes of it.
func TestPublishTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var together sync.WaitGroup
	errs := make([]error, 4)
	for n := range errs {
		together.Go(func() {
			errs[n] = b.try(func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.svc.Publish(ctx, tx, identity.Principal{}, packs()["trade-licence"])
				return err
			})
		})
	}
	together.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if !errors.Is(err, catalog.ErrUnchanged) {
			t.Errorf("%v, want ErrUnchanged", err)
		}
	}
	if done != 1 {
		t.Errorf("%d were published, want 1", done)
	}
}

func (b *bundle) search(q catalog.Query) (codes []string) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		for req := (page.Request{Size: 1}); ; {
			p, err := b.svc.Search(ctx, tx, q, req)
			if err != nil {
				return err
			}
			for _, e := range p.Rows {
				codes = append(codes, e.Code)
			}
			if req.After = p.Next; p.Next == "" {
				return nil
			}
		}
	})
	return codes
}

func TestSearch(t *testing.T) {
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
		{"the beginning of a word", catalog.Query{Text: "certid", Lang: "pt"}, []string{birth}},
		{"without accents", catalog.Query{Text: "CERTIDAO", Lang: "pt"}, []string{birth}},
		{"several words, short ones aside", catalog.Query{Text: "certidão de nasc", Lang: "pt"}, []string{birth}},
		{"some words where nothing has all", catalog.Query{Text: "certidão candeeiro", Lang: "pt"}, []string{birth, light}},
		{"English in an English page", catalog.Query{Text: "birth", Lang: "en"}, []string{birth}},
		{"English in a Portuguese page", catalog.Query{Text: "birth certificate", Lang: "pt"}, []string{birth}},
		{"Arabic", catalog.Query{Text: "شهادة", Lang: "ar"}, []string{birth}},
		{"Arabic with the article", catalog.Query{Text: "الميلاد", Lang: "ar"}, []string{birth}},
		{"Arabic without the article", catalog.Query{Text: "ميلاد", Lang: "ar"}, []string{birth}},
		{"a range is no pattern", catalog.Query{Text: "%", Lang: "pt"}, nil},
		{"nothing is called so", catalog.Query{Text: "xyzzy", Lang: "pt"}, nil},
		{"by agency", catalog.Query{Agencies: []string{"cmp"}, Lang: "pt"}, []string{trade}},
		{"by life event", catalog.Query{LifeEvent: "having-a-child", Lang: "pt"}, []string{birth}},
		{"everything by name", catalog.Query{Lang: "en"}, []string{birth, light, trade}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, b.search(tt.q)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("withdrawn and restored", func(t *testing.T) {
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			return b.svc.Withdraw(ctx, tx, identity.Principal{}, birth, "reform")
		})
		if got := b.search(catalog.Query{Text: "certid", Lang: "pt"}); got != nil {
			t.Errorf("a withdrawn service is found: %v", got)
		}
		if got := b.search(catalog.Query{Text: "certid", Lang: "pt", Withdrawn: true}); len(got) != 1 {
			t.Error("staff does not find the withdrawn service")
		}
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			if _, err := b.svc.Offered(ctx, tx, birth); !errors.Is(err, catalog.ErrWithdrawn) {
				t.Errorf("offered: %v, want ErrWithdrawn", err)
			}
			if _, err := b.svc.Service(ctx, tx, birth, 0); err != nil {
				t.Errorf("running cases lost their service: %v", err)
			}
			return b.svc.Restore(ctx, tx, identity.Principal{}, birth)
		})
		if got := b.search(catalog.Query{Text: "certid", Lang: "pt"}); len(got) != 1 {
			t.Error("a restored service is not found")
		}
	})
}

// TestRank puts a word of the name before one of the summary.
func TestRank(t *testing.T) {
	t.Parallel()
	b := setup(t)
	inSummary, inName := packs()["trade-licence"], packs()["streetlight-complaint"]
	inSummary.Summary = i18n.Text{"pt": "Uma jangada", "en": "A raft", "ar": "طوف"}
	inName.Name = i18n.Text{"pt": "Jangada", "en": "Raft", "ar": "طوف"}
	b.publish(inSummary)
	b.publish(inName)
	if diff := cmp.Diff([]string{inName.Code, inSummary.Code}, b.search(catalog.Query{Text: "jangada", Lang: "pt"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTenants keeps one state's services out of another's catalogue.
func TestTenants(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.publish(packs()["birth-certificate"])
	foreign := &bundle{t, b.db, pgtest.Tenant(t, b.db), b.svc}
	if got := foreign.search(catalog.Query{Lang: "pt"}); got != nil {
		t.Errorf("another state finds %v", got)
	}
}
