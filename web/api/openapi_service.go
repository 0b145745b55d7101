package api

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/web/frame"
)

// serviceDescription is the description of the API for one service alone (OpenAPI 3.1): the same calls for requests, with this
// service's answers, states and an example in them.
func (a *API) serviceDescription(r *frame.Request) error {
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
	lang := r.Lang
	if asked := r.Query("lang"); asked != "" {
		lang = asked
	}
	example, _, whole := spec.Example(civil.Of(r.Now.In(r.Settings.Location())), r.Settings.Currency)
	if !whole {
		example = nil
	}
	doc, err := describeService(spec, lang, r.Origin(), e.Version, example)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return shared(r, "application/json", "public, max-age=60", body)
}

// describeService narrows the description of the whole API down to a service.
func describeService(spec *servicespec.Service, lang, origin string, version int, example servicespec.Answers) (map[string]any, error) {
	var doc map[string]any
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		return nil, err
	}
	pack := spec.Pack()
	fallback := pack.Languages[0]
	doc["info"] = map[string]any{
		"title": pack.Name.In(lang, fallback), "version": strconv.Itoa(version), "description": pack.Summary.In(lang, fallback),
		"license": map[string]any{"name": "Apache-2.0", "identifier": "Apache-2.0"},
	}
	doc["servers"] = []any{map[string]any{"url": origin}}
	paths, _ := doc["paths"].(map[string]any)
	maps.DeleteFunc(paths, func(path string, _ any) bool {
		return !slices.Contains([]string{"/api/v1/requests", "/api/v1/requests/{id}"}, path)
	})
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	maps.DeleteFunc(schemas, func(name string, _ any) bool {
		return !slices.Contains([]string{"Text", "Amount", "NewRequest", "Request", "Problem"}, name)
	})
	if ways, ok := components["securitySchemes"].(map[string]any); ok {
		maps.DeleteFunc(ways, func(name string, _ any) bool { return name != "session" })
	}
	answers := spec.Schema(lang)
	delete(answers, "$schema")
	schemas["Answers"] = answers
	asked := map[string]any{
		"type": "object", "required": []string{"service", "answers"}, "additionalProperties": false,
		"properties": map[string]any{
			"service": map[string]any{"const": pack.Code}, "lang": map[string]any{"type": "string", "enum": pack.Languages},
			"answers": map[string]any{"$ref": "#/components/schemas/Answers"},
		},
	}
	if example != nil {
		asked["examples"] = []any{map[string]any{"service": pack.Code, "lang": fallback, "answers": example}}
	}
	schemas["NewRequest"] = asked
	narrowRequest(schemas, pack)
	return doc, nil
}

// narrowRequest says in which states a request of the service can be.
func narrowRequest(schemas map[string]any, pack *servicespec.Pack) {
	request, _ := schemas["Request"].(map[string]any)
	properties, ok := request["properties"].(map[string]any)
	if !ok {
		return
	}
	states := []string{}
	for _, st := range pack.Workflow.States {
		states = append(states, st.Code)
	}
	properties["service"] = map[string]any{"const": pack.Code}
	properties["state"] = map[string]any{"type": "string", "enum": states}
}
