package agency_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/refdata"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
)

// desk is a bundle with an importer.
type desk struct {
	*bundle
	imports  *agency.Importer
	registry *job.Registry
}

func takeIn(t *testing.T) *desk {
	b := setup(t)
	files := document.New(document.Deps{Encryption: b.vault})
	i := agency.NewImporter(agency.ImporterDeps{
		Agencies: b.svc, People: b.people, Files: files, Settings: tenancy.New(tenancy.Deps{}),
		Areas: refdata.New(refdata.Deps{Zone: func(context.Context, *pg.Tx) (*time.Location, error) { return time.UTC, nil }}),
	})
	d := &desk{b, i, job.NewRegistry()}
	i.Register(d.registry)
	return d
}

func table(columns string, rows ...string) (t agency.Table) {
	t.Columns = strings.Split(columns, "|")
	for _, r := range rows {
		t.Rows = append(t.Rows, strings.Split(r, "|"))
	}
	return t
}

func (d *desk) check(by identity.Principal, kind agency.ImportKind, t agency.Table) (imp uuid.UUID, err error) {
	err = d.try(by, func(ctx context.Context, tx *pg.Tx) (err error) {
		imp, err = d.imports.Check(ctx, tx, by, "works", kind, t)
		return err
	})
	return imp, err
}

// told are the rows as "number verdict state columns problems".
func (d *desk) told(imp uuid.UUID) (out []string) {
	d.t.Helper()
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		p, err := d.imports.Rows(ctx, tx, nobody, imp, "", "", page.Request{Size: 100})
		for _, r := range p.Rows {
			line := fmt.Sprintf("%d %s %s", r.Number, r.Verdict, r.State)
			for _, c := range r.Columns {
				line += " " + c
			}
			for _, f := range r.Problems {
				line += " [" + f.Path + " " + f.Code + "]"
			}
			out = append(out, line)
		}
		return err
	})
	return out
}

func (d *desk) act(by identity.Principal, imp uuid.UUID, act func(context.Context, *pg.Tx, identity.Principal, uuid.UUID) error) error {
	err := d.try(by, func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, by, imp) })
	if err == nil {
		pgtest.Work(d.t, d.db, d.registry)
	}
	return err
}

func (d *desk) state(imp uuid.UUID) (in agency.Import) {
	d.t.Helper()
	d.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		in, err = d.imports.Import(ctx, tx, nobody, imp)
		return err
	})
	return in
}

func lines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestImportOffices(t *testing.T) {
	t.Parallel()
	d := takeIn(t)
	d.furnish()
	offices := table("code|name.pt|address|closed|colour",
		"plateau|Obras||no|red", "sul|Balcão Sul|Rua 1|yes|", "|Sem código||", "sul|Outra vez||", "norte||Rua 2|maybe", "")
	offices.Columns = append(offices.Columns[:4], "boundary")
	offices.Rows[0][4], offices.Rows[1][4] = "", "XX-1"
	imp, err := d.check(nobody, agency.ImportOffices, offices)
	if err != nil {
		t.Fatal(err)
	}
	lines(t, "looked at", d.told(imp),
		"2 unchanged none", "3 wrong none [boundary agency.import.area]", "4 wrong none [code agency.code]",
		"5 wrong none [ agency.import.twice]", "6 wrong none [name.pt agency.name] [closed agency.import.yes_no]")
	if err := d.act(nobody, imp, d.imports.Apply); !errors.Is(err, agency.ErrImportState) {
		t.Errorf("with nothing to do: %v", err)
	}
	if err := d.act(nobody, imp, d.imports.Discard); err != nil || d.state(imp).State != agency.ImportDiscarded || d.state(imp).Content {
		t.Errorf("given up: %v, %+v", err, d.state(imp))
	}
	offices = table("code|name.pt|address", "plateau|Obras do Plateau|Praça", "sul|Balcão Sul|Rua 1", "norte|Balcão Norte|")
	if imp, err = d.check(nobody, agency.ImportOffices, offices); err != nil {
		t.Fatal(err)
	}
	lines(t, "corrected", d.told(imp), "2 changed pending address name.pt", "3 new pending", "4 new pending")
	if err := d.act(nobody, imp, d.imports.Apply); err != nil {
		t.Fatal(err)
	}
	lines(t, "done", d.told(imp), "2 changed done address name.pt", "3 new done", "4 new done")
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		offices, err := d.svc.Offices(ctx, tx, "works")
		if len(offices) != 3 || offices[1].Name["pt"] != "Obras do Plateau" || offices[1].Name["ar"] != works.Name["ar"] {
			t.Errorf("offices: %+v", offices)
		}
		if err != nil {
			return err
		}
		sul := offices[2]
		sul.Phone = "+2382600000" // somebody changes what was made; somebody works at another
		if err := d.svc.PutOffice(ctx, tx, nobody, sul); err != nil {
			return err
		}
		return d.svc.PutPosition(ctx, tx, nobody, agency.Position{Agency: "works", Code: "guard", Title: works.Name, Seats: 1, Office: "norte"})
	})
	if err := d.act(nobody, imp, d.imports.Undo); err != nil {
		t.Fatal(err)
	}
	lines(t, "undone", d.told(imp), "2 changed undone address name.pt",
		"3 new kept [ agency.import_since]", "4 new kept [ agency.import_used]")
	if in := d.state(imp); in.State != agency.ImportUndone || in.FinishedAt == nil {
		t.Errorf("afterwards: %+v", in)
	}
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		offices, err := d.svc.Offices(ctx, tx, "works")
		if len(offices) != 3 || offices[1].Name["pt"] != works.Name["pt"] || offices[1].Address != "" {
			t.Errorf("offices: %+v", offices)
		}
		return err
	})
}

func TestImportPositions(t *testing.T) {
	t.Parallel()
	d := takeIn(t)
	staff := d.furnish("Local")
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		return d.people.Grant(ctx, tx, staff["Local"], "agency-admin", "works", "")
	})
	var local identity.Principal
	d.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		local, err = d.people.Standing(ctx, tx, staff["Local"])
		return err
	})
	positions := table("code|title.pt|roles|reports_to|seats|office|from",
		"desk|Balcão|inspector|head|3||", "head|Chefe|chief||1|plateau|", "a|A||b|1||", "b|B||a|1||",
		"c|C|emperor|nobody|none|nowhere|", "d|D|auditor||2||")
	imp, err := d.check(local, agency.ImportPositions, positions)
	if err != nil {
		t.Fatal(err)
	}
	lines(t, "looked at", d.told(imp), "2 new pending", "3 new pending",
		"4 wrong none [reports_to agency.circle]", "5 wrong none [reports_to agency.circle]",
		"6 wrong none [seats agency.seats] [office agency.unknown_office] [roles agency.import.role] [reports_to agency.unknown_position]",
		"7 wrong none [roles agency.import.may_not_give]")
	if err := d.act(local, imp, d.imports.Apply); err != nil { // the desk is done after the head to which it reports
		t.Fatal(err)
	}
	if got := d.told(imp)[:2]; !same(got, "2 new done", "3 new done") {
		t.Errorf("done: %v", got)
	}
	if err := d.act(local, imp, d.imports.Undo); err != nil {
		t.Fatal(err)
	}
	if got := d.told(imp)[:2]; !same(got, "2 new undone", "3 new undone") {
		t.Errorf("undone: %v", got)
	}
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		all, _, err := d.svc.Positions(ctx, tx, nobody, "works")
		if len(all) != 0 {
			t.Errorf("left: %+v", all)
		}
		return err
	})
}

// staffed is an agency with two positions and one of the staff, and who administers it.
func (d *desk) staffed() (ana uuid.UUID, boss identity.Principal) {
	staff := d.furnish("Ana Alves", "Boss")
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		for _, p := range []agency.Position{position("head", 1, "chief"), position("desk", 2, "inspector")} {
			if err := d.svc.PutPosition(ctx, tx, nobody, p); err != nil {
				return err
			}
		}
		if err := d.people.PutRole(ctx, tx, identity.Role{
			Code: "chief-clerk", Name: i18n.Text{"pt": "x"}, Permissions: []string{"agency:manage", "agency:read", "identity:manage", "identity:read"},
		}); err != nil {
			return err
		}
		return d.people.Grant(ctx, tx, staff["Boss"], "chief-clerk", "", "")
	})
	d.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		boss, err = d.people.Standing(ctx, tx, staff["Boss"])
		return err
	})
	return staff["Ana Alves"], boss
}

func TestImportStaff(t *testing.T) {
	t.Parallel()
	d := takeIn(t)
	ana, boss := d.staffed()
	columns := "name|email|phone|office|title.pt|position|from|until"
	imp, err := d.check(boss, agency.ImportStaff, table(columns,
		"Ana Alves|S0@gov.example||plateau|Fiscal|desk||", "Bia Brito|bia@gov.example|+2389911223||Chefe|head|2020-01-01|2099-12-31",
		"Ana Outra|s0@gov.example||||desk||", "|none|123|nowhere||none|soon|", "Caio|||||||2099-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	lines(t, "looked at", d.told(imp), "2 new pending", "3 new pending", "4 wrong none [name agency.import.other_name] [ agency.import.twice]",
		"5 wrong none [email agency.import.email] [phone agency.import.phone] [from agency.import.day] [name agency.import.name] [office agency.unknown_office] [position agency.unknown_position]",
		"6 wrong none [email agency.import.contact] [until agency.import.no_position]")
	if err := d.act(boss, imp, d.imports.Apply); err != nil {
		t.Fatal(err)
	}
	if got := d.told(imp)[:2]; !same(got, "2 new done", "3 new done") {
		t.Fatalf("done: %v", got)
	}
	if got := d.holds(ana); !same(got, "inspector@works/") {
		t.Errorf("Ana: %v", got)
	}
	var bia uuid.UUID
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		found, err := d.people.FindStaff(ctx, tx, []string{"bia@gov.example", "+2389911223", "nobody@gov.example", "words"})
		bia = found["bia@gov.example"]
		if len(found) != 2 || bia != found["+2389911223"] {
			t.Errorf("found: %v", found)
		}
		return err
	})
	if got := d.holds(bia); !same(got, "chief@works/") {
		t.Errorf("Bia: %v", got)
	}
	again, err := d.check(boss, agency.ImportStaff, table(columns, "Ana Alves|s0@gov.example||plateau|Fiscal|desk||", "Bia Brito|bia@gov.example|||Chefe|head|2020-01-02|", "Bia Brito|bia@gov.example||plateau|Chefe|desk||"))
	if err != nil {
		t.Fatal(err)
	}
	lines(t, "a second time", d.told(again), "2 unchanged none", "3 wrong none [from agency.import.held] [until agency.import.held]", "4 changed pending office position")
	if err := d.act(boss, imp, d.imports.Undo); err != nil {
		t.Fatal(err)
	}
	if got := d.told(imp)[:2]; !same(got, "2 new undone", "3 new undone") {
		t.Errorf("undone: %v", got)
	}
	if a, b := d.holds(ana), d.holds(bia); len(a)+len(b) != 0 {
		t.Errorf("roles after undoing: %v, %v", a, b)
	}
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		a, err := d.people.Account(ctx, tx, bia)
		if a.Status != "suspended" {
			t.Errorf("who was entered is %s", a.Status)
		}
		return err
	})
}

// TestImportsAreRefused: a table without keys or rows, by who may not, and rows that whoever asked may not do any more.
func TestImportsAreRefused(t *testing.T) {
	t.Parallel()
	d := takeIn(t)
	d.furnish()
	good := table("code|name.pt", "sul|Sul")
	many := table("code|name.pt")
	for range agency.ImportRows + 1 {
		many.Rows = append(many.Rows, []string{"a", "b"})
	}
	for name, c := range map[string]struct {
		by   identity.Principal
		t    agency.Table
		want error
	}{
		"another agency's": {admin("parks", agency.Manage), good, agency.ErrForbidden},
		"no columns":       {nobody, agency.Table{}, agency.ErrImportColumns},
		"no code":          {nobody, table("name.pt", "Sul"), agency.ErrImportColumns},
		"no rows":          {nobody, table("code|name.pt", "|"), agency.ErrImportEmpty},
		"too many rows":    {nobody, many, agency.ErrImportRows},
	} {
		if _, err := d.check(c.by, agency.ImportOffices, c.t); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := d.act(nobody, uuid.New(), d.imports.Apply); !errors.Is(err, agency.ErrUnknownImport) {
		t.Errorf("none: %v", err)
	}
	imp, err := d.check(nobody, agency.ImportOffices, good)
	if err != nil {
		t.Fatal(err)
	}
	for name, act := range map[string]func(context.Context, *pg.Tx, identity.Principal, uuid.UUID) error{"done": d.imports.Apply, "given up": d.imports.Discard} {
		if err := d.act(admin("parks", agency.Manage), imp, act); !errors.Is(err, agency.ErrForbidden) {
			t.Errorf("%s by another agency's: %v", name, err)
		}
	}
	// The system has no account: it does rows as itself. Whoever lost the permission meanwhile does none.
	var former uuid.UUID
	d.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		if former, err = d.people.AddStaff(ctx, tx, identity.AddStaff{Name: "Former", Email: "former@gov.example", Lang: "pt"}); err != nil {
			return err
		}
		return d.imports.Apply(ctx, tx, identity.Principal{Account: former}, imp)
	})
	pgtest.Work(t, d.db, d.registry)
	lines(t, "by who may not", d.told(imp), "2 new failed [ agency.forbidden]")
	if in := d.state(imp); in.State != agency.ImportApplied || in.MayUndo() {
		t.Errorf("afterwards: %+v", in)
	}
}

// TestImportIsForgotten: the content goes after its time, and with it the possibility to do it.
func TestImportIsForgotten(t *testing.T) {
	t.Parallel()
	d := takeIn(t)
	d.furnish()
	imp, err := d.check(nobody, agency.ImportOffices, table("code|name.pt", "sul|Sul"))
	if err != nil {
		t.Fatal(err)
	}
	d.travel(agency.ImportKept + time.Hour)
	pgtest.Work(t, d.db, d.registry)
	if in := d.state(imp); in.Content || in.State != agency.ImportDiscarded {
		t.Errorf("after its time: %+v", in)
	}
	if err := d.act(nobody, imp, d.imports.Apply); !errors.Is(err, agency.ErrImportState) {
		t.Errorf("done after its time: %v", err)
	}
}

// TestExportIsUnchanged: whatever an agency is like, what is taken out of it and taken in again changes nothing.
func TestExportIsUnchanged(t *testing.T) {
	t.Parallel()
	d := takeIn(t)
	ana, _ := d.staffed()
	text := rapid.StringMatching(`[=+@a-zçã][ -~]{0,12}[a-z]`)
	undo := errors.New("undo")
	rapid.Check(t, func(t *rapid.T) {
		err := d.try(nobody, func(ctx context.Context, tx *pg.Tx) error {
			for n := range rapid.IntRange(0, 3).Draw(t, "offices") {
				o := agency.Office{
					Agency: "works", Code: fmt.Sprintf("o%d", n), Name: i18n.Text{"pt": text.Draw(t, "name"), "xx": "kept"}, Address: text.Draw(t, "address"),
					Hours: i18n.Text{"pt": text.Draw(t, "hours")}, Closed: rapid.Bool().Draw(t, "closed"),
				}
				if err := d.svc.PutOffice(ctx, tx, nobody, o); err != nil {
					return err
				}
			}
			for n := range rapid.IntRange(0, 3).Draw(t, "positions") {
				p := position(fmt.Sprintf("p%d", n), rapid.IntRange(1, 9).Draw(t, "seats"), rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"chief", "inspector"}), 0, 2, rapid.ID).Draw(t, "roles")...)
				p.Title["pt"], p.ReportsTo, p.Office = text.Draw(t, "title"), rapid.SampledFrom([]string{"", "head", "desk"}).Draw(t, "above"), rapid.SampledFrom([]string{"", "plateau"}).Draw(t, "office")
				if err := d.svc.PutPosition(ctx, tx, nobody, p); err != nil {
					return err
				}
			}
			if err := d.svc.Assign(ctx, tx, nobody, agency.Staff{Account: ana, Agency: "works", Title: i18n.Text{"pt": text.Draw(t, "job")}}); err != nil {
				return err
			}
			for _, where := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"head", "desk"}), 0, 2, rapid.ID).Draw(t, "holds") {
				h := agency.Hold{Agency: "works", Position: where, Account: ana}
				if rapid.Bool().Draw(t, "ends") {
					until := tx.Now.Truncate(24 * time.Hour).Add(time.Duration(rapid.IntRange(2, 99).Draw(t, "days"))*24*time.Hour + time.Hour)
					h.Until = &until
				}
				if _, err := d.svc.Hold(ctx, tx, nobody, h); err != nil {
					return err
				}
			}
			for _, kind := range agency.ImportKinds {
				table, err := d.imports.Export(ctx, tx, nobody, "works", kind)
				if err != nil {
					return err
				}
				if len(table.Rows) == 0 {
					continue
				}
				imp, err := d.imports.Check(ctx, tx, nobody, "works", kind, table)
				if err != nil {
					return err
				}
				if in, err := d.imports.Import(ctx, tx, nobody, imp); err != nil || in.Verdicts[agency.RowUnchanged] != len(table.Rows) {
					rows, _ := d.imports.Rows(ctx, tx, nobody, imp, "", "", page.Request{Size: 100})
					t.Fatalf("%s: %v, %+v\n%v\n%+v", kind, err, in.Verdicts, table.Rows, rows.Rows)
				}
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
	d.in(func(ctx context.Context, tx *pg.Tx) error {
		return d.svc.Assign(ctx, tx, nobody, agency.Staff{Account: ana, Agency: "works"})
	})
	if err := d.try(admin("works", agency.Manage), func(ctx context.Context, tx *pg.Tx) error {
		_, err := d.imports.Export(ctx, tx, admin("works", agency.Manage), "works", agency.ImportStaff)
		return err
	}); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("staff is given out to who may not see it: %v", err)
	}
}
