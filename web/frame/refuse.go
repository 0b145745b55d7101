package frame

import (
	"context"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// helpView tells a member of staff which permission is missing and who can give it. It names no object: what they may not see stays
// unseen.
type helpView struct {
	Permission string // in words
	Code       string
	Givers     []string
}

// help returns what a refused member of staff can do; nil for others, and where no permission is missing. Those who can give it are the
// administrators of the agencies in which the reader works, and of the state.
func (r *Request) help(e *fault.Error) *helpView {
	if e.Kind != fault.KindForbidden || r.Principal == nil || r.Principal.Kind != identity.KindStaff || e.Code == identity.ErrPolicy.Code {
		return nil
	}
	code := r.missing(e)
	if code == "" || !r.texts.Has(r.Lang, "permission."+code) {
		return nil
	}
	v := &helpView{Permission: r.T("permission." + code), Code: code}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		agencies := r.Principal.Agencies()
		if len(agencies) == 0 {
			agencies = []string{""}
		}
		seen := map[string]bool{}
		for _, agency := range agencies[:min(len(agencies), 3)] {
			givers, err := r.frame.deps.Identity.Givers(ctx, tx, agency)
			if err != nil {
				return err
			}
			for _, g := range givers {
				if name := g.Name; !seen[name] && g.Account != r.Person() {
					seen[name] = true
					v.Givers = append(v.Givers, name)
				}
			}
		}
		return nil
	})
	if err != nil { // the refusal is told anyway
		r.frame.deps.Log.WarnContext(r.Context(), "who can help", "request", r.ID, "error", err)
		v.Givers = nil
	}
	return v
}
