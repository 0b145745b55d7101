-- name: ListHolidays :many
SELECT calendar, to_char(day, 'YYYY-MM-DD')::text AS day, name, hours FROM refdata.holiday
WHERE calendar = ANY (sqlc.arg(calendars)::text[]) ORDER BY holiday.day, calendar;

-- name: PutHolidays :exec
INSERT INTO refdata.holiday (calendar, day, name, hours)
SELECT sqlc.arg(calendar), h.day::date, h.name, h.hours
FROM (SELECT unnest(sqlc.arg(days)::text[]) AS day, unnest(sqlc.arg(names)::jsonb[]) AS name, unnest(sqlc.arg(hours)::text[]) AS hours) h
ON CONFLICT (tenant_id, calendar, day) DO UPDATE SET name = excluded.name, hours = excluded.hours;

-- name: DeleteHoliday :execrows
DELETE FROM refdata.holiday WHERE calendar = sqlc.arg(calendar) AND day = sqlc.arg(day)::text::date;

-- name: ListOpenings :many
SELECT calendar, weekday, opens, closes, nth FROM refdata.opening
WHERE calendar = ANY (sqlc.arg(calendars)::text[]) ORDER BY calendar, weekday, opens, nth;

-- name: DeleteOpenings :exec
DELETE FROM refdata.opening WHERE calendar = sqlc.arg(calendar);

-- name: PutOpenings :exec
INSERT INTO refdata.opening (calendar, weekday, opens, closes, nth)
SELECT sqlc.arg(calendar), o.weekday, o.opens, o.closes, o.nth
FROM (SELECT unnest(sqlc.arg(weekdays)::smallint[]) AS weekday, unnest(sqlc.arg(opens)::smallint[]) AS opens,
  unnest(sqlc.arg(closes)::smallint[]) AS closes, unnest(sqlc.arg(nths)::smallint[]) AS nth) o;

-- name: ListCalendars :many
-- Whose calendars have something of their own.
SELECT calendar FROM refdata.opening UNION SELECT calendar FROM refdata.holiday ORDER BY calendar;
