package studio

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/catalog"
)

// BeginBlank begins a service with a name: a small definition that passes the check, with the texts of the product in its languages.
// Permission: studio:design in its agency. Errors: ErrForbidden, ErrBegin with fields, ErrTaken where there is a
// draft of the code that was asked for.
func (s *Service) BeginBlank(ctx context.Context, tx *pg.Tx, by identity.Principal, b Blank) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.BeginBlank(%s)", b.Kind)
	if fields := b.check(); len(fields) > 0 {
		return d, ErrBegin.WithFields(fields...)
	}
	if err := authorise(tx, by, Design, b.Agency); err != nil {
		return d, err
	}
	if b.Code, err = s.free(ctx, tx, b.Code, CodeOf(b.Name)); err != nil {
		return d, err
	}
	return s.begin(ctx, tx, by, starter{b, s.deps.Texts}.pack(), 0, Step{Code: "begin.blank"})
}

// BeginLibrary begins with a service of the library, for an agency of the state. Permission: studio:design in the agency.
// Errors: ErrForbidden, ErrUnknown, ErrBegin.
func (s *Service) BeginLibrary(ctx context.Context, tx *pg.Tx, by identity.Principal, code, agency string) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.BeginLibrary(%s)", code)
	if agency == "" {
		return d, ErrBegin.WithFields(fault.Field{Path: "agency", Code: "studio.field.agency"})
	}
	if err := authorise(tx, by, Design, agency); err != nil {
		return d, err
	}
	source, err := library.Source(code)
	if errors.Is(err, fs.ErrNotExist) {
		return d, ErrUnknown.With("service", code)
	}
	if err != nil {
		return d, err
	}
	p, _ := servicespec.Parse(source)
	if p.Code, err = s.free(ctx, tx, "", code); err != nil {
		return d, err
	}
	p.Agency = agency
	return s.begin(ctx, tx, by, p, 0, Step{Code: "begin.library", Args: map[string]string{"service": code}})
}

// BeginVersion begins with a published version of a service; 0 is the newest. Permission: studio:design in its agency.
// Errors: ErrForbidden, catalog.ErrUnknown, ErrTaken where somebody works on it already.
func (s *Service) BeginVersion(ctx context.Context, tx *pg.Tx, by identity.Principal, code string, version int) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.BeginVersion(%s, %d)", code, version)
	live, err := s.deps.Catalog.Entry(ctx, tx, code)
	if err != nil {
		return d, err
	}
	if err := authorise(tx, by, Design, live.Agency); err != nil {
		return d, err
	}
	if version == 0 {
		version = live.Version
	}
	p, err := s.published(ctx, tx, code, version)
	if err != nil {
		return d, err
	}
	return s.begin(ctx, tx, by, p, live.Version, Step{Code: "begin.version", Args: map[string]string{"version": strconv.Itoa(version)}})
}

// BeginFile begins with a file in the service language, as it is: exported again it is the same. What the file says wrongly can be
// mended in the draft, but not what cannot be read. Permission: studio:design in its agency.
// Errors: ErrForbidden, ErrFile with fields, ErrTaken, catalog.ErrOtherAgency.
func (s *Service) BeginFile(ctx context.Context, tx *pg.Tx, by identity.Principal, source []byte) (d Draft, err error) {
	defer fault.Wrap(&err, "studio.BeginFile")
	p, problems := servicespec.Parse(source)
	if err := unreadable(p, problems); err != nil {
		return d, err
	}
	if err := authorise(tx, by, Design, p.Agency); err != nil {
		return d, err
	}
	base, err := s.liveVersion(ctx, tx, p)
	if err != nil {
		return d, err
	}
	return s.begin(ctx, tx, by, p, base, Step{Code: "begin.file"})
}

// unreadable refuses what is no service: words the language does not know would be lost without a word.
func unreadable(p *servicespec.Pack, problems []servicespec.Problem) error {
	var fields []fault.Field
	for _, pr := range problems {
		fields = append(fields, fault.Field{Path: "file", Code: "studio.file_problem", Args: map[string]any{"line": pr.Line, "sentence": pr.Sentence, "problem": pr}})
	}
	if p != nil && len(fields) == 0 && (!codeShape.MatchString(p.Code) || p.Agency == "" || len(p.Languages) == 0) {
		fields = append(fields, fault.Field{Path: "file", Code: "studio.file_nameless"})
	}
	if p == nil || len(fields) > 0 {
		return ErrFile.WithFields(fields...)
	}
	return nil
}

// liveVersion is the published version of a pack's service, 0 for none. Errors: catalog.ErrOtherAgency.
func (s *Service) liveVersion(ctx context.Context, tx *pg.Tx, p *servicespec.Pack) (int, error) {
	live, err := s.deps.Catalog.Entry(ctx, tx, p.Code)
	if errors.Is(err, catalog.ErrUnknown) {
		return 0, nil
	}
	if err == nil && live.Agency != p.Agency {
		return 0, catalog.ErrOtherAgency.With("agency", live.Agency)
	}
	return live.Version, err
}

// published returns a published version as it was written; it is the caller's own.
func (s *Service) published(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Pack, error) {
	p, err := s.deps.Catalog.Pack(ctx, tx, code, version)
	return &p, err
}

// free returns the code that was asked for, or one made of another that no service and no draft has.
func (s *Service) free(ctx context.Context, tx *pg.Tx, asked, otherwise string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	for n := 1; ; n++ {
		code := otherwise
		if n > 1 {
			code = fmt.Sprintf("%s-%d", strings.TrimRight(otherwise, "-"), n)
		}
		_, drafted, err := draftOf(ctx, tx, code)
		if err != nil {
			return "", err
		}
		_, err = s.deps.Catalog.Entry(ctx, tx, code)
		if errors.Is(err, catalog.ErrUnknown) && !drafted {
			return code, nil
		}
		if err != nil && !errors.Is(err, catalog.ErrUnknown) {
			return "", err
		}
	}
}

func (s *Service) begin(ctx context.Context, tx *pg.Tx, by identity.Principal, p *servicespec.Pack, base int, what Step) (Draft, error) {
	if err := refuseTaken(ctx, tx, p.Code); err != nil {
		return Draft{}, err
	}
	d := Draft{
		ID: id.New(), Code: p.Code, Agency: p.Agency, Name: p.Name, Base: base, Head: 1, Last: 1, CreatedAt: tx.Now, CreatedBy: by.Account,
		ChangedAt: tx.Now, ChangedBy: by.Account,
	}
	if err := insertDraft(ctx, tx, d, p.Languages); err != nil {
		return d, err
	}
	if err := insertRevision(ctx, tx, d.ID, Revision{No: 1, Hash: servicespec.Hash(p), Step: what, At: tx.Now, By: by.Account}, p); err != nil {
		return d, err
	}
	return d, record(ctx, tx, "studio.draft.begin", d, map[string]any{"step": what.Code})
}

// amountOf writes an amount as a rule.
func amountOf(minor int64) string { return strconv.FormatInt(minor, 10) }
