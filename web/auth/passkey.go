package auth

import (
	"encoding/json"
	"net/http"

	"digit/internal/infra/identity"
	"digit/web/frame"
)

// passkeySite is where passkeys are made and used: the host at which the reader is, which is the tenant's own.
func passkeySite(r *frame.Request) identity.Site {
	return identity.Site{Host: r.Hostname(), Origin: r.Origin()}
}

// challenge writes a ceremony as the page's script reads it.
func challenge(r *frame.Request, c identity.Ceremony) error {
	var options map[string]json.RawMessage
	if err := json.Unmarshal(c.Options, &options); err != nil {
		return err
	}
	return r.JSON(http.StatusOK, map[string]any{"ceremony": c.ID, "publicKey": options["publicKey"]})
}

// passkeyForm is a form that the page's script fills by asking the browser for a passkey.
type passkeyForm struct {
	Action, Options string // where the answer goes, and where the challenge comes from
	Make            bool   // a new passkey is made, not one used
	Suggest         bool   // also offered among the suggestions of a field
	Submit          string
	Primary         bool // the first choice of the page
	Hidden          [][2]string
}

func (f passkeyForm) kind() string {
	if f.Make {
		return "create"
	}
	return "get"
}

func (f passkeyForm) variant() string {
	if f.Primary {
		return ""
	}
	return "secondary"
}
