-- name: PutReceived :exec
INSERT INTO performance.clock (case_id, agency, service, boundary, received_at, due_at)
VALUES (@case_id, @agency, @service, @boundary, @received_at, sqlc.narg(due_at))
ON CONFLICT (tenant_id, case_id) DO UPDATE SET
  received_at = EXCLUDED.received_at, due_at = CASE WHEN clock.moved_at IS NULL THEN EXCLUDED.due_at ELSE clock.due_at END;

-- name: PutMoved :exec
INSERT INTO performance.clock (case_id, agency, service, boundary, due_at, paused, moved_at, moved_by)
VALUES (@case_id, @agency, @service, @boundary, sqlc.narg(due_at), @paused, @moved_at, @moved_by)
ON CONFLICT (tenant_id, case_id) DO UPDATE SET
  due_at = EXCLUDED.due_at, paused = EXCLUDED.paused, moved_at = EXCLUDED.moved_at, moved_by = EXCLUDED.moved_by
WHERE clock.moved_at IS NULL OR (clock.moved_at, clock.moved_by) < (EXCLUDED.moved_at, EXCLUDED.moved_by);

-- name: PutDecided :exec
INSERT INTO performance.clock (case_id, agency, service, boundary, decided_at, outcome, kept, working_seconds)
VALUES (@case_id, @agency, @service, @boundary, @decided_at, @outcome, @kept, @working_seconds)
ON CONFLICT (tenant_id, case_id) DO UPDATE SET
  decided_at = EXCLUDED.decided_at, outcome = EXCLUDED.outcome, kept = EXCLUDED.kept, working_seconds = EXCLUDED.working_seconds;

-- name: SummariseOpen :many
SELECT agency, service, count(*) AS open, count(*) FILTER (WHERE NOT paused AND due_at < @now::timestamptz) AS overdue, count(*) FILTER (WHERE paused) AS paused
FROM performance.clock
WHERE decided_at IS NULL AND (@everywhere::boolean OR agency = ANY (@agencies::text[]))
GROUP BY agency, service ORDER BY service, agency;

-- name: SummariseDecided :many
-- Cases that were promised nothing do not count, nor those that were withdrawn in time: nobody could keep anything.
SELECT agency, service, count(*) FILTER (WHERE kept AND outcome <> 'withdrawn' AND due_at IS NOT NULL) AS kept,
  count(*) FILTER (WHERE NOT kept) AS breached, count(*) FILTER (WHERE outcome <> 'withdrawn') AS decided,
  COALESCE(percentile_disc(0.5) WITHIN GROUP (ORDER BY working_seconds) FILTER (WHERE outcome <> 'withdrawn'), 0)::bigint AS median_seconds
FROM performance.clock
WHERE decided_at >= @from_time::timestamptz AND decided_at < @to_time::timestamptz AND (@everywhere::boolean OR agency = ANY (@agencies::text[]))
GROUP BY agency, service ORDER BY service, agency;

-- name: MedianSeconds :one
SELECT count(*) AS decided, COALESCE(percentile_disc(0.5) WITHIN GROUP (ORDER BY working_seconds), 0)::bigint AS median_seconds
FROM performance.clock
WHERE decided_at >= @from_time::timestamptz AND decided_at < @to_time::timestamptz AND outcome <> 'withdrawn'
  AND (@everywhere::boolean OR agency = ANY (@agencies::text[]));

-- name: ListOverdue :many
SELECT case_id, agency, service, boundary, received_at, due_at FROM performance.clock
WHERE decided_at IS NULL AND NOT paused AND due_at < @now::timestamptz AND (@everywhere::boolean OR agency = ANY (@agencies::text[]))
  AND (due_at, case_id) > (@after_due::timestamptz, @after_case::uuid)
ORDER BY due_at, case_id LIMIT @lim;

-- name: ListMeasured :many
-- Cases that were withdrawn count as received and not as decided.
SELECT service, count(*) FILTER (WHERE received_at >= @since::timestamptz) AS received,
  count(*) FILTER (WHERE decided_at >= @since AND outcome <> 'withdrawn') AS decided,
  COALESCE(percentile_disc(0.5) WITHIN GROUP (ORDER BY working_seconds) FILTER (WHERE decided_at >= @since AND outcome <> 'withdrawn'), 0)::bigint AS median_seconds,
  COALESCE(percentile_disc(0.9) WITHIN GROUP (ORDER BY working_seconds) FILTER (WHERE decided_at >= @since AND outcome <> 'withdrawn'), 0)::bigint AS most_seconds
FROM performance.clock WHERE received_at >= @since OR decided_at >= @since
GROUP BY service ORDER BY service;
