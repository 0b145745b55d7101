package frame

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
)

// uploadGrace is how much longer a proof counts for a form with files: the page with the form asked for a fresh one, and
// files cannot be carried on.
const uploadGrace = 30 * time.Minute

// RequireFresh refuses whoever did not prove within that time who they are, for acts that only turn out to reach far. What
// the handler returns of it leads to a page that asks for the proof, and back to this request. Errors: identity.ErrConfirm.
func (r *Request) RequireFresh(within time.Duration) error {
	if within == 0 {
		return nil
	}
	if r.Principal == nil {
		return errSignIn
	}
	if r.multipart() {
		within += uploadGrace
	}
	// Sessions live by the machine's clock.
	if clock.Now().Sub(r.Principal.Authenticated) >= within {
		return identity.ErrConfirm
	}
	return nil
}

func (r *Request) multipart() bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// confirm leads to where the reader proves afresh who they are.
func (r *Request) confirm(e *fault.Error, status int) error {
	switch {
	case r.Method == http.MethodGet || r.multipart():
		return r.Redirect("/confirm?next=" + url.QueryEscape(r.Resume().To))
	case r.frame.deps.Confirm != nil:
		return r.frame.deps.Confirm(r)
	}
	return r.HTMLStatus(status, failPage(r, e, r.help(e)))
}

// Resume is where somebody goes on once they have proved who they are: at a page, or by posting what they had typed.
type Resume struct {
	To     string // path and query
	Post   bool
	Fields [][2]string // what was typed, names and values; no passwords and codes
}

// secrets are never carried through a page: they are typed again.
var secrets = []string{"password", "code", "credential"}

// Resume is this request, to be gone on with later.
func (r *Request) Resume() Resume {
	to := Resume{To: LocalPath(r.URL.RequestURI())}
	if r.Method != http.MethodPost || r.multipart() {
		return to
	}
	posted, err := r.Form()
	if err != nil { // it cannot be carried on, and could not be taken either
		return to
	}
	to.Post = true
	for _, name := range slices.Sorted(maps.Keys(posted)) {
		if slices.Contains(secrets, name) {
			continue
		}
		for _, v := range posted[name] {
			to.Fields = append(to.Fields, [2]string{name, v})
		}
	}
	return to
}

const (
	resumeTo    = "resume.to"
	resumePost  = "resume.post"
	resumeField = "resume.field."
)

// Hidden are the inputs by which a form carries it on; ResumeOf reads them back.
func (s Resume) Hidden() [][2]string {
	hidden := [][2]string{{resumeTo, s.To}}
	if s.Post {
		hidden = append(hidden, [2]string{resumePost, "yes"})
	}
	for _, f := range s.Fields {
		hidden = append(hidden, [2]string{resumeField + f[0], f[1]})
	}
	return hidden
}

// ResumeOf reads what Hidden carried. Only paths of this site are gone on to.
func ResumeOf(posted url.Values) Resume {
	s := Resume{To: LocalPath(posted.Get(resumeTo)), Post: posted.Get(resumePost) != ""}
	for _, name := range slices.Sorted(maps.Keys(posted)) {
		if field, ok := strings.CutPrefix(name, resumeField); ok && s.Post {
			for _, v := range posted[name] {
				s.Fields = append(s.Fields, [2]string{field, v})
			}
		}
	}
	return s
}
