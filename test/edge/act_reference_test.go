package edge

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// exchangeActs give an office a calendar of its own, and a service a provider elsewhere.
func (h *house) exchangeActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) {
		t.Helper()
		admin.want(admin.post(path, pairs...), http.StatusSeeOther, path)
	}
	const office = "/console/calendar/office:dgrni:praia"
	must(office+"/hours", "hours.mon", "08:00-12:00", "hours.sat", "08:00-11:00 (2, 4)")
	must(office+"/holidays/new", "day", "2031-03-18", "name.pt", "Meio dia", "hours", "08:00-12:00")
	must(office+"/holidays/2031-03-18", "day", "2031-03-18", "name.pt", "Fechado")
	must(office + "/holidays/2031-03-18/remove")
	list := file{"file", "feriados.csv", "text/csv", []byte("day,hours,pt\n2032-05-04,09:00-10:00,Dia do Sal\n")}
	admin.want(admin.upload(office+"/holidays/import", []file{list}), http.StatusSeeOther, "days of an office from a file")
	must(office + "/holidays/2032-05-04/remove")
	must(office + "/hours")

	const providers, one = "/console/exchange/providers", "/console/exchange/providers/agua"
	must(providers+"/new", "code", "agua", "name", "Água", "agency", "dgrni", "endpoint", "https://agua.invalid/pedidos")
	must(one+"/edit", "name", "Águas", "endpoint", "https://agua.invalid/pedidos")
	must(one+"/keys/new", "overlap", "7", "keys",
		`{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`)
	_, kid, _ := strings.Cut(admin.get(one).body, one+"/keys/")
	for strings.HasPrefix(kid, "new") {
		_, kid, _ = strings.Cut(kid, one+"/keys/")
	}
	kid, _, _ = strings.Cut(kid, "/")
	must(one + "/keys/" + kid + "/remove")
	must(one + "/test")
	must(one + "/suspend")
	must(one + "/resume")
	must("/console/exchange/messages/" + h.failed(t) + "/resend")
}

// failed makes a message one that was given up, and returns its id.
func (h *house) failed(t *testing.T) (id string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.super)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	err = conn.QueryRow(t.Context(), `UPDATE exchange.message SET status = 'failed', failure = 'exchange.foreign', delivered_at = NULL
		WHERE direction = 'response' AND kind = 'received' AND tenant_id = $1 AND id = (SELECT id FROM exchange.message m
		WHERE m.tenant_id = $1 AND m.direction = 'response' AND m.kind = 'received' AND m.status = 'delivered' ORDER BY m.id LIMIT 1) RETURNING id::text`, h.tenant(t, "cv")).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
