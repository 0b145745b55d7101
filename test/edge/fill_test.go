package edge

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

// fill does what the stage lacks of what there is to be found.
func (h *house) fill(t *testing.T, s stage) {
	t.Helper()
	h.representative(t, s.owner)
	s.owner.want(s.owner.post("/wallet/"+s.item+"/share", "claims", "full_name", "purpose", "escola", "until.day", "1", "until.month", "1", "until.year", "2027"), http.StatusOK, "sharing")
	h.staff(t, designer).must("/studio/library/trade-licence", "agency", "dgrni")
	officer := h.staff(t, clerk)
	officer.claim(s.open)
	officer.want(officer.post("/workbench/cases/"+s.open.ID+"/note", "note", "Falta um documento"), http.StatusSeeOther, "a note")
	id, secret := h.addMachine(t, "", identity.NewMachine{Name: "Ensaio", Kind: identity.MachineClient, Permissions: []string{"registry:read"}})
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		_, err := h.Identity.IssueToken(ctx, tx, id.String(), secret, nil)
		return err
	})
	number := phone()
	guarded := h.visitor(t).signIn("/sign-in", number)
	guarded.secure(t, "uma frase que ninguém adivinha")
	guarded.want(guarded.post("/profile/security/passkey/options"), http.StatusOK, "a challenge that nobody answers")
	half := h.visitor(t)
	code, digits := half.askCode("/sign-in", number)
	half.want(half.post("/sign-in/code", "id", code, "code", digits), http.StatusSeeOther, "the first step, of which there is no second")
	half.want(half.post("/sign-in/password", "address", number, "password", "outra frase qualquer"), http.StatusUnprocessableEntity, "a wrong password")
	h.visitor(t).post("/sign-in/with/simulated")
	h.elsewhere(t, guarded)
	h.longWay(t, s.done.ID)
	record := h.staff(t, auditor)
	record.want(record.post("/console/audit/sinks/add", "kind", "email", "address", "tribunal@example.org"), http.StatusSeeOther, "somebody outside")
	record.want(record.post("/console/audit/sinks/push"), http.StatusSeeOther, "a checkpoint")
	record.want(record.post("/console/audit/exports", "action", "identity.session.begin"), http.StatusSeeOther, "a file of the record")
	without := h.visitor(t)
	without.want(without.post("/services/streetlight-complaint/guest"), http.StatusSeeOther, "beginning without an account")
	h.around(t, s, officer)
	h.keysInChange(t)
	h.leftovers(t, s, officer)
}

// around does what happens around a case: what citizen and office write to each other, whom the citizen applies for, what officers keep
// for themselves, and what the administration enters.
func (h *house) around(t *testing.T, s stage, officer *client) {
	t.Helper()
	here, chief, admin := "/workbench/cases/"+s.open.ID, h.staff(t, registrar), h.staff(t, administrator)
	s.owner.must("/requests/"+s.open.ID+"/messages", "words", "Falta muito?")
	officer.must(here+"/messages", "words", "Está quase.")
	s.owner.must("/profile/household/new", "name", "Nina Lima", "born.day", "27", "born.month", "3", "born.year", "2019", "relation", "child")
	s.owner.must("/profile/data/copy")
	h.citizen(t, "Lino Leite").must("/profile/data/erase")

	officer.must("/workbench/lists", "filter", "queue=team", "name", "Todos")
	officer.must(officer.led("/workbench/lists", "/workbench/lists/[0-9a-f-]{36}")+"/pin", "on", "1")
	officer.must(here+"/check", "verdict.mother_name", "no", "reason.mother_name", "Falta um apelido")
	bulk := officer.must("/workbench/bulk", "select", s.open.ID+"."+officer.rev(s.open)+".")
	chief.must("/workbench/templates/new", "name", "Falta a data", "body.pt", "Falta a data, {name}.")
	holder := regexp.MustCompile(`<option value="([0-9a-f-]{36})"`).FindStringSubmatch(chief.get(here).body)
	if holder == nil {
		t.Fatal("nobody can be given the case")
	}
	chief.must(here+"/give", "rev", officer.rev(s.open), "form", "give", "to", holder[1])
	officer.must(bulk+"/start", "kind", "release")

	const provider = "/console/exchange/providers/agua"
	admin.must("/console/exchange/providers/new", "code", "agua", "name", "Água", "agency", "dgrni", "endpoint", "https://agua.invalid/pedidos")
	admin.must(provider+"/keys/new", "overlap", "7", "keys",
		`{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`)
	admin.must("/console/certificates/"+s.cred+"/suspend", "reason", "a averiguar")
	h.staff(t, dispatcher).must("/staff/emergency", "role", "lighting-technician", "agency", "iluminacao", "hours", "1", "reason", "Há um poste caído na estrada")
	eventually(t, "both messages at both sides", func() bool {
		return h.count(t, `SELECT (SELECT count(*) FROM request.message) + (SELECT count(*) FROM orchestration.message)`) >= 4
	})
	h.failed(t)
}

// keysInChange begins to change keys, and proposes to destroy one.
func (h *house) keysInChange(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	rotation, _, _ := strings.Cut(admin.must("/console/keys/index/rotate"), "?")
	admin.must(rotation + "/pause")
	var key string
	if err := h.one(t, `SELECT kid FROM encryption.signing_key WHERE owner = 'dgrni' AND purpose = 'credential' AND status = 'active'`, nil, &key); err != nil {
		t.Fatal(err)
	}
	admin.must("/console/keys/signing/" + key + "/rotate")
	admin.must("/console/keys/destroy?act=compromised_key&target="+key, "reason", "perdido")
}

// leftovers puts down what other days leave behind: of counters, of work that went wrong or waits, of lists that a country brings along.
func (h *house) leftovers(t *testing.T, s stage, officer *client) {
	t.Helper()
	token := sha256.Sum256([]byte(officer.session()))
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		for _, sql := range leftovers {
			_, err := tx.Exec(ctx, `WITH given AS (SELECT a.id AS done, $2::uuid AS open, a.person_id AS person, s.account_id AS officer, $4::uuid AS extra
				FROM orchestration.application a, identity.session s WHERE a.id = $1 AND s.token_hash = $3) `+sql, s.done.ID, s.open.ID, token[:], leftover)
			if err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
}

// leftover is the id of what others refer to.
var leftover = uuid.New()

var leftovers = []string{
	`INSERT INTO desk.person (account_id, card, agency, office, written_by, written_at) SELECT person, '\x0a', 'dgrni', 'praia', officer, now() FROM given`,
	`INSERT INTO desk.person_token (token, account_id) SELECT '\x0b', person FROM given`,
	`INSERT INTO desk.visit (id, person_id, operator_id, agency, office, proof, begun_at, until)
		SELECT extra, person, officer, 'dgrni', 'praia', 'code', now(), '2199-06-01' FROM given`,
	`INSERT INTO identity.delegation (id, person_id, delegate_id, channel, address, address_index, kind, services, proof, status, invited_at, accepted_at)
		SELECT extra, person, officer, 'desk', '\x0c', '\x0c', 'visit', '{birth-certificate}', 'code', 'active', now(), now() FROM given`,
	`INSERT INTO desk.till (id, agency, office, counter, operator_id, status, currency, float_minor, opened_at)
		SELECT extra, 'dgrni', 'praia', '1', officer, 'open', 'CVE', 0, now() FROM given`,
	`INSERT INTO desk.till (id, agency, office, counter, operator_id, status, currency, float_minor, opened_at, counted_at)
		SELECT gen_random_uuid(), 'dgrni', 'praia', '2', person, 'counted', 'CVE', 0, now(), now() FROM given`,
	`INSERT INTO desk.appointment (id, agency, office, topic, person_id, at, status, booked_at, changed_at)
		SELECT extra, agency, office, code, person, now(), 'booked', now(), now() FROM given, desk.topic ORDER BY agency, office, code LIMIT 1`,
	`INSERT INTO desk.ticket (id, agency, office, topic, day, number, status, appointment_id, taken_at)
		SELECT extra, agency, office, topic, current_date, 1, 'waiting', id, now() FROM given, desk.appointment WHERE id = extra`,
	`INSERT INTO desk.ticket (id, agency, office, topic, day, number, status, counter, called_by, taken_at, called_at)
		SELECT gen_random_uuid(), agency, office, topic, current_date, 2, 'called', '1', officer, now(), now() FROM given, desk.appointment WHERE id = extra`,
	`INSERT INTO desk.call (id, agency, office, person_id, way, outcome, text, by_id, at) SELECT extra, 'dgrni', 'praia', person, 'counter', 'answered', '\x0d', officer, now() FROM given`,

	`INSERT INTO payment.demand (id, number, payer_id, subject, subject_id, service, agency, reference, lang, status, amount_minor, currency, raised_at)
		SELECT extra, 'D-' || extra, payer_id, subject, extra, service, agency, reference, lang, 'open', 100, 'CVE', now() FROM given, payment.demand WHERE subject_id = done`,
	`INSERT INTO payment.charge (id, demand_id, gateway, status, amount_minor, currency, return_url, created_at, expires_at)
		SELECT extra, extra, code, 'created', 100, 'CVE', '/', now(), now() FROM given, payment.gateway LIMIT 1`,
	`INSERT INTO payment.link (id, demand_id, token_hash, made_at, charge_id) SELECT extra, extra, '\x17', now(), extra FROM given`,
	`INSERT INTO payment.collection (id, demand_id, till_id, place, means, status, amount_minor, tendered_minor, currency, detail, taken_by, taken_at)
		SELECT extra, extra, extra, 'dgrni/praia', 'cheque', 'taken', 100, 100, 'CVE', '\x0e', officer, now() FROM given`,
	`INSERT INTO payment.payment (id, demand_id, collection_id, status, amount_minor, currency, paid_at) SELECT extra, extra, extra, 'applied', 100, 'CVE', now() FROM given`,
	`INSERT INTO payment.posting (id, kind, till_id, subject_id, currency, by_id, at) SELECT extra, 'take', extra, extra, 'CVE', officer, now() FROM given`,
	`INSERT INTO payment.entry (posting_id, account, amount_minor) SELECT extra, account, minor FROM given, (VALUES ('cheque', 100), ('revenue', -100)) v (account, minor)`,

	`INSERT INTO workbench.twin (id, first_id, second_id, same, reason, by_id, at) SELECT extra, least(done, open), greatest(done, open), true, '\x0f', officer, now() FROM given`,
	`INSERT INTO workbench.bulk_item (bulk_id, no, application_id, branch, reference, rev, status, code) SELECT id, 99, done, '', 'x', 1, 'failed', 'x' FROM given, workbench.bulk`,
	`UPDATE workbench.bulk SET comment = '\x0f'`,
	`UPDATE workbench.handover SET reason = '\x0f'`,
	`UPDATE workflow.branch SET assignee = officer, claimed_at = now() FROM given`,

	`INSERT INTO orchestration.spot (application_id, service, lat, lng, received_at) SELECT open, 'streetlight-complaint', 1, 1, now() FROM given`,
	`INSERT INTO orchestration.follower (application_id, person_id, lang, since) SELECT open, officer, 'pt', now() FROM given`,
	`INSERT INTO orchestration.reveal (id, application_id, question, actor_id, reason, revealed_at, until) SELECT extra, open, 'mother_name', officer, '\x10', now(), '2199-06-01' FROM given`,
	`UPDATE orchestration.application SET named = false FROM given WHERE id = open`,
	`UPDATE request.entry SET note = '\x11' WHERE note IS NULL`,
	`INSERT INTO request.key (id, person_id, key, body, request_id, created_at) SELECT extra, person, '\x12', '\x12', done, now() FROM given`,
	`INSERT INTO profile.export (id, account_id, lang, status, asked_at) SELECT extra, person, 'pt', 'making', now() FROM given`,
	`INSERT INTO business.business (account_id, form, about, number_index, boundary, status, registered_at, changed_at)
		SELECT person, 'company', '\x20', '\x20', '', 'confirmed', now(), now() FROM given`,
	`INSERT INTO business.name_token (token, account_id) SELECT '\x21', person FROM given`,
	`INSERT INTO business.claim (id, account_id, claimant, proof, document_id, lang, status, reason, claimed_at, decided_at, decided_by)
		SELECT extra, person, officer, 'document', extra, 'pt', 'refused', '\x22', now(), now(), officer FROM given`,
	`INSERT INTO catalog.measure (service, received, decided, median_seconds, most_seconds, measured_at) VALUES ('birth-certificate', 2, 1, 60, 60, now()) ON CONFLICT DO NOTHING`,
	`INSERT INTO workflow.rota (agency, service, state, account_id, at) SELECT 'dgrni', 'birth-certificate', 'check', officer, now() FROM given`,

	`UPDATE agency.absence SET state = 'confirmed', valid_from = '2026-01-01', valid_until = '2199-06-01', decided_by = officer, decided_at = now() FROM given`,
	`INSERT INTO agency.import_row (import_id, number, seq, verdict, state, columns, problems, object) SELECT id, 99, 99, 'new', 'done', '{}', '[]', 'x' FROM given, agency.import`,
	`INSERT INTO tenancy.language (code, name, added_at, added_by) SELECT 'ur', 'اردو', now(), officer FROM given`,
	`INSERT INTO tenancy.wording (lang, key, text, source, changed_at, changed_by) SELECT 'ur', 'ui.back', '{"other": "x"}', '{"other": "y"}', now(), officer FROM given`,
	`INSERT INTO tenancy.wording_act (id, lang, kind, state, begun_at, begun_by) SELECT extra, 'ur', 'edit', 'done', now(), officer FROM given`,
	`INSERT INTO tenancy.wording_change (act, number, key, outcome, after) SELECT extra, 1, 'ui.back', 'new', '{"other": "x"}' FROM given`,
	`INSERT INTO refdata.code_list (code, name) VALUES ('sizes', '{"pt": "Tamanhos"}')`,
	`INSERT INTO refdata.code (list, code, name) VALUES ('sizes', 's', '{"pt": "Pequeno"}')`,
	`INSERT INTO refdata.number_format (code, pattern) VALUES ('sizes', '{n}')`,
	`INSERT INTO exchange.provider_key (provider, kid, jwk, fetched, added_at) VALUES ('agua', 'fetched', '{"kty": "EC"}', true, now())`,
	`UPDATE exchange.message SET provider = 'agua', status = 'queued', delivered_at = NULL WHERE direction = 'request' AND request_id = (SELECT open FROM given)`,
	`UPDATE exchange.route SET provider = 'agua' WHERE service IN (SELECT service FROM exchange.message WHERE provider = 'agua')`,
	`INSERT INTO notification.message (id, person_id, channel, address, text, lang, purpose, status, created_at)
		SELECT gen_random_uuid(), person, 'sms', '\x13', '\x13', 'pt', 'ensaio', status, now() FROM given, unnest(ARRAY['queued', 'waiting']) AS status`,
	`INSERT INTO simulator.foreign_case (id, agency, service, reference, request, status, received_at) SELECT extra, 'dgrni', 'x', 'x', '\x14', 'open', now() FROM given`,
	`INSERT INTO simulator.auth_code (hash, client_id, redirect_uri, subject, nonce, challenge, expires_at) VALUES ('\x15', 'digit', '/', 'x', 'x', 'x', now())`,
	`INSERT INTO encryption.rotation_column (rotation_id, name) SELECT id, 'desk.person_token.token' FROM encryption.rotation ON CONFLICT DO NOTHING`,

	`INSERT INTO studio.draft (id, code, agency, name, sort_name, base, head, last, created_at, created_by, changed_at, changed_by, discarded_at)
		SELECT extra, 'gone', 'dgrni', '{}', 'gone', 0, 1, 1, now(), officer, now(), officer, now() FROM given`,
	`INSERT INTO studio.revision (draft_id, no, parent, pack, hash, step, args, at, by_id) SELECT extra, 1, 0, '\x16', 'x', 'begin', '{}', now(), officer FROM given`,
	`INSERT INTO studio.presence (draft_id, account, part, spot, at) SELECT extra, officer, 'form', 'x', now() FROM given`,
	`INSERT INTO studio.proposal (id, draft_id, revision, way, code, agency, name, pack, hash, base, authors, state, comment, at, by_id, answer, version)
		SELECT extra, extra, 1, 'draft', 'gone', 'dgrni', '{}', '\x16', 'x', 0, ARRAY[officer], 'published', '', now(), officer, '', 1 FROM given`,
	`UPDATE identity.machine_secret SET ends_at = '2150-01-01'`,
	`INSERT INTO identity.directory_sync (id, directory, state, dry_run, started_at) SELECT extra, code, 'done', false, now() FROM given, identity.directory LIMIT 1`,
	`UPDATE identity.account SET emergency = true FROM given WHERE id = officer`,
}

// longWay puts down what a case leaves behind that goes several ways at once, is corrected, pays again and gets a letter.
func (h *house) longWay(t *testing.T, application string) {
	t.Helper()
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		for _, sql := range []string{
			`INSERT INTO workflow.branch (id, instance_id, code, agency, state, kind, role, rev, entered_at, due_key) SELECT gen_random_uuid(), id, 'fire', agency, 'fire', 'work', 'registrar', 1, now(), now() FROM workflow.instance WHERE id = $1`,
			`INSERT INTO orchestration.version (application_id, no, answers, items, until) VALUES ($1, 1, '\x08', '{}', now())`,
			`INSERT INTO orchestration.charge (id, application_id, demand_id, lines, minor, status, raised_at) VALUES (gen_random_uuid(), $1, gen_random_uuid(), '[]', 100, 'open', now())`,
			`INSERT INTO orchestration.letter (id, application_id, rev, code, number, words, written_at) VALUES (gen_random_uuid(), $1, 1, 'answer', 'OF-1', '\x09', now())`,
		} {
			if _, err := tx.Exec(ctx, sql, uuid.MustParse(application)); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
}

// elsewhere puts down what systems elsewhere leave behind that are not here: of somebody whom a provider and a directory know.
func (h *house) elsewhere(t *testing.T, whose *client) {
	t.Helper()
	way, token := h.ways(t), sha256.Sum256([]byte(whose.session()))
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		var session, account uuid.UUID
		if err := tx.QueryRow(ctx, `SELECT id, account_id FROM identity.session WHERE token_hash = $1`, token[:]).Scan(&session, &account); err != nil {
			return err
		}
		for _, sql := range []string{
			`INSERT INTO identity.federated (provider, kind, subject_index, account_id, linked_at) VALUES ($1, 'person', '\x01', $2, now())`,
			`INSERT INTO identity.federated_session (session_id, source, sid_hash, acr, level) VALUES ($3, 'provider:' || $1, '\x02', '', 1)`,
			`INSERT INTO identity.logout_token (provider, token_index, expires_at) VALUES ($1, '\x03', now() + interval '1 day')`,
			`INSERT INTO identity.grant_rule (id, source, condition, role, agency, boundary, changed_at) VALUES (gen_random_uuid(), 'provider:' || $1, 'true', 'auditor', '', '', now())`,
			`INSERT INTO identity.staff_door (local, changed_at) VALUES ('allowed', now())`,
			`INSERT INTO identity.directory_link (directory, entry_index, entry, account_id, linked_at) VALUES ($1, '\x04', '\x07', $2, now())`,
			`INSERT INTO identity.directory_try (id, login_index, ip_index, tried_at) VALUES (gen_random_uuid(), '\x05', '\x06', now())`,
			`INSERT INTO identity.directory_sync (id, directory, state, dry_run, started_at) VALUES ($3, $1, 'applying', false, now())`,
			`INSERT INTO identity.directory_change (sync_id, account_id, act, why, grants) VALUES ($3, $2, 'suspend', 'gone', '[]')`,
		} {
			if _, err := tx.Exec(ctx, "WITH given AS (SELECT $1::text, $2::uuid, $3::uuid) "+sql, way, account, session); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
}
