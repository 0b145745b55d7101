package agency

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// present is what stands when a table is looked at.
type present struct {
	agency    string
	zone      *time.Location
	region    string
	areas     map[string]bool
	roles     map[string]bool
	offices   map[string]Office
	positions map[string]Position
	staff     map[uuid.UUID]Staff
	held      map[uuid.UUID][]Holding
	accounts  map[string]uuid.UUID // staff by the addresses of the table
	names     map[uuid.UUID]string
	mayGive   map[string]bool // roles that the importer can give there
}

func (i *Importer) look(ctx context.Context, tx *pg.Tx, agency string) (w present, err error) {
	w = present{
		agency: agency, areas: map[string]bool{}, roles: map[string]bool{}, offices: map[string]Office{}, positions: map[string]Position{},
		staff: map[uuid.UUID]Staff{}, held: map[uuid.UUID][]Holding{}, names: map[uuid.UUID]string{}, mayGive: map[string]bool{},
	}
	set, err := i.d.Settings.Settings(ctx, tx)
	if err != nil {
		return w, err
	}
	w.zone, w.region = set.Location(), set.PhoneRegion
	offices, err := officeRows(ctx, tx, agency)
	if err != nil {
		return w, err
	}
	for _, o := range offices {
		w.offices[o.Code] = o
	}
	positions, err := positionRows(ctx, tx, agency)
	if err != nil {
		return w, err
	}
	for _, p := range positions {
		w.positions[p.Code] = p
	}
	areas, err := i.d.Areas.Boundaries(ctx, tx, "", "")
	if err != nil {
		return w, err
	}
	for _, b := range areas {
		w.areas[b.Code] = true
	}
	roles, err := i.d.People.Roles(ctx, tx)
	for _, r := range roles {
		w.roles[r.Code] = true
	}
	return w, err
}

// judge says of each row what it would do, and in which order rows are done.
func (i *Importer) judge(ctx context.Context, tx *pg.Tx, agency string, kind ImportKind, t Table) ([]judged, error) {
	w, err := i.look(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	rows := make([]judged, 0, len(t.Rows))
	for _, r := range t.records() {
		rows = append(rows, judged{ImportRow: ImportRow{Number: r.number, seq: r.number}, record: r})
	}
	switch kind {
	case ImportOffices:
		for n := range rows {
			w.judgeOffice(&rows[n])
		}
	case ImportPositions:
		if err := i.mayGive(ctx, tx, &w, rows); err != nil {
			return nil, err
		}
		for n := range rows {
			w.judgePosition(&rows[n], rows)
		}
		inOrder(rows)
	case ImportStaff:
		if err := i.known(ctx, tx, &w, rows); err != nil {
			return nil, err
		}
		for n := range rows {
			w.judgeStaff(&rows[n])
		}
	}
	twice(rows)
	return rows, nil
}

// twice refuses rows that speak of what an earlier one does.
func twice(rows []judged) {
	seen := map[string]int{}
	for n := range rows {
		j := &rows[n]
		key := j.key
		if key == "" {
			continue
		}
		if first, ok := seen[key]; ok {
			j.wrong("", "agency.import.twice", "row", first)
			j.settle(false)
			continue
		}
		seen[key] = j.Number
	}
}

func (w present) area(j *judged, code string) {
	if code != "" && !w.areas[code] {
		j.wrong("boundary", "agency.import.area")
	}
}

func (w present) office(j *judged, code string) {
	if _, ok := w.offices[code]; code != "" && !ok {
		j.wrong("office", ErrUnknownOffice.Code)
	}
}

func (j *judged) fields(fields []fault.Field, text string, lang string) {
	for _, f := range fields {
		if f.Path == text {
			f.Path += "." + lang
		}
		j.Problems = append(j.Problems, f)
	}
}

// firstOf is the first language for which the table has a column of a text.
func (j *judged) firstOf(text string) string {
	var langs []string
	for column := range j.cells {
		if lang, ok := strings.CutPrefix(column, text+"."); ok {
			langs = append(langs, lang)
		}
	}
	slices.Sort(langs)
	return strings.Join(langs[:min(1, len(langs))], "")
}

// officeOf is an office as a row has it, over what stands.
func officeOf(r record, o Office) (Office, bool) {
	r.set("code", &o.Code)
	r.setText("name", &o.Name)
	r.set("address", &o.Address)
	r.setText("hours", &o.Hours)
	r.set("boundary", &o.Boundary)
	r.set("email", &o.Email)
	r.set("phone", &o.Phone)
	return o, r.setClosed(&o.Closed)
}

func (w present) judgeOffice(j *judged) {
	old, known := w.offices[j.cells["code"]]
	o, ok := officeOf(j.record, old)
	j.object, j.key = o.Code, o.Code
	j.fields(check(o.Code, o.Name), "name", j.firstOf("name"))
	w.area(j, o.Boundary)
	j.addresses(w.region, o.Email, o.Phone, old.Email, old.Phone)
	if !ok {
		j.wrong("closed", "agency.import.yes_no")
	}
	j.differsText("name", o.Name, old.Name)
	j.differs("address", o.Address != old.Address)
	j.differsText("hours", o.Hours, old.Hours)
	j.differs("boundary", o.Boundary != old.Boundary)
	j.differs("email", o.Email != old.Email)
	j.differs("phone", o.Phone != old.Phone)
	j.differs("closed", o.Closed != old.Closed)
	j.settle(known)
}

// addresses refuses what is no address; what stands is let stand.
func (j *judged) addresses(region, email, phone, oldEmail, oldPhone string) {
	if email != "" && email != oldEmail && !identity.IsAddress(identity.ChannelEmail, email, region) {
		j.wrong("email", "agency.import.email")
	}
	if phone != "" && phone != oldPhone && !identity.IsAddress(identity.ChannelSMS, phone, region) {
		j.wrong("phone", "agency.import.phone")
	}
}

// positionOf is a position as a row has it, over what stands. A number of seats that is none is 0, which is refused.
func positionOf(r record, p Position) (Position, bool) {
	r.set("code", &p.Code)
	r.setText("title", &p.Title)
	r.set("office", &p.Office)
	r.set("boundary", &p.Boundary)
	r.set("reports_to", &p.ReportsTo)
	if roles, ok := r.cells["roles"]; ok {
		p.Roles = slices.Compact(slices.Sorted(slices.Values(strings.FieldsFunc(roles, func(c rune) bool { return strings.ContainsRune(",; \n\t", c) }))))
	}
	if seats, ok := r.cells["seats"]; ok {
		p.Seats, _ = strconv.Atoi(seats)
	} else if p.Seats == 0 {
		p.Seats = 1
	}
	return p, r.setClosed(&p.Closed)
}

// mayGive finds out which of the rows' roles the importer can give.
func (i *Importer) mayGive(ctx context.Context, tx *pg.Tx, w *present, rows []judged) error {
	for _, j := range rows {
		p, _ := positionOf(j.record, Position{})
		for _, role := range p.Roles {
			if _, asked := w.mayGive[role]; asked || !w.roles[role] {
				continue
			}
			err := i.d.Agencies.grants.MayGrant(ctx, tx, role, w.agency)
			if f := fault.Of(err); err != nil && (f == nil || f.Kind != fault.KindForbidden) {
				return err
			}
			w.mayGive[role] = err == nil
		}
	}
	return nil
}

func (w present) judgePosition(j *judged, rows []judged) {
	old, known := w.positions[j.cells["code"]]
	p, ok := positionOf(j.record, old)
	j.object, j.key = p.Code, p.Code
	j.fields(p.check(), "title", j.firstOf("title"))
	w.area(j, p.Boundary)
	w.office(j, p.Office)
	if !ok {
		j.wrong("closed", "agency.import.yes_no")
	}
	for _, role := range p.Roles {
		if !w.roles[role] {
			j.wrong("roles", "agency.import.role", "role", role)
		} else if !w.mayGive[role] && !slices.Equal(p.Roles, old.Roles) {
			j.wrong("roles", "agency.import.may_not_give", "role", role)
		}
	}
	above := map[string]string{}
	for code, o := range w.positions {
		above[code] = o.ReportsTo
	}
	for _, other := range rows {
		o, _ := positionOf(other.record, w.positions[other.cells["code"]])
		above[o.Code] = o.ReportsTo
	}
	if _, there := above[p.ReportsTo]; p.ReportsTo != "" && !there {
		j.wrong("reports_to", ErrUnknownPosition.Code)
	} else if circle(p.Code, above) {
		j.wrong("reports_to", ErrCircle.Code)
	}
	j.differsText("title", p.Title, old.Title)
	j.differs("office", p.Office != old.Office)
	j.differs("boundary", p.Boundary != old.Boundary)
	j.differs("roles", !slices.Equal(p.Roles, old.Roles) && len(p.Roles)+len(old.Roles) > 0)
	j.differs("reports_to", p.ReportsTo != old.ReportsTo)
	j.differs("seats", p.Seats != old.Seats)
	j.differs("closed", p.Closed != old.Closed)
	j.settle(known)
}

// inOrder has positions done after those to which they report.
func inOrder(rows []judged) {
	at := map[string]int{}
	for n, j := range rows {
		at[j.object] = n
	}
	seq, done := 0, map[int]bool{}
	var visit func(n int)
	visit = func(n int) {
		if done[n] {
			return
		}
		done[n] = true
		if above, ok := at[rows[n].cells["reports_to"]]; ok {
			visit(above)
		}
		seq++
		rows[n].seq = seq
	}
	for n := range rows {
		visit(n)
	}
}

// known finds the accounts that the table's addresses reach, with what they are called and do in the agency.
func (i *Importer) known(ctx context.Context, tx *pg.Tx, w *present, rows []judged) (err error) {
	var addresses []string
	for _, j := range rows {
		addresses = append(addresses, j.cells["email"], j.cells["phone"])
	}
	if w.accounts, err = i.d.People.FindStaff(ctx, tx, addresses); err != nil {
		return err
	}
	for _, account := range w.accounts {
		if err := i.person(ctx, tx, w, account); err != nil {
			return err
		}
	}
	return nil
}

func (i *Importer) person(ctx context.Context, tx *pg.Tx, w *present, account uuid.UUID) (err error) {
	if w.names[account], err = i.d.People.Name(ctx, tx, account); err != nil {
		return err
	}
	posts, err := postRows(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, s := range posts {
		if s.Agency == w.agency {
			w.staff[account] = s
		}
	}
	held, err := heldRows(ctx, tx, account)
	for _, h := range held {
		if h.Agency == w.agency {
			w.held[account] = append(w.held[account], h)
		}
	}
	return err
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
