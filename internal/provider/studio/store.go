package studio

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio/internal/studiodb"
)

var db = studiodb.New()

func toDraft(r studiodb.StudioDraft) (d Draft, err error) {
	d = Draft{
		ID: r.ID, Code: r.Code, Agency: r.Agency, Base: int(r.Base), Head: int(r.Head), Last: int(r.Last),
		CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, ChangedAt: r.ChangedAt, ChangedBy: r.ChangedBy, DiscardedAt: r.DiscardedAt,
	}
	return d, json.Unmarshal(r.Name, &d.Name)
}

func orUnknown(r studiodb.StudioDraft, draft uuid.UUID, err error) (Draft, error) {
	if pg.NotFound(err) {
		return Draft{}, ErrUnknown.With("draft", draft.String())
	}
	if err != nil {
		return Draft{}, err
	}
	return toDraft(r)
}

func draftRow(ctx context.Context, tx *pg.Tx, draft uuid.UUID) (Draft, error) {
	r, err := db.GetDraft(ctx, tx, draft)
	return orUnknown(r, draft, err)
}

func lockDraft(ctx context.Context, tx *pg.Tx, draft uuid.UUID) (Draft, error) {
	r, err := db.LockDraft(ctx, tx, draft)
	return orUnknown(r, draft, err)
}

func draftOf(ctx context.Context, tx *pg.Tx, code string) (Draft, bool, error) {
	r, err := db.GetDraftOf(ctx, tx, code)
	if pg.NotFound(err) {
		return Draft{}, false, nil
	}
	if err != nil {
		return Draft{}, false, err
	}
	d, err := toDraft(r)
	return d, err == nil, err
}

// sortName is the name by which a draft is sorted and searched: that in the agency's language.
func sortName(name i18n.Text, languages []string) string {
	first := ""
	if len(languages) > 0 {
		first = languages[0]
	}
	return strings.ToLower(name.In(first, first))
}

// taken translates the loser of two who began the same service at once.
func taken(err error) error {
	if pg.Constraint(err) == "draft_code_key" {
		return ErrTaken.Because(err)
	}
	return err
}

func insertDraft(ctx context.Context, tx *pg.Tx, d Draft, languages []string) error {
	return taken(db.InsertDraft(ctx, tx, studiodb.InsertDraftParams{
		ID: d.ID, Code: d.Code, Agency: d.Agency, Name: fromText(d.Name), SortName: sortName(d.Name, languages), Base: int32(d.Base),
		At: d.CreatedAt, By: d.CreatedBy,
	}))
}

func setHead(ctx context.Context, tx *pg.Tx, d Draft, languages []string) error {
	return taken(db.SetDraftHead(ctx, tx, studiodb.SetDraftHeadParams{
		ID: d.ID, Code: d.Code, Agency: d.Agency, Name: fromText(d.Name), SortName: sortName(d.Name, languages),
		Head: int32(d.Head), Last: int32(d.Last), At: d.ChangedAt, By: d.ChangedBy,
	}))
}

func setBase(ctx context.Context, tx *pg.Tx, draft uuid.UUID, version int) error {
	return db.SetDraftBase(ctx, tx, studiodb.SetDraftBaseParams{ID: draft, Base: int32(version)})
}

func setDiscarded(ctx context.Context, tx *pg.Tx, draft uuid.UUID, at *time.Time) error {
	return db.SetDraftDiscarded(ctx, tx, studiodb.SetDraftDiscardedParams{ID: draft, DiscardedAt: at})
}

func listDrafts(ctx context.Context, tx *pg.Tx, in reach, q Query, before time.Time, after uuid.UUID, limit int) ([]Draft, error) {
	rows, err := db.ListDrafts(ctx, tx, studiodb.ListDraftsParams{
		Discarded: q.Discarded, Everywhere: in.everywhere, Agencies: in.agencies, Agency: q.Agency, Words: q.Text,
		Paging: !before.IsZero(), Before: before, BeforeID: after, Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	list := make([]Draft, len(rows))
	for i, r := range rows {
		if list[i], err = toDraft(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// named is a draft with the key of a list that is sorted by name.
type named struct {
	Draft
	sortName string
}

func listDraftsByName(ctx context.Context, tx *pg.Tx, in reach, q Query, key string, after uuid.UUID, limit int) ([]named, error) {
	rows, err := db.ListDraftsByName(ctx, tx, studiodb.ListDraftsByNameParams{
		Discarded: q.Discarded, Everywhere: in.everywhere, Agencies: in.agencies, Agency: q.Agency, Words: q.Text,
		AfterName: key, AfterID: after, Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	list := make([]named, len(rows))
	for i, r := range rows {
		list[i].sortName = r.SortName
		if list[i].Draft, err = toDraft(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func purge(ctx context.Context, tx *pg.Tx, before time.Time) error {
	if err := db.PurgeRevisions(ctx, tx, before); err != nil {
		return err
	}
	if err := db.PurgePresence(ctx, tx, before); err != nil {
		return err
	}
	_, err := db.PurgeDrafts(ctx, tx, before)
	return err
}

func insertRevision(ctx context.Context, tx *pg.Tx, draft uuid.UUID, r Revision, p *servicespec.Pack) error {
	body, err := encode(p)
	if err != nil {
		return err
	}
	args, err := json.Marshal(stepArgs{r.Step.Part, r.Step.Args})
	if err != nil {
		return err
	}
	return db.InsertRevision(ctx, tx, studiodb.InsertRevisionParams{
		DraftID: draft, No: int32(r.No), Parent: int32(r.Parent), Pack: body, Hash: r.Hash, Step: r.Step.Code, Args: args, At: r.At, ByID: r.By,
	})
}

// stepArgs is a step beside its code, as it is stored.
type stepArgs struct {
	Part []string          `json:"part,omitempty"`
	Args map[string]string `json:"args,omitempty"`
}

func toRevision(no, parent int32, hash, step string, args json.RawMessage, at time.Time, by uuid.UUID) (Revision, error) {
	var a stepArgs
	err := json.Unmarshal(args, &a)
	return Revision{No: int(no), Parent: int(parent), Hash: hash, Step: Step{Code: step, Part: a.Part, Args: a.Args}, At: at, By: by}, err
}

func revisionPack(ctx context.Context, tx *pg.Tx, draft uuid.UUID, no int) (*servicespec.Pack, error) {
	body, err := db.GetRevisionPack(ctx, tx, studiodb.GetRevisionPackParams{DraftID: draft, No: int32(no)})
	if err != nil {
		return nil, err
	}
	return decode(body)
}

func revisionRow(ctx context.Context, tx *pg.Tx, draft uuid.UUID, no int) (Revision, error) {
	r, err := db.GetRevision(ctx, tx, studiodb.GetRevisionParams{DraftID: draft, No: int32(no)})
	if err != nil {
		return Revision{}, err
	}
	return toRevision(r.No, r.Parent, r.Hash, r.Step, r.Args, r.At, r.ByID)
}

func nextRevision(ctx context.Context, tx *pg.Tx, draft uuid.UUID, parent int) (Revision, bool, error) {
	r, err := db.GetNextRevision(ctx, tx, studiodb.GetNextRevisionParams{DraftID: draft, Parent: int32(parent)})
	if pg.NotFound(err) {
		return Revision{}, false, nil
	}
	if err != nil {
		return Revision{}, false, err
	}
	rev, err := toRevision(r.No, r.Parent, r.Hash, r.Step, r.Args, r.At, r.ByID)
	return rev, err == nil, err
}

func listRevisions(ctx context.Context, tx *pg.Tx, draft uuid.UUID, before, limit int) ([]Revision, error) {
	rows, err := db.ListRevisions(ctx, tx, studiodb.ListRevisionsParams{DraftID: draft, Before: int32(before), Lim: int32(limit)})
	if err != nil {
		return nil, err
	}
	list := make([]Revision, len(rows))
	for i, r := range rows {
		if list[i], err = toRevision(r.No, r.Parent, r.Hash, r.Step, r.Args, r.At, r.ByID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// authors are who made the revisions after since, up to until.
func authors(ctx context.Context, tx *pg.Tx, draft uuid.UUID, since, until int) ([]uuid.UUID, error) {
	return db.ListAuthors(ctx, tx, studiodb.ListAuthorsParams{DraftID: draft, Since: int32(since), Until: int32(until)})
}

func lastPublished(ctx context.Context, tx *pg.Tx, draft uuid.UUID) (int, error) {
	no, err := db.LastPublished(ctx, tx, &draft)
	if pg.NotFound(err) {
		return 0, nil
	}
	return int(no), err
}

func putPresence(ctx context.Context, tx *pg.Tx, draft uuid.UUID, p Presence) error {
	return db.PutPresence(ctx, tx, studiodb.PutPresenceParams{DraftID: draft, Account: p.Account, Part: p.Part, Spot: p.Spot, At: p.At})
}

func listPresence(ctx context.Context, tx *pg.Tx, draft uuid.UUID, since time.Time) ([]Presence, error) {
	rows, err := db.ListPresence(ctx, tx, studiodb.ListPresenceParams{DraftID: draft, Since: since})
	if err != nil {
		return nil, err
	}
	list := make([]Presence, len(rows))
	for i, r := range rows {
		list[i] = Presence(r)
	}
	return list, nil
}

func insertProposal(ctx context.Context, tx *pg.Tx, p Proposal, pack *servicespec.Pack) error {
	body, err := encode(pack)
	if err != nil {
		return err
	}
	in := studiodb.InsertProposalParams{
		ID: p.ID, Revision: int32(p.Revision), Way: p.Way, Code: p.Code, Agency: p.Agency, Name: fromText(p.Name), Pack: body, Hash: p.Hash,
		Base: int32(p.Base), Authors: p.Authors, State: p.State, Comment: p.Comment, At: p.At, ByID: p.By, Version: int32(p.Version),
		PublishOn: pgtype.Date{Time: p.On.In(time.UTC), Valid: !p.On.IsZero()},
	}
	if p.Draft != uuid.Nil {
		in.DraftID = &p.Draft
	}
	err = db.InsertProposal(ctx, tx, in)
	if pg.Constraint(err) == "proposal_open_key" {
		return ErrWaiting.Because(err)
	}
	return err
}

func setProposal(ctx context.Context, tx *pg.Tx, p Proposal) error {
	in := studiodb.SetProposalStateParams{ID: p.ID, State: p.State, DecidedAt: p.DecidedAt, Answer: p.Answer, Version: int32(p.Version)}
	if p.DecidedBy != uuid.Nil {
		in.DecidedBy = &p.DecidedBy
	}
	return db.SetProposalState(ctx, tx, in)
}

func toProposal(r studiodb.ListProposalsRow) (p Proposal, err error) {
	p = Proposal{
		ID: r.ID, Revision: int(r.Revision), Way: r.Way, Code: r.Code, Agency: r.Agency, Hash: r.Hash, Base: int(r.Base), Authors: r.Authors, State: r.State,
		Comment: r.Comment, At: r.At, By: r.ByID, DecidedAt: r.DecidedAt, Answer: r.Answer, Version: int(r.Version),
	}
	if r.DraftID != nil {
		p.Draft = *r.DraftID
	}
	if r.DecidedBy != nil {
		p.DecidedBy = *r.DecidedBy
	}
	if r.PublishOn.Valid {
		p.On = civil.Of(r.PublishOn.Time)
	}
	return p, json.Unmarshal(r.Name, &p.Name)
}

func whole(r studiodb.StudioProposal) (Proposal, *servicespec.Pack, error) {
	p, err := toProposal(studiodb.ListProposalsRow{
		ID: r.ID, DraftID: r.DraftID, Revision: r.Revision, Way: r.Way, Code: r.Code, Agency: r.Agency, Name: r.Name, Hash: r.Hash, Base: r.Base,
		Authors: r.Authors, State: r.State, Comment: r.Comment, At: r.At, ByID: r.ByID, DecidedAt: r.DecidedAt, DecidedBy: r.DecidedBy,
		Answer: r.Answer, PublishOn: r.PublishOn, Version: r.Version,
	})
	if err != nil {
		return p, nil, err
	}
	pack, err := decode(r.Pack)
	return p, pack, err
}

func orNoProposal(r studiodb.StudioProposal, proposal uuid.UUID, err error) (Proposal, *servicespec.Pack, error) {
	if pg.NotFound(err) {
		return Proposal{}, nil, ErrNoProposal.With("proposal", proposal.String())
	}
	if err != nil {
		return Proposal{}, nil, err
	}
	return whole(r)
}

func proposalRow(ctx context.Context, tx *pg.Tx, proposal uuid.UUID) (Proposal, *servicespec.Pack, error) {
	r, err := db.GetProposal(ctx, tx, proposal)
	return orNoProposal(r, proposal, err)
}

func lockProposal(ctx context.Context, tx *pg.Tx, proposal uuid.UUID) (Proposal, *servicespec.Pack, error) {
	r, err := db.LockProposal(ctx, tx, proposal)
	return orNoProposal(r, proposal, err)
}

func proposalOpen(ctx context.Context, tx *pg.Tx, code string) (Proposal, bool, error) {
	r, err := db.GetProposalOpen(ctx, tx, code)
	if pg.NotFound(err) {
		return Proposal{}, false, nil
	}
	if err != nil {
		return Proposal{}, false, err
	}
	p, _, err := whole(r)
	return p, err == nil, err
}

func listProposals(ctx context.Context, tx *pg.Tx, in reach, q ProposalQuery, before time.Time, after uuid.UUID, limit int) ([]Proposal, error) {
	rows, err := db.ListProposals(ctx, tx, studiodb.ListProposalsParams{
		Everywhere: in.everywhere, Agencies: in.agencies, State: q.State, Code: q.Code, Paging: !before.IsZero(), Before: before, BeforeID: after,
		Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	list := make([]Proposal, len(rows))
	for i, r := range rows {
		if list[i], err = toProposal(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// momentKey is the key of a list that is sorted by a time, newest first; momentOf reads it back.
func momentKey(at time.Time, id uuid.UUID) []string {
	return []string{at.Format(time.RFC3339Nano), id.String()}
}

func momentOf(req page.Request) (at time.Time, id uuid.UUID, err error) {
	if req.After == "" {
		return at, id, nil
	}
	parts, err := page.Decode(req.After, 2)
	if err != nil {
		return at, id, err
	}
	if at, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil {
		return at, id, page.ErrCursor.Because(err)
	}
	if id, err = uuid.Parse(parts[1]); err != nil {
		return at, id, page.ErrCursor.Because(err)
	}
	return at, id, nil
}

func fromText(t i18n.Text) json.RawMessage {
	if t == nil {
		t = i18n.Text{}
	}
	b, _ := json.Marshal(t) // a map of strings always marshals
	return b
}
