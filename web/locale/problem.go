package locale

import (
	"fmt"
	"maps"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// Problem says what is wrong with a service in a reader's language.
func Problem(texts *i18n.Catalog, lang string, p servicespec.Problem) string {
	key := "spec.problem." + p.Code
	if !texts.Has(lang, key) {
		return p.Sentence
	}
	args := maps.Clone(p.Args)
	if f, ok := args["failure"].(servicespec.Failure); ok {
		args["detail"] = Failure(texts, lang, f)
	}
	for _, name := range []string{"got", "want", "type", "types"} {
		if v, ok := args[name]; ok {
			args[name] = servicespec.InTypeWords(fmt.Sprint(v), func(code string) string {
				if key := "spec.type." + code; texts.Has(lang, key) {
					return texts.T(lang, key, nil)
				}
				return ""
			})
		}
	}
	return texts.T(lang, key, args)
}

// Failure says in which way a scenario does not come out as it says, in a reader's language.
func Failure(texts *i18n.Catalog, lang string, f servicespec.Failure) string {
	key := "spec.scenario." + f.Code
	if !texts.Has(lang, key) {
		return f.String()
	}
	args := maps.Clone(f.Args)
	if why, ok := args["why"].(string); ok {
		if word := "spec.refusal." + why; texts.Has(lang, word) {
			args["why"] = texts.T(lang, word, nil)
		}
	}
	text := texts.T(lang, key, args)
	if f.At == "" {
		return text
	}
	return texts.T(lang, "spec.moment."+f.At, map[string]any{"n": f.Step, "did": f.Did}) + " " + text
}
