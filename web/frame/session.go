package frame

import (
	"net/http"
	"time"
)

// cookieName has the __Host- prefix wherever the site is served over https, which binds the cookie to this host.
func (f *Frame) cookieName() string {
	if f.secure {
		return "__Host-digit"
	}
	return "digit"
}

func (r *Request) sessionToken() string {
	c, err := r.Cookie(r.frame.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// SessionToken returns the secret of the session that this request came with, "" for none.
func (r *Request) SessionToken() string { return r.sessionToken() }

// StartSession gives the browser the session's secret. Lax, since people come back from payment pages and from links in
// messages; forged posts are refused by their origin.
func (r *Request) StartSession(token string) {
	r.setCookie(r.frame.cookieName(), token, 30*24*time.Hour, true)
}

// EndSession takes the secret away from the browser.
func (r *Request) EndSession() { r.setCookie(r.frame.cookieName(), "", -time.Hour, true) }

// RememberLanguage keeps the language chosen.
func (r *Request) RememberLanguage(lang string) {
	r.setCookie(languageCookie, lang, 365*24*time.Hour, false)
}

// Remember keeps a value for this browser for an hour; Recall returns it. It is no secret and must be checked when read.
func (r *Request) Remember(name, value string) { r.setCookie(name, value, time.Hour, true) }

// Recall returns what Remember kept, "" for nothing.
func (r *Request) Recall(name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// Forget takes away what Remember kept.
func (r *Request) Forget(name string) { r.setCookie(name, "", -time.Hour, true) }

func (r *Request) setCookie(name, value string, life time.Duration, hidden bool) {
	http.SetCookie(r.W, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()), HttpOnly: hidden, Secure: r.frame.secure, SameSite: http.SameSiteLaxMode,
	})
}
