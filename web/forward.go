package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded puts the address of the person where handlers look for it, when the connection comes from a proxy that is
// trusted: the last address in X-Forwarded-For that no trusted proxy has. Whatever stands before that anybody can write.
// From everybody else the header is taken away, and so are its relatives, which nobody here reads: nothing that a caller
// says of itself decides who it is.
func forwarded(trusted []netip.Prefix) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			chain := r.Header.Values("X-Forwarded-For")
			for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-Ip", "Forwarded"} {
				r.Header.Del(name)
			}
			if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && within(peer.Addr(), trusted) {
				if from, ok := origin(chain, trusted); ok {
					r.RemoteAddr = net.JoinHostPort(from.String(), "0")
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// origin is the nearest address of a chain of proxies that is none of ours.
func origin(chain []string, trusted []netip.Prefix) (from netip.Addr, ok bool) {
	hops := strings.Split(strings.Join(chain, ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return from, ok // what is no address ends the chain: before it nothing is known
		}
		from, ok = addr.Unmap().WithZone(""), true
		if !within(from, trusted) {
			return from, true
		}
	}
	return from, ok
}

func within(addr netip.Addr, prefixes []netip.Prefix) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}
