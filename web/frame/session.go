package frame

import (
	"net/http"
	"time"
)

// cookieName is the session's.
func (f *Frame) cookieName() string { return f.bound("digit") }

// bound gives a cookie's name the __Host- prefix wherever the site is served over https, which binds it to this host.
func (f *Frame) bound(name string) string {
	if f.secure {
		return "__Host-" + name
	}
	return name
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

// EndSession takes the secret away from the browser, with everything that pages have left in it.
func (r *Request) EndSession() {
	r.setCookie(r.frame.cookieName(), "", -time.Hour, true)
	r.W.Header().Set("Clear-Site-Data", `"cache", "storage"`)
}

// RememberLanguage keeps the language chosen.
func (r *Request) RememberLanguage(lang string) {
	r.setCookie(r.frame.bound(languageCookie), lang, 365*24*time.Hour, false)
}

// Remember keeps a value for this browser for an hour; Recall returns it. It is no secret and must be checked when read.
func (r *Request) Remember(name, value string) { r.Keep(name, value, time.Hour) }

// Keep is Remember for another time; none takes the value away.
func (r *Request) Keep(name, value string, life time.Duration) {
	if life <= 0 {
		life = -time.Hour
	}
	r.setCookie(r.frame.bound(name), value, life, true)
}

// Recall returns what Remember and Keep kept, "" for nothing.
func (r *Request) Recall(name string) string {
	c, err := r.Cookie(r.frame.bound(name))
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
