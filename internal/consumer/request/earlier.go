package request

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request/internal/requestdb"
	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// mostSearched is in how many of a person's requests, the newest, earlier uploads are looked for.
const mostSearched = 200

// mostOffered is how many earlier uploads one question offers.
const mostOffered = 12

// Upload is a document that a person handed in; the same content handed in more than once is one.
type Upload struct {
	document.File       // as it was handed in last
	Uses          []Use // where it is, newest first; never empty
}

// Use is where a file stands among the answers of a request.
type Use struct {
	Request   uuid.UUID
	Service   string
	Version   int
	Status    Status
	Reference string // "" of a draft
	At        string // as Attach takes it
	File      uuid.UUID
	Since     time.Time
}

// Origin says out of which earlier upload a file was taken: when that was handed in, and for which service.
type Origin struct {
	Service string
	At      time.Time
}

// eachUpload calls see with every file that was handed in, and its place. Drawn signatures are not: each is given for what it signs.
func eachUpload(code string, v any, see func(at string, f servicespec.File)) {
	switch x := v.(type) {
	case servicespec.Signature:
	case servicespec.Rows:
		for i, row := range x {
			for _, field := range slices.Sorted(maps.Keys(row)) {
				eachUpload(servicespec.RowPath(code, i, field), row[field], see)
			}
		}
	case servicespec.Evidence:
		for _, f := range x.Files {
			see(code+"."+x.Proof, f)
		}
	default:
		for _, f := range servicespec.FilesIn(v) {
			see(code, f)
		}
	}
}

// uploads returns what the person handed in and did not remove, newest first: what stands in their drafts and in what they sent. Who
// acts for a person finds what belongs to the services agreed on.
func (s *Service) uploads(ctx context.Context, tx *pg.Tx, person uuid.UUID) ([]Upload, error) {
	var uses []Use
	for p, seen := (page.Request{Size: 100}), 0; seen < mostSearched; {
		list, err := s.list(ctx, tx, person, Filter{}, p)
		if err != nil {
			return nil, err
		}
		for _, r := range list.Rows {
			for _, code := range slices.Sorted(maps.Keys(r.Answers)) {
				eachUpload(code, r.Answers[code], func(at string, f servicespec.File) {
					uses = append(uses, Use{
						Request: r.ID, Service: r.Service, Version: r.Version, Status: r.Status, Reference: r.Reference, At: at, File: f.ID,
					})
				})
			}
		}
		if seen += len(list.Rows); list.Next == "" {
			break
		}
		p.After = list.Next
	}
	return s.gather(ctx, tx, uses)
}

// gather makes one upload of all uses of the same content, and leaves out what was removed.
func (s *Service) gather(ctx context.Context, tx *pg.Tx, uses []Use) (list []Upload, err error) {
	ids := make([]uuid.UUID, 0, len(uses))
	for _, u := range uses {
		ids = append(ids, u.File)
	}
	files, err := s.deps.Documents.Files(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	rows, err := db.ListUploads(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.PutAwayAt != nil {
			delete(files, row.ID)
		}
	}
	for _, u := range uses {
		f, ok := files[u.File]
		if !ok {
			continue
		}
		u.Since = f.CreatedAt
		i := slices.IndexFunc(list, func(have Upload) bool { return bytes.Equal(have.SHA256, f.SHA256) })
		if i < 0 {
			list = append(list, Upload{File: f, Uses: []Use{u}})
			continue
		}
		if list[i].Uses = append(list[i].Uses, u); f.CreatedAt.After(list[i].CreatedAt) {
			list[i].File = f
		}
	}
	for _, u := range list {
		slices.SortStableFunc(u.Uses, func(a, b Use) int { return b.Since.Compare(a.Since) })
	}
	slices.SortStableFunc(list, newest)
	return list, nil
}

func newest(a, b Upload) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), bytes.Compare(b.ID[:], a.ID[:]))
}

// Earlier returns what the person handed in before and could give again at each of some places of a request, newest first, and out of
// which earlier upload the files that are there were taken, by file. Errors: ErrNotFound.
func (s *Service) Earlier(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, places ...string) (offers map[string][]Upload, from map[uuid.UUID]Origin, err error) {
	defer fault.Wrap(&err, "request.Earlier(%s)", request)
	r, err := s.load(ctx, tx, person, request, false)
	if err != nil {
		return nil, nil, err
	}
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.uploads(ctx, tx, person)
	if err != nil {
		return nil, nil, err
	}
	offers = map[string][]Upload{}
	var there []uuid.UUID
	for _, at := range places {
		place, ok := spec.FilePlace(at)
		if !ok || !place.Fits(r.Answers) {
			continue
		}
		for _, f := range place.Files(r.Answers) {
			there = append(there, f.ID)
		}
		for _, u := range all {
			if len(offers[at]) < mostOffered && u.Fits(document.Store{Accept: place.Accept, MaxSize: place.MaxSize}) && !u.at(r.ID, at) {
				offers[at] = append(offers[at], u)
			}
		}
	}
	from, err = origins(ctx, tx, there)
	return offers, from, err
}

// at reports whether the upload stands at a place already.
func (u Upload) at(request uuid.UUID, at string) bool {
	return slices.ContainsFunc(u.Uses, func(use Use) bool { return use.Request == request && use.At == at })
}

func origins(ctx context.Context, tx *pg.Tx, files []uuid.UUID) (map[uuid.UUID]Origin, error) {
	rows, err := db.ListUploads(ctx, tx, files)
	from := map[uuid.UUID]Origin{}
	for _, row := range rows {
		if row.SourceAt != nil {
			from[row.ID] = Origin{Service: row.SourceService, At: *row.SourceAt}
		}
	}
	return from, err
}

// Reuse gives a file that was handed in before once more, at a place as Attach takes it: as a copy, which is a file of its own. What is
// there already stays as it is. Errors: ErrNotFound, ErrNotEditable, ErrLocked, ErrUnknownQuestion, ErrTooManyFiles; document.ErrNotFound,
// ErrType, ErrTooLarge.
func (s *Service) Reuse(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, at string, file uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Reuse(%s, %s)", request, at)
	r, place, err := s.filePlace(ctx, tx, person, request, at)
	if err != nil {
		return err
	}
	all, err := s.uploads(ctx, tx, person)
	if err != nil {
		return err
	}
	u, use, ok := find(all, file)
	if !ok {
		return document.ErrNotFound
	}
	if u.at(r.ID, at) { // pressed twice
		return nil
	}
	copied, err := s.deps.Documents.Copy(ctx, tx, file, document.Store{
		Person: r.Person, Purpose: "request.answer", Accept: place.Accept, MaxSize: place.MaxSize,
	})
	if err != nil {
		return err
	}
	if _, err := s.put(ctx, tx, r, place, place.Files(r.Answers), copied); err != nil {
		return err
	}
	return db.InsertUpload(ctx, tx, requestdb.InsertUploadParams{ID: copied.ID, SourceID: &file, SourceService: use.Service, SourceAt: &use.Since})
}

// find returns the upload that a file is of, and where that file is.
func find(all []Upload, file uuid.UUID) (Upload, Use, bool) {
	for _, u := range all {
		for _, use := range u.Uses {
			if use.File == file {
				return u, use, true
			}
		}
	}
	return Upload{}, Use{}, false
}

// The orders of uploads.
const (
	ByDate = "" // newest first
	ByName = "name"
	BySize = "size" // largest first
)

// UploadFilter narrows and sorts the list of a person's uploads. Words are looked for in the names.
type UploadFilter struct {
	Words, Sort string
}

// Uploads lists what the person handed in with requests, each content once. A cursor names a file alone. Errors: page.ErrCursor.
func (s *Service) Uploads(ctx context.Context, tx *pg.Tx, person uuid.UUID, f UploadFilter, p page.Request) (out page.Page[Upload], err error) {
	defer fault.Wrap(&err, "request.Uploads(%s)", person)
	after, err := p.AfterID()
	if err != nil {
		return out, err
	}
	all, err := s.uploads(ctx, tx, person)
	if err != nil {
		return out, err
	}
	for word := range strings.FieldsSeq(strings.ToLower(f.Words)) {
		all = slices.DeleteFunc(all, func(u Upload) bool { return !strings.Contains(strings.ToLower(u.Name), word) })
	}
	switch f.Sort {
	case ByName:
		slices.SortStableFunc(all, func(a, b Upload) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	case BySize:
		slices.SortStableFunc(all, func(a, b Upload) int { return int(b.Size - a.Size) })
	}
	all = all[1+slices.IndexFunc(all, func(u Upload) bool { return u.ID == after }):]
	return page.Of(p, all[:min(len(all), p.Limit()+1)], func(u Upload) []string { return []string{u.ID.String()} }), nil
}

// Upload returns one of the person's uploads by one of its files. Errors: document.ErrNotFound.
func (s *Service) Upload(ctx context.Context, tx *pg.Tx, person, file uuid.UUID) (u Upload, err error) {
	defer fault.Wrap(&err, "request.Upload(%s)", file)
	all, err := s.uploads(ctx, tx, person)
	if err != nil {
		return u, err
	}
	u, _, ok := find(all, file)
	if !ok {
		return u, document.ErrNotFound
	}
	return u, nil
}

// Remove takes an upload out of the person's drafts and offers it no more. What was sent holds it on: the office has been told of it.
// Errors: document.ErrNotFound.
func (s *Service) Remove(ctx context.Context, tx *pg.Tx, person, file uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.Remove(%s)", file)
	u, err := s.Upload(ctx, tx, person, file)
	if err != nil {
		return err
	}
	for _, use := range u.Uses {
		if use.Status == Draft {
			err = s.Detach(ctx, tx, person, use.Request, use.At, use.File)
		} else {
			err = db.PutUploadAway(ctx, tx, requestdb.PutUploadAwayParams{ID: use.File, Now: &tx.Now})
		}
		if err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "request.remove_upload", Object: "document.file", ObjectID: file, Person: u.Person, Detail: map[string]any{"uses": len(u.Uses)},
	})
}
