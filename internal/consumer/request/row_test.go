package request_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// household begins the service of rows.
func (b *bundle) household() (r request.Request) {
	b.t.Helper()
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
		r, err = b.Start(ctx, tx, b.person, "household", "en")
		return err
	}))
	return r
}

// row posts a row of the household, given as "question=value" pairs, and returns the questions at fault.
func (b *bundle) row(id uuid.UUID, row int, pairs ...string) (wrong string, err error) {
	posted := map[string][]string{}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		posted[servicespec.RowPath("members", row, name)] = []string{value}
	}
	err = b.mine(func(ctx context.Context, tx *pg.Tx) error {
		fields, err := b.SaveRow(ctx, tx, b.person, id, "members", row, "en", posted)
		var paths []string
		for _, f := range fields {
			paths = append(paths, f.Path)
		}
		wrong = strings.Join(paths, " ")
		return err
	})
	return wrong, err
}

func (b *bundle) removeRow(id uuid.UUID, row int) error {
	return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.RemoveRow(ctx, tx, b.person, id, "members", row) })
}

func (b *bundle) rows(id uuid.UUID) servicespec.Rows {
	b.t.Helper()
	rows, _ := b.request(id).Answers["members"].(servicespec.Rows)
	return rows
}

func TestRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.household()
	for i, pairs := range [][]string{{"name=Dulce", "age=40"}, {"name=Nilton", "age=9", "school=Escola"}} {
		if wrong, err := b.row(r.ID, i, pairs...); err != nil || wrong != "" {
			t.Fatalf("row %d: %q, %v", i, wrong, err)
		}
	}
	// A condition inside the row sees the row, and what is right of it is kept.
	if wrong, err := b.row(r.ID, 2, "name=Ana", "age=7"); err != nil || wrong != "members.2.school" {
		t.Errorf("a child without school: %q, %v", wrong, err)
	}
	if wrong, err := b.row(r.ID, 3, "age=old"); err != nil || wrong != "members.3.age members.3.name" || len(b.rows(r.ID)) != 3 {
		t.Errorf("a row of which nothing is acceptable: %q, %v, %d rows", wrong, err, len(b.rows(r.ID)))
	}
	_, err := b.row(r.ID, 9, "name=Gap")
	b.want(err, request.ErrUnknownQuestion)

	photo, err := b.attach(r.ID, "members.1.photo", "foto.png", picture)
	b.must(err)
	if files := servicespec.FilesIn(b.rows(r.ID)[1]["photo"]); len(files) != 1 || files[0] != photo {
		t.Errorf("the photograph: %v", files)
	}
	b.must(b.removeRow(r.ID, 1))
	b.must(b.removeRow(r.ID, 7)) // gone already
	want := servicespec.Rows{{"name": "Dulce", "age": int64(40)}, {"name": "Ana", "age": int64(7)}}
	if diff := cmp.Diff(want, b.rows(r.ID)); diff != "" || b.stored(photo.ID) {
		t.Errorf("%s; the photograph is stored: %v", diff, b.stored(photo.ID))
	}
}

// TestCorrectionInRows opens one answer of one row.
func TestCorrectionInRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.household()
	b.fill(r.ID, "who", "applicant=Dulce", "rooms=2")
	for i, pairs := range [][]string{{"name=Dulce", "age=40"}, {"name=Nilton", "age=39"}} {
		_, err := b.row(r.ID, i, pairs...)
		b.must(err)
	}
	r, err := b.submit(r.ID)
	b.must(err)
	b.work()
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Correction, State: "waiting", Items: []string{"members.1.age"}})
	_, err = b.row(r.ID, 0, "name=Tampered", "age=1")
	b.want(err, request.ErrLocked)
	_, err = b.row(r.ID, 2, "name=One more", "age=50")
	b.want(err, request.ErrLocked)
	b.want(b.removeRow(r.ID, 1), request.ErrLocked)
	if wrong, err := b.row(r.ID, 1, "name=Tampered", "age=38"); err != nil || wrong != "" {
		t.Errorf("%q, %v", wrong, err)
	}
	want := servicespec.Rows{{"name": "Dulce", "age": int64(40)}, {"name": "Nilton", "age": int64(38)}}
	if diff := cmp.Diff(want, b.rows(r.ID)); diff != "" {
		t.Error(diff)
	}
	_, err = b.submit(r.ID)
	b.must(err)
}

// TestManyRows asks the database no more often for a household of 200 than for one of two.
func TestManyRows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.household()
	trips := func(n int) int {
		var rows []map[string]any
		for i := range n {
			rows = append(rows, map[string]any{"name": fmt.Sprintf("Member %d", i), "age": 20 + i%60})
		}
		answers, err := json.Marshal(map[string]any{"applicant": "Dulce", "rooms": 3, "members": rows})
		b.must(err)
		ctx, count := pg.CountRoundTrips(t.Context())
		b.must(b.db.InTx(ctx, pg.Scope{Tenant: b.tenant, Actor: pg.Actor{ID: b.person, Kind: "person"}}, func(ctx context.Context, tx *pg.Tx) error {
			wrong, err := b.Fill(ctx, tx, b.person, r.ID, "en", answers)
			if len(wrong) > 0 {
				t.Error(wrong)
			}
			if err != nil {
				return err
			}
			_, err = b.SaveRow(ctx, tx, b.person, r.ID, "members", n-1, "en", map[string][]string{
				servicespec.RowPath("members", n-1, "name"): {"The last"}, servicespec.RowPath("members", n-1, "age"): {"50"},
			})
			return err
		}))
		if rows := b.rows(r.ID); len(rows) != n || rows[n-1]["name"] != "The last" {
			t.Errorf("%d rows of %d", len(rows), n)
		}
		return count.N()
	}
	trips(2) // what the first time asks for is kept
	if few, many := trips(2), trips(200); many != few {
		t.Errorf("%d round trips for 2 rows, %d for 200", few, many)
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.drawer.held = []request.Held{{ID: uuid.New(), Type: "residence", Claims: map[string]any{"street": "Rua CANARIO"}}}
	b.drawer.records = map[string]map[string]any{"pupils/P-7": {"school": "Escola CANARIO", "marks": 17}}
	r := b.household()
	if r.Answers["applicant"] != "Dulce CANARIO" || r.Answers["street"] != "Rua CANARIO" || r.Sources["street"] != "wallet.residence.street" {
		t.Errorf("%v from %v", r.Answers, r.Sources)
	}
	b.fill(r.ID, "who", "applicant=Dulce CANARIO", "street=Another", "rooms=2")
	if got := b.request(r.ID); got.Sources["street"] != "" || got.Sources["applicant"] != "profile.name" {
		t.Errorf("sources after a change: %v", got.Sources)
	}
	_, err := b.row(r.ID, 0, "name=Nilton", "age=9", "school=Escola")
	b.must(err)
	looked := func() int { return b.count("SELECT count(*) FROM audit.entry WHERE action = 'request.look_up'") }
	b.fill(r.ID, "school", "agree=no")
	if looked() != 0 || len(b.request(r.ID).Found) != 0 {
		t.Error("a register was looked at without consent")
	}
	b.fill(r.ID, "school", "agree=yes", "school_number=P-7")
	got := b.request(r.ID)
	if got.Answers["school_name"] != "Escola CANARIO" || got.Sources["school_name"] != "lookup.pupil.school" || looked() != 1 {
		t.Errorf("%v from %v, looked %d times", got.Answers, got.Sources, looked())
	}
	b.fill(r.ID, "who", "applicant=Dulce CANARIO", "rooms=3")
	if looked() != 1 {
		t.Error("the record was read again")
	}
	if n := b.count(`SELECT count(*) FROM request.request r WHERE position('CANARIO'::bytea IN found) > 0 OR r::text LIKE '%CANARIO%'`); n != 0 {
		t.Error("what was found is not sealed")
	}
	b.fill(r.ID, "school", "agree=no")
	if got := b.request(r.ID); len(got.Found) != 0 || got.Answers["school_name"] != nil || got.Sources["school_name"] != "" {
		t.Errorf("after the consent was taken back: %v, %v from %v", got.Found, got.Answers, got.Sources)
	}
}

func TestFillAndScreen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.household()
	fill := func(answers string) (wrong []fault.Field, err error) {
		err = b.mine(func(ctx context.Context, tx *pg.Tx) (err error) {
			wrong, err = b.Fill(ctx, tx, b.person, r.ID, "en", []byte(answers))
			return err
		})
		return wrong, err
	}
	wrong, err := fill(`{"applicant": 7, "nothing": 1, "members": [{"name": "X", "age": 200}, {"name": "Y", "age": 7,
		"school": "S", "photo": [{"id": "01890000-0000-7000-8000-000000000000", "name": "x.png", "media_type": "image/png", "size": 3}]}]}`)
	b.must(err)
	codes := map[string]string{}
	for _, f := range wrong {
		codes[f.Path] = f.Code
	}
	for path, code := range map[string]string{
		"applicant": "wrong_shape", "nothing": "unknown_field", "rooms": "required", "members.0.age": "too_large", "members": "not_a_file", "agree": "required",
	} {
		if codes[path] != code {
			t.Errorf("%s: %q, want %s", path, codes[path], code)
		}
	}
	if len(b.request(r.ID).Answers) != 1 {
		t.Errorf("something of it was kept: %v", b.request(r.ID).Answers)
	}
	_, err = fill(`[]`)
	b.want(err, servicespec.ErrAnswers)

	// What was answered before signing in goes into the draft, where the form asks it.
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error {
		spec, _, err := b.Spec(ctx, tx, r)
		if err != nil {
			return err
		}
		screened, err := b.Screen(ctx, tx, spec, map[string][]string{"resident": {"no"}, "rooms": {"4"}})
		if err != nil || screened.Verdict.Eligible || len(screened.Wrong) > 0 {
			t.Errorf("%+v, %v", screened.Verdict, err)
		}
		return b.Carry(ctx, tx, b.person, r.ID, map[string][]string{"resident": {"yes"}, "rooms": {"4"}})
	}))
	if got := b.request(r.ID).Answers; got["rooms"] != int64(4) || got["resident"] != nil {
		t.Errorf("carried: %v", got)
	}
}
