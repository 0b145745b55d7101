package api

import (
	"context"
	"net/http"
	"time"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/web/frame"
)

// serviceEntry is a service in a list. Texts are by language.
type serviceEntry struct {
	Code        string    `json:"code"`
	Version     int       `json:"version"`
	Agency      string    `json:"agency"`
	Name        i18n.Text `json:"name"`
	Summary     i18n.Text `json:"summary"`
	Fee         i18n.Text `json:"fee,omitempty"`
	WorkingDays int       `json:"working_days,omitempty"`
	LifeEvents  []string  `json:"life_events,omitempty"`
	PublishedAt time.Time `json:"published_at"`
}

// listOf is one page of a list; Next is the value of "after" for the next, absent at the end.
type listOf[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

func entryOf(e catalog.Entry) serviceEntry {
	return serviceEntry{
		Code: e.Code, Version: e.Version, Agency: e.Agency, Name: e.Name, Summary: e.Summary, Fee: e.Fee, WorkingDays: e.Days,
		LifeEvents: e.LifeEvents, PublishedAt: e.PublishedAt,
	}
}

// services searches what is offered.
func (a *API) services(r *frame.Request) error {
	q := catalog.Query{Text: r.Query("q"), Lang: r.Lang, LifeEvent: r.Query("life_event"), Audience: r.Query("audience"), Cost: r.Query("cost")}
	if code := r.Query("agency"); code != "" {
		q.Agencies = []string{code}
	}
	if lang := r.Query("lang"); lang != "" {
		q.Lang = lang
	}
	var found catalog.Found
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = a.deps.Catalog.Search(ctx, tx, q, r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	out := listOf[serviceEntry]{Items: []serviceEntry{}, Next: found.Next}
	for _, e := range found.Rows {
		out.Items = append(out.Items, entryOf(e))
	}
	return r.JSON(http.StatusOK, out)
}

// service is one service with what it asks, as its agency wrote it.
func (a *API) service(r *frame.Request) error {
	var e catalog.Entry
	var spec *servicespec.Service
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if e, err = a.deps.Catalog.Offered(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		spec, err = a.deps.Catalog.Service(ctx, tx, e.Code, e.Version)
		return err
	})
	if err != nil {
		return err
	}
	pack := spec.Pack()
	return r.JSON(http.StatusOK, struct {
		serviceEntry
		Description i18n.Text         `json:"description,omitempty"`
		Eligibility i18n.Text         `json:"eligibility,omitempty"`
		Needs       []i18n.Text       `json:"needs,omitempty"`
		Languages   []string          `json:"languages"`
		Form        servicespec.Form  `json:"form"`
		Fees        []servicespec.Fee `json:"fees,omitempty"`
	}{entryOf(e), pack.Description, pack.Eligibility.Text, pack.Needs, pack.Languages, pack.Form, pack.Fees})
}

// schema is the JSON Schema of what a request to a service answers, in the version on offer.
func (a *API) schema(r *frame.Request) error {
	var body []byte
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		e, err := a.deps.Catalog.Offered(ctx, tx, r.Param("code"))
		if err != nil {
			return err
		}
		spec, err := a.deps.Catalog.Service(ctx, tx, e.Code, e.Version)
		if err != nil {
			return err
		}
		lang := r.Lang
		if asked := r.Query("lang"); asked != "" {
			lang = asked
		}
		body, err = spec.SchemaJSON(lang)
		return err
	})
	if err != nil {
		return err
	}
	return shared(r, "application/schema+json", "public, max-age=60", body)
}
