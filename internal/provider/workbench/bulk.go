package workbench

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workbench/internal/workbenchdb"
	"digit/internal/provider/workflow"
)

// What can be done with many cases at once.
const (
	BulkClaim   = "claim"
	BulkRelease = "release"
	BulkAssign  = "assign"
	BulkAct     = "act" // an action of their workflow
)

// How an act on many cases stands.
const (
	BulkChosen  = "chosen"
	BulkRunning = "running"
	BulkDone    = "done"
	BulkUndoing = "undoing"
	BulkUndone  = "undone"
)

// How one of its cases stands.
const (
	ItemWaiting = "waiting"
	ItemDone    = "done"
	ItemFailed  = "failed"
	ItemUndone  = "undone"
	ItemKept    = "kept" // somebody has gone on with it since it was done
)

// MostChosen is how many cases can be dealt with at once.
const MostChosen = 1000

// Chosen is a case, or a branch of it, that was ticked in a list, at the revision that the list showed.
type Chosen struct {
	Application uuid.UUID
	Branch      string
	Rev         int64
}

// Bulk is one act on many cases. Counts are of Items by how they stand. Held is how many of its decisions wait to take effect, HeldUntil when the
// first of them does.
type Bulk struct {
	ID         uuid.UUID
	Kind       string
	Action     string
	ActionName i18n.Text
	To         uuid.UUID
	ToName     string
	Status     string
	MadeAt     time.Time
	FinishedAt *time.Time
	Items      []BulkItem
	Counts     map[string]int
	Held       int
	HeldUntil  *time.Time
	held       []uuid.UUID // their cases
}

// Undoable reports whether it can be undone: giving cases to people can, as often as one likes; a decision while it is held, since what it has
// sent out cannot be taken back.
func (b Bulk) Undoable() bool {
	return b.Status == BulkDone && (b.Kind != BulkAct && b.Counts[ItemDone] > 0 || b.Held > 0)
}

// BulkItem is one of the cases with what became of it; Code says why it failed.
type BulkItem struct {
	No          int
	Application uuid.UUID
	Branch      string
	Reference   string
	Status      string
	Code        string
}

// Choose keeps which cases are to be dealt with at once: those that were ticked, or all of a list, MostChosen at most. Cases that the officer
// cannot see are left out. Permission: workbench:use. Errors: ErrForbidden, ErrNoneChosen, ErrFilter.
func (s *Service) Choose(ctx context.Context, tx *pg.Tx, by identity.Principal, ticked []Chosen, all *Filter) (bulk uuid.UUID, err error) {
	defer fault.Wrap(&err, "workbench.Choose(%d)", len(ticked))
	if err := authorise(tx, by); err != nil {
		return bulk, err
	}
	items, err := s.chosen(ctx, tx, by, ticked, all)
	if err != nil {
		return bulk, err
	}
	if len(items.Nos) == 0 {
		return bulk, ErrNoneChosen
	}
	bulk = id.New()
	if err := db.InsertBulk(ctx, tx, workbenchdb.InsertBulkParams{ID: bulk, ByID: by.Account, MadeAt: tx.Now}); err != nil {
		return bulk, err
	}
	items.BulkID = bulk
	if err := db.InsertBulkItems(ctx, tx, items); err != nil {
		return bulk, err
	}
	return bulk, audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.choose", Object: "workbench.bulk", ObjectID: bulk, Detail: map[string]any{"cases": len(items.Nos)},
	})
}

// chosen are the rows of the cases that were ticked, or of all that a list shows.
func (s *Service) chosen(ctx context.Context, tx *pg.Tx, by identity.Principal, ticked []Chosen, all *Filter) (items workbenchdb.InsertBulkItemsParams, err error) {
	add := func(i workflow.Instance, branch string, rev int64) {
		if len(items.Nos) < MostChosen {
			items.Nos, items.Applications = append(items.Nos, int32(len(items.Nos)+1)), append(items.Applications, i.ID)
			items.Branches, items.Refs, items.Revs = append(items.Branches, branch), append(items.Refs, i.Reference), append(items.Revs, rev)
		}
	}
	if all != nil {
		u, err := s.urgency(ctx, tx)
		if err != nil {
			return items, err
		}
		in, err := all.inbox(u)
		if err != nil {
			return items, err
		}
		if in, err = s.search(ctx, tx, by, in, all.Name); err != nil {
			return items, err
		}
		if in.Queue == workflow.QueueDone || in.Queue == QueueFound {
			return items, ErrFilter.With("queue", in.Queue)
		}
		for req := (page.Request{Size: 100}); len(items.Nos) < MostChosen; {
			p, err := s.deps.Workflow.Inbox(ctx, tx, by, in, req)
			if err != nil {
				return items, err
			}
			for _, i := range p.Rows {
				add(i, i.Branch, i.Rev)
			}
			if req.After = p.Next; p.Next == "" {
				break
			}
		}
		return items, nil
	}
	var ids []uuid.UUID
	for _, c := range ticked {
		ids = append(ids, c.Application)
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, ids)
	if err != nil {
		return items, err
	}
	for _, c := range ticked {
		n := slices.IndexFunc(cases, func(i workflow.Instance) bool { return i.ID == c.Application })
		if n >= 0 && (cases[n].Reached(by, orchestration.Read, tx.Now) || cases[n].Reached(by, workflow.Release, tx.Now)) {
			add(cases[n], c.Branch, c.Rev)
		}
	}
	return items, nil
}

// Bulk returns an act on many cases of the officer's own. Permission: workbench:use. Errors: ErrForbidden, ErrNoBulk.
func (s *Service) Bulk(ctx context.Context, tx *pg.Tx, by identity.Principal, bulk uuid.UUID) (b Bulk, err error) {
	defer fault.Wrap(&err, "workbench.Bulk(%s)", bulk)
	if err := authorise(tx, by); err != nil {
		return b, err
	}
	r, err := db.GetBulk(ctx, tx, bulk)
	if pg.NotFound(err) || err == nil && r.ByID != by.Account {
		return b, ErrNoBulk
	}
	if err != nil {
		return b, err
	}
	b = Bulk{ID: r.ID, Kind: r.Kind, Action: r.Action, Status: r.Status, MadeAt: r.MadeAt, FinishedAt: r.FinishedAt, Counts: map[string]int{}}
	if r.ToID != nil {
		b.To = *r.ToID
		names, err := s.staffNames(ctx, tx, []uuid.UUID{b.To})
		if err != nil {
			return b, err
		}
		b.ToName = names[b.To]
	}
	rows, err := db.ListBulkItems(ctx, tx, bulk)
	if err != nil {
		return b, err
	}
	for _, i := range rows {
		b.Items = append(b.Items, BulkItem{No: int(i.No), Application: i.ApplicationID, Branch: i.Branch, Reference: i.Reference, Status: i.Status, Code: i.Code})
		b.Counts[i.Status]++
	}
	if b.Kind == BulkAct {
		if err := s.waiting(ctx, tx, &b, rows); err != nil {
			return b, err
		}
	}
	if b.Action != "" {
		acts, err := s.BulkActs(ctx, tx, by, b)
		if err != nil {
			return b, err
		}
		for _, a := range acts {
			if a.Code == b.Action {
				b.ActionName = a.Name
			}
		}
	}
	return b, nil
}

// waiting counts the decisions of an act on many cases that are held.
func (s *Service) waiting(ctx context.Context, tx *pg.Tx, b *Bulk, rows []workbenchdb.WorkbenchBulkItem) error {
	after := map[uuid.UUID]int64{}
	var ids []uuid.UUID
	for _, i := range rows {
		if i.Status == ItemDone {
			ids, after[i.ApplicationID] = append(ids, i.ApplicationID), i.AfterRev
		}
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, ids)
	for _, i := range cases {
		if i.Held() && i.Rev == after[i.ID] {
			b.Held, b.held = b.Held+1, append(b.held, i.ID)
			if b.HeldUntil == nil || i.HeldUntil.Before(*b.HeldUntil) {
				b.HeldUntil = i.HeldUntil
			}
		}
	}
	return err
}

// BulkChoice is an action that can be taken on some of the chosen cases: on Cases of them, as they stand. It asks for no more than a comment,
// ticks and a reason, which count for all of them.
type BulkChoice struct {
	servicespec.Action
	Cases   int
	Decides bool
	spec    *servicespec.Service
}

// Reason returns a coded reason of the action's service; nil where there is none.
func (c BulkChoice) Reason(code string) *servicespec.Reason { return c.spec.Reason(code) }

// BulkActs returns the actions of their workflows that can be taken on chosen cases, most cases first: those that need nothing found out, no
// file and no answer chosen for a correction, which are matters of one case. Permission: as for Bulk. Errors: ErrForbidden.
func (s *Service) BulkActs(ctx context.Context, tx *pg.Tx, by identity.Principal, b Bulk) (list []BulkChoice, err error) {
	defer fault.Wrap(&err, "workbench.BulkActs(%s)", b.ID)
	if err := authorise(tx, by); err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, i := range b.Items {
		if i.Branch == "" {
			ids = append(ids, i.Application)
		}
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var refs []servicespec.Ref
	for _, i := range cases {
		refs = append(refs, servicespec.Ref{Code: i.Service, Version: i.Version})
	}
	specs, err := s.specs(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	for n, i := range cases {
		svc := specs[refs[n]]
		if svc == nil {
			continue
		}
		for _, a := range svc.Pack().Workflow.Actions {
			if !single(a) && (a.From.Has(i.State) || a.Code == b.Action) {
				list = addChoice(list, svc, a)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b BulkChoice) int { return b.Cases - a.Cases })
	return list, nil
}

// addChoice counts one more case for an action.
func addChoice(list []BulkChoice, svc *servicespec.Service, a servicespec.Action) []BulkChoice {
	n := slices.IndexFunc(list, func(c BulkChoice) bool { return c.Code == a.Code })
	if n < 0 {
		n, list = len(list), append(list, BulkChoice{Action: a, Decides: decides(svc, a.Code), spec: svc})
	}
	list[n].Cases++
	return list
}

// single reports whether an action is a matter of one case: staff does not take it, or it needs what only one case can tell.
func single(a servicespec.Action) bool {
	return a.By != "staff" || len(a.Questions) > 0 || len(a.Documents) > 0 || a.Has(servicespec.EffectCorrection)
}

// StartBulk is what is to be done with chosen cases.
type StartBulk struct {
	By        identity.Principal
	Bulk      uuid.UUID
	Kind      string
	Action    string
	To        uuid.UUID
	Comment   string
	Checklist []string
	Reasons   []string
}

// Start does one thing with all chosen cases, one after the other, by a job: each as if the officer had done it themselves at that moment.
// Permission: workbench:use, and for each case what the act needs. Errors: ErrForbidden, ErrNoBulk, ErrStarted, ErrBulk, workflow.ErrComment,
// workflow.ErrReasons.
func (s *Service) Start(ctx context.Context, tx *pg.Tx, in StartBulk) (err error) {
	defer fault.Wrap(&err, "workbench.Start(%s)", in.Bulk)
	b, err := s.Bulk(ctx, tx, in.By, in.Bulk)
	if err != nil {
		return err
	}
	if r, err := db.LockBulk(ctx, tx, in.Bulk); err != nil || r.Status != BulkChosen {
		return or(err, ErrStarted)
	}
	if err := s.acceptable(ctx, tx, b, &in); err != nil {
		return err
	}
	row := workbenchdb.StartBulkParams{ID: in.Bulk, Kind: in.Kind, Action: in.Action, Checklist: list(in.Checklist), Reasons: list(in.Reasons)}
	if in.To != uuid.Nil {
		row.ToID = &in.To
	}
	if in.Comment != "" {
		if row.Comment, err = s.deps.Sealer.Seal(ctx, tx, uuid.Nil, bulkPlace(in.Bulk), []byte(in.Comment)); err != nil {
			return err
		}
	}
	if err := db.StartBulk(ctx, tx, row); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, BulkArgs{Bulk: in.Bulk}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.bulk", Object: "workbench.bulk", ObjectID: in.Bulk,
		Detail: map[string]any{"kind": in.Kind, "action": in.Action, "cases": len(b.Items)},
	})
}

// acceptable refuses what cannot be done with any of the cases, and takes out what does not belong to the act.
func (s *Service) acceptable(ctx context.Context, tx *pg.Tx, b Bulk, in *StartBulk) error {
	in.Comment = strings.TrimSpace(in.Comment)
	if in.Kind != BulkAct {
		in.Action, in.Comment, in.Checklist, in.Reasons = "", "", nil, nil
	}
	if in.Kind != BulkAssign {
		in.To = uuid.Nil
	}
	switch in.Kind {
	case BulkClaim, BulkRelease:
		return nil
	case BulkAssign:
		if in.To == uuid.Nil {
			return ErrBulk.WithFields(fault.Field{Path: "to", Code: "workbench.to"})
		}
		return nil
	case BulkAct:
	default:
		return ErrBulk.WithFields(fault.Field{Path: "kind", Code: ErrBulk.Code})
	}
	acts, err := s.BulkActs(ctx, tx, in.By, b)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(acts, func(a BulkChoice) bool { return a.Code == in.Action })
	switch {
	case n < 0:
		return ErrBulk.WithFields(fault.Field{Path: "kind", Code: ErrBulk.Code})
	case acts[n].Comment == "required" && in.Comment == "":
		return workflow.ErrComment.WithFields(fault.Field{Path: "comment", Code: workflow.ErrComment.Code})
	case len(acts[n].Reasons) > 0 && len(in.Reasons) == 0:
		return workflow.ErrReasons.WithFields(fault.Field{Path: "reasons", Code: workflow.ErrReasons.Code})
	}
	return nil
}

// Retry does once more what failed, with each case as it stands then. Permission: as for Bulk. Errors: ErrForbidden, ErrNoBulk, ErrStarted.
func (s *Service) Retry(ctx context.Context, tx *pg.Tx, by identity.Principal, bulk uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workbench.Retry(%s)", bulk)
	b, err := s.Bulk(ctx, tx, by, bulk)
	if err != nil {
		return err
	}
	if r, err := db.LockBulk(ctx, tx, bulk); err != nil || r.Status != BulkDone || b.Counts[ItemFailed] == 0 {
		return or(err, ErrStarted)
	}
	if err := db.WaitAgain(ctx, tx, bulk); err != nil {
		return err
	}
	return s.again(ctx, tx, bulk, BulkRunning, "workbench.retry")
}

// undoing is how long the job that undoes decisions has before those go on that it has not come to.
const undoing = 30 * time.Minute

// Undo gives all cases back to who had them before, save for those with which somebody has gone on since; decisions on them that are held are
// undone, and none of those takes effect that was held at this moment. Permission: as for Bulk. Errors: ErrForbidden, ErrNoBulk, ErrUndo.
func (s *Service) Undo(ctx context.Context, tx *pg.Tx, by identity.Principal, bulk uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workbench.Undo(%s)", bulk)
	b, err := s.Bulk(ctx, tx, by, bulk)
	if err != nil {
		return err
	}
	if r, err := db.LockBulk(ctx, tx, bulk); err != nil || r.Status != BulkDone || !b.Undoable() {
		return or(err, ErrUndo)
	}
	if err := s.deps.Workflow.Delay(ctx, tx, b.held, tx.Now.Add(undoing)); err != nil {
		return err
	}
	return s.again(ctx, tx, bulk, BulkUndoing, "workbench.undo")
}

func (s *Service) again(ctx context.Context, tx *pg.Tx, bulk uuid.UUID, status, action string) error {
	if err := db.SetBulkStatus(ctx, tx, workbenchdb.SetBulkStatusParams{ID: bulk, Status: status}); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, BulkArgs{Bulk: bulk}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "workbench.bulk", ObjectID: bulk})
}

// Receivers are those who can be given some of the chosen cases by a supervisor, by name; none where the officer supervises none of them.
// Permission: as for Bulk. Errors: ErrForbidden.
func (s *Service) Receivers(ctx context.Context, tx *pg.Tx, by identity.Principal, b Bulk) (list []Colleague, err error) {
	defer fault.Wrap(&err, "workbench.Receivers(%s)", b.ID)
	if err := authorise(tx, by); err != nil {
		return nil, err
	}
	var ids, able []uuid.UUID
	for _, i := range b.Items {
		ids = append(ids, i.Application)
	}
	cases, err := s.deps.Workflow.Instances(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	type place struct{ agency, role string }
	seen := map[place]bool{}
	for _, i := range cases {
		at := place{i.Agency, i.Role}
		if seen[at] || i.Role == "" || !i.Reached(by, workflow.Release, tx.Now) {
			continue
		}
		seen[at] = true
		holders, err := s.deps.People.Holders(ctx, tx, i.Agency, i.Role, append(slices.Clone(i.BoundaryPath), i.Boundary))
		if err != nil {
			return nil, err
		}
		able = append(able, holders...)
	}
	return s.named(ctx, tx, able, uuid.Nil)
}

// named puts names to accounts, each once, in the order of names.
func (s *Service) named(ctx context.Context, tx *pg.Tx, accounts []uuid.UUID, but uuid.UUID) (list []Colleague, err error) {
	names, err := s.staffNames(ctx, tx, accounts)
	for account, name := range names {
		if account != but {
			list = append(list, Colleague{ID: account, Name: name})
		}
	}
	slices.SortFunc(list, func(a, b Colleague) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	return list, err
}

func bulkPlace(bulk uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workbench.bulk", Column: "comment", Row: bulk}
}

func or(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// list is stored as an empty array rather than NULL.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
