package edge

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// harvest takes rows of a tenant out of every table it has any in, as text by column: the last that were written, and some of the others.
func (h *house) harvest(t *testing.T, tenant uuid.UUID) map[string][]map[string]string {
	t.Helper()
	pool := h.look(t)
	rows, err := pool.Query(t.Context(), `SELECT format('%s.%s', table_schema, table_name), array_agg(column_name::text) FROM information_schema.columns
		WHERE (table_schema, table_name) IN (SELECT table_schema, table_name FROM information_schema.columns WHERE column_name = 'tenant_id') GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	var table string
	var names []string
	if _, err := pgx.ForEachRow(rows, []any{&table, &names}, func() error {
		columns[table] = slices.Clone(names)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	found := map[string][]map[string]string{}
	for table, names := range columns {
		var list []string
		for _, name := range names {
			list = append(list, fmt.Sprintf("%q::text", name))
		}
		rows, err := pool.Query(t.Context(), fmt.Sprintf(`SELECT ARRAY[%s] FROM %s x WHERE tenant_id = $1
			ORDER BY least(row_number() OVER (ORDER BY age(xmin)), 7), md5(x::text) LIMIT 12`, strings.Join(list, ", "), table), tenant)
		if err != nil {
			t.Fatal(err)
		}
		var values []*string
		if _, err := pgx.ForEachRow(rows, []any{&values}, func() error {
			row := map[string]string{}
			for i, v := range values {
				if v != nil {
					row[names[i]] = *v
				}
			}
			found[table] = append(found[table], row)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(found)) {
		found[everywhere] = append(found[everywhere], found[table]...)
	}
	return found
}

// everywhere stands for all tables, in their order.
const everywhere = ""

// guess is a way to fill in a statement: with the columns' own values, or as lists ask for all; for rows before or after a time.
type guess struct {
	when  string // "" for the column's own; wide for all of time
	yes   bool
	all   int  // 1 opens filters by words, 2 those by ids too, 3 both by asking for none at all
	fresh bool // what is made gets ids and numbers that nothing has
}

const (
	wide  = "wide"
	past  = "1970-01-01T00:00:00Z"
	later = "2199-01-01T00:00:00Z"
)

func guesses(q query) (list []guess) {
	fresh := []bool{false}
	if strings.Contains(q.sql, "INSERT INTO") {
		fresh = []bool{true, false}
	}
	for _, f := range fresh {
		for all := range 4 {
			for _, when := range []string{"", wide, later, past} {
				list = append(list, guess{when, true, all, f}, guess{when, false, all, f})
			}
		}
	}
	return list
}

// hints are what no name tells: whose value a parameter takes; after = it stands here, and - is none.
var hints = map[string]string{
	"identity.CallMachine hash": "identity.machine_secret secret_hash", "encryption.ListPersonKeys people": "encryption.person_key person_id",
	"workflow.CountWork me": "workflow.instance assignee", "workflow.ListDone me": "workflow.transition actor_id", "workflow.ListMyBranches me": "workflow.branch assignee",
	"workbench.ListNotes application_id": "workbench.note application_id", "payment.GetChargeByRef ref": "payment.charge gateway_ref",

	"workflow.ListWork boundary": "=", "workflow.ListMine boundary": "=", "workflow.ListDone boundary": "=", "workflow.ListDone service": "=", "workflow.ListDone state": "=", "workflow.ListDone reference": "=",
	"workflow.ListBranchWork boundary": "=", "workflow.ListBranchWork service": "=", "workflow.ListBranchWork reference": "=",
	"workflow.ListMyBranches boundary": "=", "workflow.ListMyBranches service": "=", "workflow.ListMyBranches reference": "=",
	"workflow.CountLists numbers": "={1}", "workflow.CountLists queues": "={team}", "workflow.CountLists holders": "={00000000-0000-0000-0000-000000000000}",
	"workflow.CountLists services": `={""}`, "workflow.CountLists states": `={""}`, "workflow.CountLists boundaries": `={""}`,
	"workflow.CountLists due_froms": "={" + past + "}", "workflow.CountLists due_tos": "={" + later + "}", "workflow.CountLists bound": "=100",

	"orchestration.CountNamed tokens": "orchestration.name_token token", "orchestration.ListNamed others": "orchestration.name_token token", "orchestration.ListNamed rarest": "orchestration.name_token token",
	"orchestration.ListSpots person": "desk.visit operator_id", "orchestration.SetChargePaid receipt": "=R-1",
	"payment.PageCollectionDetails person": "payment.demand payer_id", "payment.SettleCollection status": "=cleared", "payment.BeginCharge gateway_ref": "=of-nobody",
	"desk.EndTicket status": "=served", "desk.CallTicket called_by": "desk.person account_id", "notification.FinishMessage status": "=sent",
	"workbench.ListTwins id": "workbench.twin first_id", "orchestration.ListOfPeople people": "orchestration.application person_id", "exchange.SetProviderState state": "=suspended",
	"workflow.SetInstance ended_at": "-", "encryption.SetRotation ended_at": "-", "encryption.DecideProposal state": "=refused",
	"workbench.StartBulk to_id": "-", "catalog.SetServiceStatus status": "=withdrawn", "certificate.SetCredentialStatus status": "=revoked",

	"identity.GetFactors id": "identity.password account_id", "identity.RehashPassword old": "identity.password hash",
	"identity.FindAccounts words": "=1", "identity.ListHolders words": "=1", "identity.FindAccounts agency": "-", "identity.FindAccounts role": "-", "identity.FindAccounts status": "-", "identity.FindAccounts kind": "-",
	"identity.ListHolders agency": "-", "identity.ListHolders role": "-", "identity.ListHolders source": "-", "identity.ListHolders permission": "-", "identity.ListHolders tokens": "={}",
	"identity.ListHoldersOf permissions": "={identity:manage}",
	"identity.ListUnseen sync_id":        "=00000000-0000-0000-0000-000000000000", "identity.ListFederatedSessions accounts": "={}",
}

// others are what else a column is called whose value a parameter takes.
var others = map[string][]string{
	"person": {"account_id", "payer_id", "holder_id"}, "me": {"assignee", "owner_id"}, "accounts": {"assignee", "actor_id"},
	"indexes": {"address_index", "subject_index", "entry_index"}, "entries": {"entry_index"}, "addresses": {"address_index"}, "address_indexes": {"address_index"},
	"statuses": {"status"}, "sid": {"sid_hash"},
}

// own is the tenant's value for a parameter: of the column of that name in row, or in another table of the statement, or anywhere.
func (q query) own(name string, row map[string]string, all map[string][]map[string]string) (string, bool) {
	if hint, ok := hints[q.name+" "+name]; ok {
		if v, ok := strings.CutPrefix(hint, "="); ok {
			return v, true
		}
		table, column, _ := strings.Cut(hint, " ")
		for _, other := range all[table] {
			if v, ok := other[column]; ok {
				return v, true
			}
		}
		return "", false
	}
	one := strings.TrimSuffix(name, "s")
	if stem, ok := strings.CutSuffix(name, "ies"); ok {
		one = stem + "y"
	}
	places := []map[string]string{row}
	for _, table := range q.tables {
		places = append(places, all[table]...)
	}
	for _, places := range [][]map[string]string{places, all[everywhere]} {
		names := []string{name, name + "_id", one, one + "_id", strings.TrimPrefix(name, "new_"), strings.TrimPrefix(name, "old_")}
		for _, name := range append(names, others[name]...) {
			for _, place := range places {
				if v, ok := place[name]; ok {
					return v, true
				}
			}
		}
	}
	return "", false
}

var (
	lower  = regexp.MustCompile(`^(from|since|after|due_from)`)
	counts = regexp.MustCompile(`^(limit|size|room|most|lim|count)$`)
	edges  = regexp.MustCompile(`^(before|after)(_|$)`)
	unique = regexp.MustCompile(`(^id|hash|index|number|reference|code|ref|wrapped)$`)
)

// fill gives each parameter a value of the tenant's.
func (q query) fill(types []uint32, row map[string]string, all map[string][]map[string]string, g guess) (args []any) {
	for i, name := range q.params {
		if hints[q.name+" "+name] == "-" {
			args = append(args, nil)
			continue
		}
		v, known := q.own(name, row, all)
		args = append(args, q.value(name, types[i], v, known, row, g))
	}
	return args
}

func (q query) value(name string, kind uint32, v string, known bool, row map[string]string, g guess) any {
	whole := kind == pgtype.Int8OID || kind == pgtype.Int4OID
	switch {
	case strings.Contains(q.name, ".Page") && name != "person" && !counts.MatchString(name):
		return map[uint32]any{pgtype.UUIDOID: uuid.Nil.String(), pgtype.ByteaOID: `\x`, pgtype.TextOID: "", pgtype.Int8OID: "0", pgtype.Int4OID: "0"}[kind]
	case name == "within" && kind == pgtype.TextOID:
		return ""
	case name == "within", q.name == "request.ListRequests" && name == "services":
		return nil // none in particular
	case name == "everywhere" && kind == pgtype.BoolOID:
		return "true"
	case name == "everywhere":
		return "{true}"
	case name == "permission":
		return "identity:manage"
	case name == "reference_end":
		return "~"
	case name == "sort":
		return "due"
	case (name == "keep" || name == "besides" || name == "holder") && kind == pgtype.UUIDOID:
		return uuid.Nil.String()
	case whole && (name == "until" || name == "before"):
		return "2147483647"
	case whole && name == "since":
		return "0"
	case edges.MatchString(name) && kind == pgtype.UUIDOID:
		return map[string]any{"": uuid.Nil.String(), past: uuid.Max.String(), later: uuid.Max.String()}[g.when]
	case edges.MatchString(name) && (kind == pgtype.TextOID || whole):
		return map[bool]any{true: "", false: "0"}[kind == pgtype.TextOID]
	case g.fresh && unique.MatchString(name):
		switch kind {
		case pgtype.UUIDOID:
			return uuid.NewString()
		case pgtype.ByteaOID:
			return `\x` + strings.ReplaceAll(uuid.NewString(), "-", "") + strings.ReplaceAll(uuid.NewString(), "-", "")
		case pgtype.TextOID:
			return uuid.NewString()
		}
	}
	array := false
	if named, ok := types.TypeForOID(kind); ok {
		array = strings.HasPrefix(named.Name, "_")
	}
	switch {
	case array && g.all > 0:
		return []any{"", "{}", "{}", nil}[g.all]
	case array && !strings.HasPrefix(v, "{"):
		return `{"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"}`
	case kind == pgtype.TimestamptzOID || kind == pgtype.DateOID:
		return moment(name, v, g)
	case kind == pgtype.BoolOID:
		return fmt.Sprint(g.yes)
	case kind == pgtype.TextOID || kind == pgtype.VarcharOID:
		return []any{v, "", "", nil}[g.all]
	case counts.MatchString(name):
		return "100"
	case kind == pgtype.UUIDOID && g.all >= 2 && (name != "id" || q.many):
		return nil
	case kind == pgtype.UUIDOID && !known:
		v = row["id"]
	case kind == pgtype.JSONBOID:
		return orText(v, "{}")
	case kind == pgtype.ByteaOID:
		return orText(v, `\x00`)
	case !known:
		v = "1"
	}
	if v == "" {
		return nil
	}
	return v
}

func moment(name, v string, g guess) string {
	switch {
	case g.when == wide && lower.MatchString(name):
		return past
	case g.when == wide:
		return later
	}
	return orText(g.when, orText(v, "2026-11-26T12:00:00Z"))
}

var types = pgtype.NewMap()

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
