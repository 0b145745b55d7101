package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/internal/provider/orchestration"
	"digit/web/frame"
)

// applicationView is an application as its agency's systems see it. Hidden are questions whose answers the caller may not read.
type applicationView struct {
	Reference   string              `json:"reference"`
	Service     string              `json:"service"`
	Version     int                 `json:"version"`
	Agency      string              `json:"agency"`
	Boundary    string              `json:"boundary,omitempty"`
	Applicant   string              `json:"applicant"`
	State       string              `json:"state"`
	StateName   i18n.Text           `json:"state_name,omitempty"`
	Outcome     string              `json:"outcome,omitempty"`
	SubmittedAt time.Time           `json:"submitted_at"`
	ReceivedAt  time.Time           `json:"received_at"`
	Promised    *time.Time          `json:"promised,omitempty"`
	DecidedAt   *time.Time          `json:"decided_at,omitempty"`
	Receipt     string              `json:"receipt,omitempty"`
	Certificate string              `json:"certificate,omitempty"`
	Answers     servicespec.Answers `json:"answers"`
	Hidden      []string            `json:"hidden,omitempty"`
}

// application is one application of an agency, by its reference. The reading is on record.
func (a *API) application(r *frame.Request) error {
	var app orchestration.Application
	var spec *servicespec.Service
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if app, err = a.deps.Applications.ByReference(ctx, tx, r.Param("reference"), *r.Principal); err != nil {
			return err
		}
		spec, _, err = a.deps.Applications.Spec(ctx, tx, app)
		return err
	})
	if err != nil {
		return err
	}
	v := applicationView{
		Reference: app.Reference, Service: app.Service, Version: app.Version, Agency: app.Agency, Boundary: app.Boundary, Applicant: app.Name,
		State: app.Case.State, Outcome: app.Outcome, SubmittedAt: app.SubmittedAt, ReceivedAt: app.ReceivedAt, Promised: app.PromisedAt,
		DecidedAt: app.DecidedAt, Receipt: app.Receipt, Certificate: app.Certificate, Answers: app.Answers, Hidden: app.Hidden,
	}
	if st := spec.StateOf(app.Case.State); st != nil {
		v.StateName = st.Name
	}
	return r.JSON(http.StatusOK, v)
}

// recordView is an entry of a register.
type recordView struct {
	Register  string         `json:"register"`
	Key       string         `json:"key"`
	Version   int            `json:"version"`
	Fields    map[string]any `json:"fields"`
	Hidden    []string       `json:"hidden,omitempty"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// record is one entry of a register, by its number there. A register belongs to the agency whose service writes it; one that the caller
// may not read is like none. What was drawn from answers of a special kind needs orchestration:read_special there. The reading is on record.
func (a *API) record(r *frame.Request) error {
	var e registry.Entry
	var hidden []string
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		spec, special, err := a.keeper(ctx, tx, r, r.Param("register"))
		if err != nil {
			return err
		}
		on := identity.Object{Kind: "register", Agency: spec.Pack().Agency, Service: spec.Code()}
		if !r.Principal.Decide("registry:read", on, tx.Now).Allowed {
			return registry.ErrNotFound
		}
		if e, err = a.deps.Registers.Find(ctx, tx, r.Param("register"), r.Param("key")); err != nil {
			return err
		}
		on.Sensitivity = "special"
		if !r.Principal.Decide(orchestration.ReadSpecial, on, tx.Now).Allowed {
			hidden = special
		}
		return nil
	})
	if err != nil {
		return err
	}
	v := recordView{Register: e.Register, Key: e.Key, Version: e.Version, Fields: e.Data, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}
	for _, name := range hidden {
		if _, has := v.Fields[name]; has {
			delete(v.Fields, name)
			v.Hidden = append(v.Hidden, name)
		}
	}
	return r.JSON(http.StatusOK, v)
}

// keeper returns the service that writes a register, the first of them where several do, and the fields that any of them draws from
// answers of a special kind. Errors: registry.ErrNotFound.
func (a *API) keeper(ctx context.Context, tx *pg.Tx, r *frame.Request, register string) (first *servicespec.Service, special []string, err error) {
	for next := (page.Request{Size: 100}); ; {
		found, err := a.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: r.Lang, Withdrawn: true}, next)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range found.Rows {
			spec, err := a.deps.Catalog.Service(ctx, tx, e.Code, 0)
			if err != nil {
				return nil, nil, err
			}
			if !slices.ContainsFunc(spec.Pack().Records, func(kept servicespec.Record) bool { return kept.Registry == register }) {
				continue
			}
			if first == nil {
				first = spec
			}
			special = append(special, spec.SpecialFields(register)...)
		}
		if next.After = found.Next; found.Next != "" {
			continue
		}
		if first == nil {
			return nil, nil, registry.ErrNotFound
		}
		return first, special, nil
	}
}
