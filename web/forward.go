package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded puts the caller's own address in the place of the proxy's that the request came through, so that limits by
// place and the audit record mean people. Only proxies that are trusted are believed, and of what they say only what they
// saw themselves: the last address of X-Forwarded-For that is not another of them.
func forwarded(proxies []netip.Prefix) func(http.Handler) http.Handler {
	trusted := func(at netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(at.Unmap()) })
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			at, err := netip.ParseAddrPort(r.RemoteAddr)
			hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
			for n := len(hops) - 1; err == nil && n >= 0 && trusted(at.Addr()); n-- {
				hop, bad := netip.ParseAddr(strings.TrimSpace(hops[n]))
				if bad != nil { // what a proxy did not write itself says nothing
					break
				}
				at = netip.AddrPortFrom(hop, 0)
				r.RemoteAddr = net.JoinHostPort(hop.Unmap().String(), "0")
			}
			next.ServeHTTP(w, r)
		})
	}
}
