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
