package catalog

import (
	"fmt"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
)

// ahead names what of a definition cases cannot do yet, so that nobody publishes a service whose cases would stand still:
// the language says more than the workflow carries out.
func ahead(pack *servicespec.Pack) (fields []fault.Field) {
	found := func(path, word string) {
		fields = append(fields, fault.Field{Path: path, Code: "catalog.ahead_word", Args: map[string]any{"word": word}})
	}
	pack.Workflow.Each(func(path string, st *servicespec.State, _, branch string) {
		switch {
		case st.Kind == servicespec.StateParallel, len(st.Branches) > 0:
			found(path, "branches")
		case branch != "":
			return // said of the state that it belongs to
		}
		if st.Assign != nil {
			found(path+".assign", "assign")
		}
		if len(st.Escalate) > 0 {
			found(path+".escalate", "escalate")
		}
	})
	for i, a := range pack.Workflow.Actions {
		path := fmt.Sprintf("workflow.actions.%d", i)
		switch {
		case a.On == servicespec.OnCondition, a.On == servicespec.OnJoined:
			found(path+".on", a.On)
		case a.Kind == "reopen", a.Kind == "appeal":
			found(path+".kind", a.Kind)
		}
		if len(a.Documents) > 0 {
			found(path+".documents", "documents")
		}
		if len(a.Questions) > 0 {
			found(path+".questions", "questions")
		}
		for _, effect := range a.Effect {
			if what, _ := servicespec.Effect(effect); what == servicespec.EffectReassess || what == servicespec.EffectLetter {
				found(path+".effect", what)
			}
		}
	}
	return fields
}
