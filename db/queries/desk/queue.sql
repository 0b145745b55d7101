-- name: PutTopic :exec
INSERT INTO desk.topic (agency, office, code, name, minutes, places, active) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, agency, office, code) DO UPDATE SET name = excluded.name, minutes = excluded.minutes, places = excluded.places, active = excluded.active;

-- name: ListTopics :many
SELECT * FROM desk.topic WHERE agency = $1 AND office = $2 ORDER BY code;

-- name: ListAllTopics :many
SELECT * FROM desk.topic WHERE active ORDER BY agency, office, code;

-- name: LockTopic :one
SELECT * FROM desk.topic WHERE agency = $1 AND office = $2 AND code = $3 FOR UPDATE;

-- name: NextTicket :one
SELECT (coalesce(max(number), 0) + 1)::int FROM desk.ticket WHERE agency = $1 AND office = $2 AND topic = $3 AND day = $4;

-- name: InsertTicket :exec
INSERT INTO desk.ticket (id, agency, office, topic, day, number, status, appointment_id, taken_at) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8);

-- name: GetTicket :one
SELECT * FROM desk.ticket WHERE id = $1;

-- name: GetTicketOf :one
SELECT * FROM desk.ticket WHERE appointment_id = sqlc.arg(appointment_id)::uuid;

-- name: ListTickets :many
-- The tickets of a day that matter: those who wait, and those who were called, the last first.
SELECT t.*, a.at AS due FROM desk.ticket t LEFT JOIN desk.appointment a ON a.tenant_id = t.tenant_id AND a.id = t.appointment_id
WHERE t.agency = @agency AND t.office = @office AND t.day = @day AND t.status = ANY(@statuses::text[])
ORDER BY CASE WHEN t.status = 'waiting' THEN 1 ELSE 0 END, t.called_at DESC NULLS LAST, coalesce(a.at, t.taken_at), t.id LIMIT @size;

-- name: NextWaiting :one
-- Who is called next: whoever has an appointment that is due before who waits without, each in their order; nobody is called twice.
SELECT t.* FROM desk.ticket t LEFT JOIN desk.appointment a ON a.tenant_id = t.tenant_id AND a.id = t.appointment_id
WHERE t.agency = @agency AND t.office = @office AND t.day = @day AND t.status = 'waiting' AND (cardinality(@topics::text[]) = 0 OR t.topic = ANY(@topics::text[]))
ORDER BY CASE WHEN a.at <= @now::timestamptz THEN 0 ELSE 1 END, coalesce(a.at, t.taken_at), t.id LIMIT 1 FOR UPDATE OF t SKIP LOCKED;

-- name: CallTicket :exec
UPDATE desk.ticket SET status = 'called', counter = @counter, called_by = sqlc.arg(called_by)::uuid, calls = calls + 1, called_at = sqlc.arg(now)::timestamptz WHERE id = @id;

-- name: GetCalled :one
SELECT * FROM desk.ticket WHERE called_by = sqlc.arg(called_by)::uuid AND status = 'called' FOR UPDATE;

-- name: EndTicket :exec
UPDATE desk.ticket SET status = @status, ended_at = sqlc.arg(now)::timestamptz WHERE id = @id AND status = 'called';

-- name: InsertAppointment :exec
INSERT INTO desk.appointment (id, agency, office, topic, person_id, at, status, booked_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, 'booked', $7, $7);

-- name: LockAppointment :one
SELECT * FROM desk.appointment WHERE id = $1 FOR UPDATE;

-- name: SetAppointment :exec
UPDATE desk.appointment SET status = $2, changed_at = $3 WHERE id = $1;

-- name: CountAppointments :many
SELECT at, count(*)::int AS n FROM desk.appointment
WHERE agency = $1 AND office = $2 AND topic = $3 AND status <> 'cancelled' AND at >= sqlc.arg(since) AND at < sqlc.arg(until) GROUP BY at;

-- name: ListPersonAppointments :many
SELECT * FROM desk.appointment WHERE person_id = $1 ORDER BY at DESC LIMIT $2;

-- name: ListDayAppointments :many
SELECT * FROM desk.appointment WHERE agency = $1 AND office = $2 AND at >= sqlc.arg(since) AND at < sqlc.arg(until) AND status <> 'cancelled' ORDER BY at, id LIMIT 500;
