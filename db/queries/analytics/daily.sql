-- name: InsertApplied :execrows
INSERT INTO analytics.applied (event_id, applied_at) VALUES (@event_id, @applied_at) ON CONFLICT DO NOTHING;

-- name: AddDaily :exec
INSERT INTO analytics.daily (agency, day, service, boundary, received, decided, approved, rejected, withdrawn, kept, overdue, moved, working_seconds)
VALUES (@agency, @day, @service, @boundary, @received, @decided, @approved, @rejected, @withdrawn, @kept, @overdue, @moved, @working_seconds)
ON CONFLICT (tenant_id, agency, day, service, boundary) DO UPDATE SET
  received = daily.received + EXCLUDED.received, decided = daily.decided + EXCLUDED.decided, approved = daily.approved + EXCLUDED.approved,
  rejected = daily.rejected + EXCLUDED.rejected, withdrawn = daily.withdrawn + EXCLUDED.withdrawn, kept = daily.kept + EXCLUDED.kept,
  overdue = daily.overdue + EXCLUDED.overdue, moved = daily.moved + EXCLUDED.moved, working_seconds = daily.working_seconds + EXCLUDED.working_seconds;

-- name: AddRevenue :exec
INSERT INTO analytics.revenue (agency, day, service, boundary, currency, payments, paid_minor)
VALUES (@agency, @day, @service, @boundary, @currency, 1, @paid_minor)
ON CONFLICT (tenant_id, agency, day, service, boundary, currency) DO UPDATE SET
  payments = revenue.payments + 1, paid_minor = revenue.paid_minor + EXCLUDED.paid_minor;

-- name: SumDaily :one
SELECT COALESCE(sum(received), 0)::bigint AS received, COALESCE(sum(decided), 0)::bigint AS decided, COALESCE(sum(approved), 0)::bigint AS approved,
  COALESCE(sum(rejected), 0)::bigint AS rejected, COALESCE(sum(withdrawn), 0)::bigint AS withdrawn, COALESCE(sum(kept), 0)::bigint AS kept,
  COALESCE(sum(overdue), 0)::bigint AS overdue, COALESCE(sum(moved), 0)::bigint AS moved, COALESCE(sum(working_seconds), 0)::bigint AS working_seconds
FROM analytics.daily WHERE (@everywhere::boolean OR agency = ANY (@agencies::text[])) AND day BETWEEN @from_day AND @to_day;

-- name: SumByDay :many
SELECT day, sum(received)::bigint AS received, sum(decided)::bigint AS decided, sum(approved)::bigint AS approved,
  sum(rejected)::bigint AS rejected, sum(withdrawn)::bigint AS withdrawn, sum(kept)::bigint AS kept,
  sum(overdue)::bigint AS overdue, sum(moved)::bigint AS moved, sum(working_seconds)::bigint AS working_seconds
FROM analytics.daily WHERE (@everywhere::boolean OR agency = ANY (@agencies::text[])) AND day BETWEEN @from_day AND @to_day
GROUP BY day ORDER BY day;

-- name: SumByService :many
SELECT agency, service, sum(received)::bigint AS received, sum(decided)::bigint AS decided, sum(approved)::bigint AS approved,
  sum(rejected)::bigint AS rejected, sum(withdrawn)::bigint AS withdrawn, sum(kept)::bigint AS kept,
  sum(overdue)::bigint AS overdue, sum(moved)::bigint AS moved, sum(working_seconds)::bigint AS working_seconds
FROM analytics.daily WHERE (@everywhere::boolean OR agency = ANY (@agencies::text[])) AND day BETWEEN @from_day AND @to_day
GROUP BY agency, service ORDER BY sum(received) DESC, service, agency;

-- name: SumRevenue :many
SELECT currency, sum(paid_minor)::bigint AS paid_minor
FROM analytics.revenue WHERE (@everywhere::boolean OR agency = ANY (@agencies::text[])) AND day BETWEEN @from_day AND @to_day
GROUP BY currency ORDER BY currency;

-- name: SumRevenueByDay :many
SELECT day, currency, sum(paid_minor)::bigint AS paid_minor
FROM analytics.revenue WHERE (@everywhere::boolean OR agency = ANY (@agencies::text[])) AND day BETWEEN @from_day AND @to_day
GROUP BY day, currency ORDER BY day, currency;

-- name: SumRevenueByService :many
SELECT agency, service, currency, sum(paid_minor)::bigint AS paid_minor
FROM analytics.revenue WHERE (@everywhere::boolean OR agency = ANY (@agencies::text[])) AND day BETWEEN @from_day AND @to_day
GROUP BY agency, service, currency ORDER BY service, agency, currency;

-- name: TakeDaily :exec
UPDATE analytics.daily SET decided = decided - @decided::bigint, approved = approved - @approved::bigint, rejected = rejected - @rejected::bigint,
  withdrawn = withdrawn - @withdrawn::bigint, kept = kept - @kept::bigint, working_seconds = working_seconds - @working_seconds::bigint
WHERE agency = @agency AND day = @day AND service = @service AND boundary = @boundary;

-- name: LockDecision :one
SELECT * FROM analytics.decision WHERE case_id = @case_id FOR UPDATE;

-- name: PutDecision :exec
INSERT INTO analytics.decision (case_id, agency, day, service, boundary, outcome, kept, working_seconds, decided_at, counted)
VALUES (@case_id, @agency, @day, @service, @boundary, @outcome, @kept, @working_seconds, @decided_at, true)
ON CONFLICT (tenant_id, case_id) DO UPDATE SET agency = EXCLUDED.agency, day = EXCLUDED.day, service = EXCLUDED.service, boundary = EXCLUDED.boundary,
  outcome = EXCLUDED.outcome, kept = EXCLUDED.kept, working_seconds = EXCLUDED.working_seconds, decided_at = EXCLUDED.decided_at, counted = true;

-- name: UncountDecision :exec
UPDATE analytics.decision SET counted = false WHERE case_id = @case_id;
