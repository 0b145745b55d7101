package identity

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// StartSync has the accounts compared with a directory; a dry run only shows what would be done. One that was not finished
// is dropped. Permission: identity:manage in the whole tenant. Errors: ErrForbidden, ErrNoDirectory.
func (s *Service) StartSync(ctx context.Context, tx *pg.Tx, directory string, dryRun bool) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.StartSync(%s)", directory)
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return uuid.Nil, err
	}
	if _, err := s.Directory(ctx, tx, directory); err != nil {
		return uuid.Nil, err
	}
	args := SyncArgs{Directory: directory, Sync: id.New()}
	if !dryRun {
		last, err := queries.LatestSync(ctx, tx, directory)
		if err != nil && !pg.NotFound(err) {
			return uuid.Nil, err
		}
		args.Told = last.State == SyncHeld
		err = queries.DropUnfinishedSyncs(ctx, tx, identitydb.DropUnfinishedSyncsParams{Directory: directory, Besides: args.Sync, Now: tx.Wall})
		if err != nil {
			return uuid.Nil, err
		}
	}
	err = queries.InsertSync(ctx, tx, identitydb.InsertSyncParams{
		ID: args.Sync, Directory: directory, DryRun: dryRun, AskedBy: optional(tx.Actor.ID), StartedAt: tx.Wall,
	})
	if err != nil {
		return uuid.Nil, err
	}
	if err := tx.Enqueue(ctx, args); err != nil {
		return uuid.Nil, err
	}
	return args.Sync, recordSync(ctx, tx, "identity.directory.sync", args.Sync, map[string]any{"directory": directory, "dry_run": dryRun})
}

// ApproveSync lets a comparison go on that was held because it would shut out many. Permission: identity:manage in the whole
// tenant. Errors: ErrForbidden, ErrNotFound, ErrSyncState.
func (s *Service) ApproveSync(ctx context.Context, tx *pg.Tx, sync uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.ApproveSync(%s)", sync)
	row, err := lockHeld(ctx, tx, sync)
	if err != nil {
		return err
	}
	if err := queries.ApproveSync(ctx, tx, identitydb.ApproveSyncParams{ID: sync, AskedBy: optional(tx.Actor.ID)}); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, SyncArgs{Directory: row.Directory, Sync: sync}); err != nil {
		return err
	}
	return recordSync(ctx, tx, "identity.directory.sync_approve", sync, map[string]any{"directory": row.Directory})
}

// DropSync turns down a comparison that was held. The next one finds the same, unless the directory is mended. Permission:
// identity:manage in the whole tenant. Errors: ErrForbidden, ErrNotFound, ErrSyncState.
func (s *Service) DropSync(ctx context.Context, tx *pg.Tx, sync uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.DropSync(%s)", sync)
	row, err := lockHeld(ctx, tx, sync)
	if err != nil {
		return err
	}
	if err := queries.SetSyncState(ctx, tx, identitydb.SetSyncStateParams{ID: sync, State: SyncDropped, FinishedAt: &tx.Wall}); err != nil {
		return err
	}
	return recordSync(ctx, tx, "identity.directory.sync_drop", sync, map[string]any{"directory": row.Directory})
}

func lockHeld(ctx context.Context, tx *pg.Tx, sync uuid.UUID) (identitydb.LockSyncRow, error) {
	if _, err := requireEverywhere(ctx, tx, permissionManage); err != nil {
		return identitydb.LockSyncRow{}, err
	}
	row, err := queries.LockSync(ctx, tx, sync)
	if pg.NotFound(err) {
		return row, ErrNotFound
	}
	if err == nil && row.State != SyncHeld {
		err = ErrSyncState
	}
	return row, err
}

func recordSync(ctx context.Context, tx *pg.Tx, action string, sync uuid.UUID, detail map[string]any) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "identity.directory_sync", ObjectID: sync, Detail: detail})
}

// Sync returns one comparison. Permission: identity:read in the whole tenant. Errors: ErrForbidden, ErrNotFound.
func (s *Service) Sync(ctx context.Context, tx *pg.Tx, sync uuid.UUID) (_ Sync, err error) {
	defer fault.Wrap(&err, "identity.Sync(%s)", sync)
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return Sync{}, err
	}
	row, err := queries.GetSync(ctx, tx, sync)
	if pg.NotFound(err) {
		return Sync{}, ErrNotFound
	}
	if err != nil {
		return Sync{}, err
	}
	n, err := queries.CountChanges(ctx, tx, sync)
	out := syncOf(identitydb.LockSyncRow(row))
	out.Suspended, out.Restored, out.Changed, out.Applied = int(n.Suspended), int(n.Restored), int(n.Changed), int(n.Applied)
	return out, err
}

// Syncs lists a directory's comparisons, the latest first. Permission: identity:read in the whole tenant.
// Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Syncs(ctx context.Context, tx *pg.Tx, directory string, r page.Request) (_ page.Page[Sync], err error) {
	defer fault.Wrap(&err, "identity.Syncs(%s)", directory)
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return page.Page[Sync]{}, err
	}
	after, err := idAfter(r)
	if err != nil {
		return page.Page[Sync]{}, err
	}
	rows, err := queries.ListSyncs(ctx, tx, identitydb.ListSyncsParams{Directory: directory, After: optional(after), Size: int32(r.Limit() + 1)})
	if err != nil {
		return page.Page[Sync]{}, err
	}
	list := make([]Sync, 0, len(rows))
	for _, row := range rows {
		sync := syncOf(identitydb.LockSyncRow{
			ID: row.ID, Directory: row.Directory, State: row.State, DryRun: row.DryRun, AskedBy: row.AskedBy, StartedAt: row.StartedAt,
			FinishedAt: row.FinishedAt, Entries: row.Entries, Linked: row.Linked, Problem: row.Problem,
		})
		sync.Suspended, sync.Restored, sync.Changed = int(row.Suspended), int(row.Restored), int(row.Changed)
		list = append(list, sync)
	}
	return page.Of(r, list, func(s Sync) []string { return []string{s.ID.String()} }), nil
}

// SyncChanges lists what a comparison found to do; act narrows it, "" does not. Permission: identity:read in the whole
// tenant; who looks is on record, which needs a transaction that writes. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) SyncChanges(ctx context.Context, tx *pg.Tx, sync uuid.UUID, act string, r page.Request) (_ page.Page[SyncChange], err error) {
	defer fault.Wrap(&err, "identity.SyncChanges(%s)", sync)
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return page.Page[SyncChange]{}, err
	}
	after, err := idAfter(r)
	if err != nil {
		return page.Page[SyncChange]{}, err
	}
	rows, err := queries.ListChanges(ctx, tx, identitydb.ListChangesParams{SyncID: sync, Act: optional(act), After: optional(after), Size: int32(r.Limit() + 1)})
	if err != nil {
		return page.Page[SyncChange]{}, err
	}
	accounts := make([]uuid.UUID, 0, len(rows))
	for _, row := range rows {
		accounts = append(accounts, row.AccountID)
	}
	if err := s.encryption.Warm(ctx, tx, accounts...); err != nil {
		return page.Page[SyncChange]{}, err
	}
	list := make([]SyncChange, 0, len(rows))
	for _, row := range rows {
		change := SyncChange{Account: row.AccountID, Act: row.Act, Why: row.Why, Done: row.AppliedAt != nil}
		if change.Name, err = s.openName(ctx, tx, row.AccountID, row.Name); err != nil {
			return page.Page[SyncChange]{}, err
		}
		if change.Grants, err = grantsOf(row.Grants); err != nil {
			return page.Page[SyncChange]{}, err
		}
		list = append(list, change)
	}
	p := page.Of(r, list, func(c SyncChange) []string { return []string{c.Account.String()} })
	audit.ReadList(ctx, tx, audit.Entry{Action: "identity.account.list", Object: "identity.account"}, accounts[:len(p.Rows)]...)
	return p, nil
}

func idAfter(r page.Request) (uuid.UUID, error) {
	if r.After == "" {
		return uuid.Nil, nil
	}
	parts, err := page.Decode(r.After, 1)
	if err != nil {
		return uuid.Nil, err
	}
	after, err := uuid.Parse(parts[0])
	if err != nil {
		return uuid.Nil, page.ErrCursor.Because(err)
	}
	return after, nil
}

func syncOf(row identitydb.LockSyncRow) Sync {
	out := Sync{
		ID: row.ID, Directory: row.Directory, State: row.State, DryRun: row.DryRun, Started: row.StartedAt, Entries: int(row.Entries),
		Linked: int(row.Linked), Problem: row.Problem,
	}
	if row.AskedBy != nil {
		out.AskedBy = *row.AskedBy
	}
	if row.FinishedAt != nil {
		out.Finished = *row.FinishedAt
	}
	return out
}

// savedGrant is a grant as a plan keeps it.
type savedGrant struct {
	Role     string `json:"role"`
	Agency   string `json:"agency,omitempty"`
	Boundary string `json:"boundary,omitempty"`
}

func grantsJSON(grants []NewGrant) (json.RawMessage, error) {
	list := make([]savedGrant, 0, len(grants))
	for _, g := range grants {
		list = append(list, savedGrant{g.Role, g.Agency, g.Boundary})
	}
	return json.Marshal(list)
}

func grantsOf(text json.RawMessage) ([]NewGrant, error) {
	var list []savedGrant
	err := json.Unmarshal(text, &list)
	grants := make([]NewGrant, 0, len(list))
	for _, g := range list {
		grants = append(grants, NewGrant{Role: g.Role, Agency: g.Agency, Boundary: g.Boundary})
	}
	return grants, err
}
