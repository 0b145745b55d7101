package portal

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// apiView describes a service to who writes programs that ask for it.
type apiView struct {
	Site                ui.Site
	Code, Name, Summary string
	Version             int
	OpenAPI, Schema     string
	Sheet               form.Sheet
	Curl, Answer        string
	Follow              string
	Example             string
	Whole               bool // the service accepts the example
	Problem             string
	States              []stateView
}

type stateView struct{ Code, Name, Text, Outcome string }

// offered reads the version of a service that is on offer, and who offers it.
func (p *Portal) offered(r *frame.Request) (e catalog.Entry, spec *servicespec.Service, a agency.Agency, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if e, err = p.deps.Catalog.Offered(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		if spec, err = p.deps.Catalog.Service(ctx, tx, e.Code, e.Version); err != nil {
			return err
		}
		a, err = p.deps.Agencies.Agency(ctx, tx, e.Agency)
		return err
	})
	return e, spec, a, err
}

// describe is the page of a service for programmers, made of the version on offer.
func (p *Portal) describe(r *frame.Request) error {
	e, spec, _, err := p.offered(r)
	if err != nil {
		return err
	}
	pack := spec.Pack()
	base := r.Origin() + "/api/v1"
	v := apiView{
		Site: r.Site(frame.Portal), Code: e.Code, Name: r.Text(pack.Name), Summary: r.Text(pack.Summary), Version: e.Version,
		OpenAPI: "/api/v1/services/" + e.Code + "/openapi.json", Schema: "/api/v1/services/" + e.Code + "/schema?lang=" + r.Lang,
		Sheet: form.SheetOf(pack, r.Texts(), r.Lang, r.Settings.Currency), States: statesOf(r, pack),
	}
	answers, facts, whole := spec.Example(civil.Of(r.Now.In(r.Settings.Location())), r.Settings.Currency)
	v.Whole = whole
	body := map[string]any{"service": e.Code, "lang": pack.Languages[0], "answers": answers}
	if v.Example, err = indented(body); err != nil {
		return err
	}
	v.Curl = "curl -X POST " + base + "/requests \\\n  -H 'Content-Type: application/json' \\\n  -H 'Idempotency-Key: 5f3c1c2e-8d0b-4c7e-9a4e-1d2f3a4b5c6d' \\\n  -b '__Host-digit=…' \\\n  -d @request.json"
	v.Follow = "curl -b '__Host-digit=…' " + base + "/requests/01890a5d-ac96-774b-bcce-b302099a8057"
	if v.Answer, err = indented(map[string]any{
		"id": "01890a5d-ac96-774b-bcce-b302099a8057", "service": e.Code, "version": e.Version, "status": "submitted", "state": pack.Workflow.Start,
		"reference": strings.NewReplacer("{yyyy}", "2026", "{yy}", "26", "{mm}", "11").Replace(sequence.ReplaceAllString(pack.Number, "000123")),
	}); err != nil {
		return err
	}
	if v.Problem, err = p.exampleProblem(r, spec, answers, facts); err != nil {
		return err
	}
	return r.HTML(apiPage(v))
}

// exampleProblem is what a request is answered with that leaves something out.
func (p *Portal) exampleProblem(r *frame.Request, spec *servicespec.Service, a servicespec.Answers, f servicespec.Facts) (string, error) {
	less := servicespec.Answers{}
	left := false
	for _, code := range spec.Questions() {
		v, given := a[code]
		if !given {
			continue
		}
		less[code] = v
		if !left {
			delete(less, code)
			if left = len(spec.Validate(less, f)) > 0; !left {
				less[code] = v
			}
		}
	}
	refused := fault.Invalid("api.answers")
	out := frame.Problem{
		Type: "urn:digit:problem:api.answers", Title: r.Sentence(refused), Status: http.StatusUnprocessableEntity, Code: "api.answers",
		Instance: "urn:digit:request:01890a5d-ac96-774b-bcce-b302099a8057",
	}
	for _, x := range spec.Validate(less, f) {
		out.Errors = append(out.Errors, frame.ProblemField{Field: x.Path, Code: x.Code, Detail: r.FieldSentence(x)})
	}
	return indented(out)
}

// statesOf are the states that a request of the service can be in, as its owner reads them.
func statesOf(r *frame.Request, pack *servicespec.Pack) (out []stateView) {
	for _, st := range pack.Workflow.States {
		name := st.CitizenName
		if name.IsZero() {
			name = st.Name
		}
		out = append(out, stateView{Code: st.Code, Name: r.Text(name), Text: r.Text(st.CitizenText), Outcome: st.Outcome})
	}
	return out
}

func indented(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return strings.TrimSpace(b.String()), err
}
