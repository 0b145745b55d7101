package orchestration

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
	"digit/internal/provider/workflow"
)

// Waiting is how many opinions agencies are asked for, and how many of them are late; Ever says whether they were asked for any before.
type Waiting struct {
	All, Late int
	Ever      bool
}

// Waiting counts what the agencies of a member of staff are asked. Permission: orchestration:advise; who has it nowhere counts none.
func (s *Service) Waiting(ctx context.Context, tx *pg.Tx, by identity.Principal) (n Waiting, err error) {
	defer fault.Wrap(&err, "orchestration.Waiting")
	everywhere, agencies := by.Reach(Advise)
	if !everywhere && len(agencies) == 0 {
		return n, nil
	}
	row, err := db.CountConsultations(ctx, tx, orchestrationdb.CountConsultationsParams{Now: tx.Now, Everywhere: everywhere, Agencies: agencies})
	return Waiting{int(row.Waiting), int(row.Late), row.Ever}, err
}

// ConsultationFilter narrows what agencies are asked; empty fields do not narrow. Text is the beginning of a reference. Late is of what waits;
// Answer, of what is over, one of those that are given or ConsultationRecalled. Sort is workflow.SortDue, SortOldest or SortNewest (when they
// were asked); "" for the most urgent of what waits first, and the last asked of what is over.
type ConsultationFilter struct {
	Done    bool
	Late    bool
	Answer  string
	Asker   string
	Service string
	Text    string
	Sort    string
}

// Narrowed reports whether the filter leaves anything out of what waits or what is over.
func (f ConsultationFilter) Narrowed() bool {
	return f.Late || f.Answer != "" || f.Asker != "" || f.Service != "" || f.Text != ""
}

// Order is the order in which the filter lists.
func (f ConsultationFilter) Order() string {
	if f.Done {
		return cmp.Or(f.Sort, workflow.SortNewest)
	}
	return cmp.Or(f.Sort, workflow.SortDue)
}

// statuses are those that the filter lets pass, and the answer, "" for each.
func (f ConsultationFilter) statuses() (statuses []string, answer string) {
	switch {
	case !f.Done:
		return []string{ConsultationOpen}, ""
	case f.Answer == ConsultationRecalled:
		return []string{ConsultationRecalled}, ""
	}
	return []string{ConsultationAnswered, ConsultationRecalled}, f.Answer
}

// Consultations lists what the agencies of a member of staff are asked. Permission: orchestration:advise, in the agencies where it is held.
// Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Consultations(ctx context.Context, tx *pg.Tx, by identity.Principal, f ConsultationFilter, r page.Request) (p page.Page[Consultation], err error) {
	defer fault.Wrap(&err, "orchestration.Consultations")
	everywhere, agencies := by.Reach(Advise)
	if !everywhere && len(agencies) == 0 {
		return p, ErrForbidden.With("permission", Advise)
	}
	in := orchestrationdb.ListConsultationsParams{
		Everywhere: everywhere, Agencies: agencies, Late: f.Late && !f.Done, Now: tx.Now, Asker: f.Asker, Service: f.Service, Beginning: f.Text,
		Sort: f.Order(), Size: int32(r.Limit() + 1),
	}
	in.Statuses, in.Answer = f.statuses()
	if in.AfterAt, in.AfterID, err = afterTime(r); err != nil {
		return p, err
	}
	rows, err := db.ListConsultations(ctx, tx, in)
	if err != nil {
		return p, err
	}
	var list []Consultation
	for _, x := range rows {
		list = append(list, consultationOf(x))
	}
	p = page.Of(r, list, func(c Consultation) []string {
		if in.Sort == workflow.SortDue {
			return timeKey(c.DueAt, c.ID)
		}
		return timeKey(c.AskedAt, c.ID)
	})
	for i := range p.Rows {
		if p.Rows[i].Name, err = s.titled(ctx, tx, p.Rows[i].Service, p.Rows[i].Version); err != nil {
			return p, err
		}
	}
	return p, nil
}

// MostTallied is how far consultations are counted: the last so many.
const MostTallied = 1000

// Tally is how much there is of what a filter looks at (what waits, or what is over), narrowed by all but what each number is of: All and Late, Answers
// by answer (ConsultationRecalled among them), and the agencies and services from which there is anything, by code. Capped says that there is more.
type Tally struct {
	All, Late int
	Answers   map[string]int
	Askers    []string
	Services  map[string]i18n.Text
	Capped    bool
}

// Tally counts what Consultations lists. Permission: as Consultations. Errors: ErrForbidden.
func (s *Service) Tally(ctx context.Context, tx *pg.Tx, by identity.Principal, f ConsultationFilter) (t Tally, err error) {
	defer fault.Wrap(&err, "orchestration.Tally")
	everywhere, agencies := by.Reach(Advise)
	if !everywhere && len(agencies) == 0 {
		return t, ErrForbidden.With("permission", Advise)
	}
	rows, err := db.TallyConsultations(ctx, tx, orchestrationdb.TallyConsultationsParams{
		Everywhere: everywhere, Agencies: agencies, Now: tx.Now, Beginning: f.Text, Open: !f.Done, Most: MostTallied,
	})
	if err != nil {
		return t, err
	}
	t.Answers, t.Services = map[string]int{}, map[string]i18n.Text{}
	seen := 0
	for _, x := range rows {
		seen += int(x.N)
		if len(t.Askers) == 0 || t.Askers[len(t.Askers)-1] != x.Asker {
			t.Askers = append(t.Askers, x.Asker)
		}
		if t.Services[x.Service], err = s.titled(ctx, tx, x.Service, int(x.Version)); err != nil {
			return t, err
		}
		if f.Asker != "" && f.Asker != x.Asker || f.Service != "" && f.Service != x.Service {
			continue
		}
		t.All += int(x.N)
		if x.Late {
			t.Late += int(x.N)
		}
		if x.Status != ConsultationOpen {
			t.Answers[cmp.Or(x.Answer, x.Status)] += int(x.N)
		}
	}
	t.Capped = seen >= MostTallied
	return t, nil
}

// titled is what a service is called.
func (s *Service) titled(ctx context.Context, tx *pg.Tx, service string, version int) (i18n.Text, error) {
	svc, err := s.deps.Services.Service(ctx, tx, service, version)
	if err != nil {
		return nil, err
	}
	return svc.Pack().Name, nil
}

// timeKey is where a row stands in a list by a moment.
func timeKey(at time.Time, id uuid.UUID) []string {
	return []string{at.UTC().Format(time.RFC3339Nano), id.String()}
}

func afterTime(r page.Request) (at *time.Time, id uuid.UUID, err error) {
	if r.After == "" {
		return nil, id, nil
	}
	parts, err := page.Decode(r.After, 2)
	if err != nil {
		return nil, id, err
	}
	moment, err := time.Parse(time.RFC3339Nano, parts[0])
	if err != nil {
		return nil, id, page.ErrCursor
	}
	if id, err = uuid.Parse(parts[1]); err != nil {
		return nil, id, page.ErrCursor
	}
	return &moment, id, nil
}
