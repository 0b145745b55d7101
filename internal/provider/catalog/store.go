package catalog

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog/internal/catalogdb"
)

var db = catalogdb.New()

// lockEntry returns code, agency, version and status of a service, locked; the zero Entry where there is none.
func lockEntry(ctx context.Context, tx *pg.Tx, code string) (Entry, error) {
	if err := db.LockCode(ctx, tx, code); err != nil {
		return Entry{}, err
	}
	r, err := db.LockService(ctx, tx, code)
	if pg.NotFound(err) {
		return Entry{}, nil
	}
	return Entry{Code: r.Code, Agency: r.Agency, Version: int(r.Current), Status: r.Status}, err
}

func putPack(ctx context.Context, tx *pg.Tx, p *servicespec.Pack, hash string, by uuid.UUID) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	err = db.PutService(ctx, tx, catalogdb.PutServiceParams{
		Code: p.Code, Agency: p.Agency, Current: int32(p.Version), Name: fromText(p.Name), Summary: fromText(p.Summary),
		Fee: fromText(feeText(p)), Days: int32(p.Target.WorkingDays), Audiences: list(p.Audience), LifeEvents: list(p.LifeEvents),
		PublishedAt: tx.Now,
	})
	if err != nil {
		return err
	}
	return db.InsertVersion(ctx, tx, catalogdb.InsertVersionParams{
		Service: p.Code, Version: int32(p.Version), Pack: body, Hash: hash, PublishedAt: tx.Now, PublishedBy: by,
	})
}

func setStatus(ctx context.Context, tx *pg.Tx, code, status, reason string) (changed bool, err error) {
	n, err := db.SetServiceStatus(ctx, tx, catalogdb.SetServiceStatusParams{Code: code, Status: status, Reason: reason, ChangedAt: tx.Now})
	if err != nil || n == 0 {
		return false, err
	}
	withdrawn := status == StatusWithdrawn
	if err := db.SetWithdrawn(ctx, tx, catalogdb.SetWithdrawnParams{Service: code, Withdrawn: withdrawn}); err != nil {
		return false, err
	}
	if withdrawn {
		return true, db.HideTokens(ctx, tx, code)
	}
	return true, db.ShowTokens(ctx, tx, code)
}

func versionHash(ctx context.Context, tx *pg.Tx, code string, version int) (int, string, error) {
	r, err := db.GetVersionHash(ctx, tx, catalogdb.GetVersionHashParams{Service: code, Version: int32(version)})
	if pg.NotFound(err) {
		return 0, "", ErrUnknown.With("service", code, "version", version)
	}
	return int(r.Version), r.Hash, err
}

func packRow(ctx context.Context, tx *pg.Tx, code string, version int) (p servicespec.Pack, err error) {
	body, err := db.GetVersionPack(ctx, tx, catalogdb.GetVersionPackParams{Service: code, Version: int32(version)})
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(body, &p)
}

func versionRows(ctx context.Context, tx *pg.Tx, code string) ([]Version, error) {
	rows, err := db.ListVersions(ctx, tx, code)
	if err != nil {
		return nil, err
	}
	versions := make([]Version, 0, len(rows))
	for _, r := range rows {
		versions = append(versions, Version{Service: r.Service, Version: int(r.Version), Hash: r.Hash, PublishedAt: r.PublishedAt, By: r.PublishedBy})
	}
	return versions, nil
}

func entryRow(ctx context.Context, tx *pg.Tx, code string) (Entry, error) {
	r, err := db.GetService(ctx, tx, code)
	if pg.NotFound(err) {
		return Entry{}, ErrUnknown.With("service", code)
	}
	if err != nil {
		return Entry{}, err
	}
	return toEntry(r)
}

func toEntry(r catalogdb.GetServiceRow) (e Entry, err error) {
	e = Entry{
		Code: r.Code, Version: int(r.Current), Agency: r.Agency, Status: r.Status, Reason: r.Reason, Days: int(r.Days),
		Audiences: r.Audiences, LifeEvents: r.LifeEvents, PublishedAt: r.PublishedAt,
	}
	for text, body := range map[*i18n.Text]json.RawMessage{&e.Name: r.Name, &e.Summary: r.Summary, &e.Fee: r.Fee} {
		if err := json.Unmarshal(body, text); err != nil {
			return e, err
		}
	}
	return e, nil
}

// list returns a slice that is stored as an empty array rather than NULL.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func fromText(t i18n.Text) json.RawMessage {
	if t == nil {
		t = i18n.Text{}
	}
	b, _ := json.Marshal(t) // a map of strings always marshals
	return b
}

// hashed is a version of a service, found for what was asked for.
type hashed struct {
	servicespec.Ref
	version int
	hash    string
}

func versionHashes(ctx context.Context, tx *pg.Tx, refs []servicespec.Ref) (list []hashed, err error) {
	in := catalogdb.ListVersionHashesParams{}
	for _, r := range refs {
		in.Codes, in.Versions = append(in.Codes, r.Code), append(in.Versions, int32(r.Version))
	}
	rows, err := db.ListVersionHashes(ctx, tx, in)
	for _, r := range rows {
		list = append(list, hashed{servicespec.Ref{Code: r.Code, Version: int(r.Asked)}, int(r.Version), r.Hash})
	}
	return list, err
}
