package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digit/web/hook/hooktest"
)

// aKey is the public key of RFC 7517, A.1, and its RFC 7638 thumbprint.
const aKey = `{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","kid":"1"}`

// TestOutsideProvider registers a provider, gives it a key, tests the connection, which fails and says why, and suspends it.
func TestOutsideProvider(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	const list = "/console/exchange/providers"
	code := "water-" + unique()
	here := list + "/" + code
	good := url.Values{"code": {code}, "name": {"Water company"}, "agency": {"dgrni"}, "endpoint": {"https://water.invalid/requests"}}
	for field, bad := range map[string]string{"code": "Water!", "name": "", "agency": "", "endpoint": "https://10.1.2.3/in", "jwks": "http://water.invalid/keys", "services": "nothing"} {
		typed := url.Values{}
		for k, values := range good {
			typed[k] = values
		}
		typed[field] = []string{bad}
		if body := v.Post(list+"/new", typed, http.StatusUnprocessableEntity); !strings.Contains(body, "There is a problem") {
			t.Errorf("%s: nothing is said", field)
		}
	}
	v.Post(list+"/new", good, http.StatusSeeOther)
	v.Post(list+"/new", good, http.StatusUnprocessableEntity)
	for page, texts := range map[string][]string{
		list + "?q=" + code: {"Water company", "Not tested yet"}, list + "?state=suspended&q=" + code: {"Nothing"},
		here: {"/.well-known/jwks/dgrni.json", "/hooks/exchange", "/agencies/dgrni/did.json", "No keys yet"}, here + "/edit": {"water.invalid"},
		"/console/exchange/messages?provider=" + code: {code},
	} {
		body := v.Get(page, http.StatusOK)
		for _, text := range texts {
			if text != "Nothing" && !strings.Contains(body, text) {
				t.Errorf("%s does not say %q", page, text)
			}
		}
	}
	v.Post(here+"/keys/new", url.Values{"keys": {"secret"}, "overlap": {"7"}}, http.StatusUnprocessableEntity)
	v.Post(here+"/keys/new", url.Values{"keys": {aKey}, "overlap": {"3"}}, http.StatusUnprocessableEntity)
	v.Post(here+"/keys/new", url.Values{"keys": {aKey}, "overlap": {"7"}}, http.StatusSeeOther)
	v.Post(here+"/test", nil, http.StatusSeeOther)
	hooktest.Eventually(t, "the test fails", func() string {
		body := v.Get(here, http.StatusOK)
		if strings.Contains(body, "Nobody answers at the address") {
			return body
		}
		return ""
	})
	v.Get(here+"/suspend", http.StatusOK)
	v.Post(here+"/suspend", nil, http.StatusSeeOther)
	if body := v.Get(here, http.StatusOK); !strings.Contains(body, "Suspended") || !strings.Contains(body, here+"/resume") {
		t.Error("it is not suspended")
	}
	v.Post(here+"/resume", nil, http.StatusSeeOther)
	good.Set("name", "Water board")
	v.Post(here+"/edit", good, http.StatusSeeOther)
	if body := v.Get(here, http.StatusOK); !strings.Contains(body, "Water board") {
		t.Error("the name is the old one")
	}
	v.Get(list+"/nobody", http.StatusNotFound)
}
