package portal

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/web/frame"
)

// validFor is how long finders may rely on what security.txt says; it is made anew each day.
const validFor = 180 * 24 * time.Hour

// securityText tells who finds a weakness whom to tell (RFC 9116). A state that has not said where to write has none.
// Errors: page.not_found.
func (p *Portal) securityText(r *frame.Request) error {
	contact := r.Settings.ContactEmail
	if contact == "" || strings.ContainsAny(contact, " \r\n") {
		return fault.NotFound("page.not_found")
	}
	scheme, _, _ := strings.Cut(r.PublicURL(), "://")
	day := clock.Now().UTC().Truncate(24 * time.Hour)
	h := r.W.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	r.W.WriteHeader(http.StatusOK)
	_, err := fmt.Fprintf(r.W, "Contact: mailto:%s\nExpires: %s\nPreferred-Languages: %s\nCanonical: %s://%s/.well-known/security.txt\n",
		contact, day.Add(validFor).Format(time.RFC3339), strings.Join(r.Settings.Languages, ", "), scheme, r.Host)
	return err
}
