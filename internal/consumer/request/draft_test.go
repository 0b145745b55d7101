package request_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
)

func TestDraft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	if again := b.start("pt"); again.ID != r.ID {
		t.Error("begun again, the draft is another one")
	}
	b.want(b.mine(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Start(ctx, tx, b.person, "nothing", "en")
		return err
	}), errNoService)

	wrong, err := b.save(r.ID, "who", "name=Dulce CANARIO", "phone=12", "partner=yes", "partner_share=120", "salary=1", "_page=who")
	if err != nil || wrong != "salary phone partner_share" {
		t.Errorf("at fault: %q, %v", wrong, err)
	}
	want := servicespec.Answers{"name": "Dulce CANARIO", "partner": true}
	if diff := cmp.Diff(want, b.request(r.ID).Answers); diff != "" {
		t.Errorf("what is right is kept, what is wrong is not: %s", diff)
	}
	b.fill(r.ID, "partner", "partner_name=Nilton")
	_, err = b.save(r.ID, "nowhere")
	b.want(err, request.ErrUnknownPage)
	if wrong, _ = b.save(r.ID, "place", "place=CV-XX"); wrong != "place deed" {
		t.Errorf("at fault: %q", wrong)
	}
	b.fill(r.ID, "who", "name=Dulce CANARIO", "phone=991 23 45", "partner=no")
	_, err = b.save(r.ID, "partner", "partner_name=Nilton")
	b.want(err, request.ErrUnknownPage)
	got := b.request(r.ID)
	if got.LastPage != "who" || got.Lang != "en" || got.Answers["phone"] != "+2389912345" || got.Status != request.Draft || got.Reference != "" {
		t.Errorf("%+v", got)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	first, err := b.attach(r.ID, "deed", `C:\meus\titulo.pdf`, deed)
	b.must(err)
	if first.Name != "titulo.pdf" || first.MediaType != "application/pdf" || first.Size != int64(len(deed)) {
		t.Errorf("%+v", first)
	}
	second, err := b.attach(r.ID, "deed", "novo.pdf", deed)
	b.must(err)
	if diff := cmp.Diff([]servicespec.File{second}, b.request(r.ID).Answers["deed"]); diff != "" || b.stored(first.ID) {
		t.Errorf("another file in the place of the first: %s; the first is kept: %t", diff, b.stored(first.ID))
	}
	for what, c := range map[string]struct {
		question, content string
		want              error
	}{
		"too large":     {"deed", deed + strings.Repeat("x", 1000), document.ErrTooLarge},
		"a picture":     {"deed", "\x89PNG\r\n\x1a\n", document.ErrType},
		"a deed":        {"photos", deed, document.ErrType},
		"nothing":       {"deed", "", document.ErrEmpty},
		"no question":   {"salary", deed, request.ErrUnknownQuestion},
		"not for files": {"name", deed, request.ErrUnknownQuestion},
	} {
		if _, err := b.attach(r.ID, c.question, "x.pdf", c.content); err == nil {
			t.Errorf("%s is taken", what)
		} else {
			b.want(err, c.want)
		}
	}
	var photos []servicespec.File
	for _, side := range []string{"front", "back"} {
		f, err := b.attach(r.ID, "photos", "foto.png", "\x89PNG\r\n\x1a\n"+side)
		b.must(err)
		photos = append(photos, f)
	}
	// Browsers send a chosen file once more after the way back; that is neither another file nor one too many.
	if again, err := b.attach(r.ID, "photos", "foto.png", "\x89PNG\r\n\x1a\nfront"); err != nil || again != photos[0] {
		t.Errorf("the same file again: %+v, %v", again, err)
	}
	_, err = b.attach(r.ID, "photos", "foto.png", "\x89PNG\r\n\x1a\nedge")
	b.want(err, request.ErrTooManyFiles)
	if diff := cmp.Diff(photos, b.request(r.ID).Answers["photos"]); diff != "" {
		t.Error(diff)
	}
	b.must(b.detach(r.ID, "photos", photos[0].ID))
	if b.stored(photos[0].ID) || !b.stored(photos[1].ID) {
		t.Error("taking a file out deletes that file and no other")
	}

	// A file that is no answer here, such as somebody else's, is not this request's to delete.
	var foreign document.File
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
		foreign, err = b.files.Store(ctx, tx, document.Store{Name: "x.pdf", Person: id.New(), Purpose: "request.answer"}, strings.NewReader(deed))
		return err
	})
	b.must(b.detach(r.ID, "photos", foreign.ID))
	b.must(b.detach(r.ID, "photos", second.ID))
	if !b.stored(foreign.ID) || !b.stored(second.ID) {
		t.Error("a file was deleted that does not answer this question")
	}

	// Files that the answers do not ask for any more go with them.
	b.fill(r.ID, "who", "name=Dulce", "partner=yes", "partner_share=50")
	paper, err := b.attach(r.ID, "partner_paper", "socio.pdf", deed)
	b.must(err)
	b.fill(r.ID, "partner", "partner_name=Nilton", "partner_paper="+paper.ID.String())
	b.fill(r.ID, "place", "place=CV-PR", "photos=")
	if b.stored(photos[1].ID) || !b.stored(paper.ID) || !b.stored(second.ID) {
		t.Error("a page that lists no file drops the files of that question alone")
	}
	b.fill(r.ID, "who", "name=Dulce", "partner=no")
	if _, err := b.submit(r.ID); err != nil {
		t.Fatal(err)
	}
	if b.stored(paper.ID) || !b.stored(second.ID) {
		t.Error("submitted, the file of the hidden page stays, or the deed is gone")
	}
}

func TestDiscard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.start("en")
	discard := func() error {
		return b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Discard(ctx, tx, b.person, r.ID) })
	}
	list := func() (n int) {
		b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error {
			p, err := b.Mine(ctx, tx, b.person, request.Filter{}, page.Request{})
			n = len(p.Rows)
			return err
		}))
		return n
	}
	b.must(discard())
	b.want(discard(), request.ErrNotEditable)
	_, err := b.save(r.ID, "who", "name=Dulce")
	b.want(err, request.ErrNotEditable)
	_, err = b.submit(r.ID)
	b.want(err, request.ErrEnded)
	if n := list(); n != 0 {
		t.Errorf("%d in the list", n)
	}
	b.must(b.mine(func(ctx context.Context, tx *pg.Tx) error { return b.Resume(ctx, tx, b.person, r.ID) }))
	if n := list(); n != 1 || b.start("en").ID != r.ID {
		t.Error("taken up again, it is not the draft it was")
	}
}

// TestSomebodyElse tries every door with another person's request, and from another tenant.
func TestSomebodyElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	file := b.request(r.ID).Answers["deed"].([]servicespec.File)[0].ID
	knock := func() {
		t.Helper()
		other := id.New()
		for what, do := range map[string]func(ctx context.Context, tx *pg.Tx) error{
			"look": func(ctx context.Context, tx *pg.Tx) error { _, err := b.Request(ctx, tx, other, r.ID); return err },
			"save": func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.SavePage(ctx, tx, other, r.ID, "who", "en", nil)
				return err
			},
			"attach": func(ctx context.Context, tx *pg.Tx) error {
				_, err := b.Attach(ctx, tx, other, r.ID, "deed", "x.pdf", strings.NewReader(deed))
				return err
			},
			"detach":   func(ctx context.Context, tx *pg.Tx) error { return b.Detach(ctx, tx, other, r.ID, "deed", file) },
			"submit":   func(ctx context.Context, tx *pg.Tx) error { _, err := b.Submit(ctx, tx, other, r.ID); return err },
			"withdraw": func(ctx context.Context, tx *pg.Tx) error { return b.Withdraw(ctx, tx, other, r.ID) },
			"discard":  func(ctx context.Context, tx *pg.Tx) error { return b.Discard(ctx, tx, other, r.ID) },
			"resume":   func(ctx context.Context, tx *pg.Tx) error { return b.Resume(ctx, tx, other, r.ID) },
		} {
			if err := b.try(pg.Actor{ID: other, Kind: "person"}, do); !isNotFound(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		b.must(b.try(pg.Actor{ID: other, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error {
			p, err := b.Mine(ctx, tx, other, request.Filter{}, page.Request{})
			if len(p.Rows) != 0 {
				t.Errorf("the list of somebody else has %d", len(p.Rows))
			}
			return err
		}))
	}
	knock()
	home := b.tenant
	b.tenant = pgtest.DemoTenant(t, b.db)
	knock()
	b.want(b.mine(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Request(ctx, tx, b.person, r.ID)
		return err
	}), request.ErrNotFound)
	b.tenant = home
	if got := b.request(r.ID); got.Status != request.Submitted || !b.stored(file) {
		t.Errorf("after all that: %+v", got)
	}
	b.want(b.try(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return b.Receive(ctx, tx, exchange.ServiceResponse{RequestID: uuid.New(), Kind: exchange.Moved})
	}), request.ErrNotFound)
}

// TestAnswersAreSealed looks for a word that stands in every answer, file and note.
func TestAnswersAreSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.submitted()
	b.respond(exchange.ServiceResponse{RequestID: r.ID, Kind: exchange.Correction, State: "waiting", Items: []string{"deed"}, Note: "CANARIO"})
	for _, query := range []string{
		`SELECT count(*) FROM request.request r WHERE position('CANARIO'::bytea IN answers) > 0 OR position('CANARIO'::bytea IN note) > 0 OR r::text LIKE '%CANARIO%'`,
		`SELECT count(*) FROM request.entry e WHERE position('CANARIO'::bytea IN note) > 0 OR e::text LIKE '%CANARIO%'`,
		`SELECT count(*) FROM exchange.message m WHERE position('CANARIO'::bytea IN payload) > 0`,
		`SELECT count(*) FROM document.chunk WHERE position('CANARIO'::bytea IN content) > 0`,
		`SELECT count(*) FROM notification.message m WHERE m::text LIKE '%CANARIO%' OR m::text LIKE '%' || encode('CANARIO', 'hex') || '%'`,
		`SELECT count(*) FROM audit.entry e WHERE e::text LIKE '%CANARIO%'`,
		`SELECT count(*) FROM river.river_job j WHERE j::text LIKE '%CANARIO%'`,
	} {
		if n := b.count(query); n != 0 {
			t.Errorf("%s: %d", query, n)
		}
	}
	if got := b.request(r.ID); got.Note != "CANARIO" || got.Answers["wish"] != "CANARIO" || got.Timeline[len(got.Timeline)-1].Note != "CANARIO" {
		t.Errorf("%+v", got)
	}
}
