package edge

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
)

// businessActs: a business is registered, refused, registered again and confirmed; it is kept up to date, somebody is invited and the
// invitation taken back.
func (h *house) businessActs(t *testing.T) {
	t.Helper()
	owner, admin := h.guest(t), h.staff(t, administrator)
	number := fmt.Sprintf("4%08d", next())
	register := func() (claim string) {
		owner.want(owner.upload("/businesses/new", []file{{"paper", "certidao.png", "image/png", picture()}},
			"name", "Pescas de Santiago", "form", "company", "number", number), http.StatusSeeOther, "a business")
		claim = admin.led("/console/businesses?status=open&q="+number, `/console/businesses/[0-9a-f-]{36}`)
		admin.seen(claim)
		admin.seen(claim + "/paper")
		return claim
	}
	admin.must(register()+"/refuse", "reason", "A certidão não se lê")
	admin.must(register() + "/confirm")
	here := owner.led("/businesses", `/businesses/[0-9a-f-]{36}`)
	owner.must(here+"/edit", "address", "Plateau", "email", "pescas@example.org")
	owner.must(here+"/members/new", "address", phone(), "kind", "member", "scope", "all")
	ends := regexp.MustCompile(here+`/members/[0-9a-f-]{36}/end`).FindAllString(owner.get(here).body, -1)
	owner.must(ends[len(ends)-1]) // the owner's own comes first
}
