-- name: ListStepTimes :many
-- How long steps lasted that staff ended, of the agencies and areas that somebody supervises; by officer too where it is asked for.
SELECT i.service, t.from_state AS state, (CASE WHEN @by_actor::boolean THEN t.actor_id ELSE '00000000-0000-0000-0000-000000000000' END)::uuid AS actor_id, count(*) AS moves,
  percentile_disc(0.5) WITHIN GROUP (ORDER BY t.working)::bigint AS half, percentile_disc(0.9) WITHIN GROUP (ORDER BY t.working)::bigint AS most
FROM workflow.transition t JOIN workflow.instance i ON i.tenant_id = t.tenant_id AND i.id = t.instance_id
WHERE t.cause = 'staff' AND t.at >= @from_time::timestamptz AND t.at < @until_time::timestamptz
  AND (@service::text = '' OR i.service = @service) AND (@state::text = '' OR t.from_state = @state)
  AND (@actor::uuid = '00000000-0000-0000-0000-000000000000' OR t.actor_id = @actor)
  AND EXISTS (
    SELECT 1 FROM (SELECT unnest(@agencies::text[]) AS agency, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area) g
    WHERE (g.agency = '' OR g.agency = i.agency) AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' ')))
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: ListReasonCounts :many
-- How often each coded reason was given for an action, and how often the action was taken with any.
SELECT c.service, c.state, c.action, r.reason::text AS reason, count(*) AS times, max(c.taken)::bigint AS taken
FROM (
  SELECT i.service, t.from_state AS state, t.action, t.reasons, count(*) OVER (PARTITION BY i.service, t.from_state, t.action) AS taken
  FROM workflow.transition t JOIN workflow.instance i ON i.tenant_id = t.tenant_id AND i.id = t.instance_id
  WHERE t.cause = 'staff' AND t.at >= @from_time::timestamptz AND t.at < @until_time::timestamptz AND cardinality(t.reasons) > 0
    AND (@service::text = '' OR i.service = @service) AND (@state::text = '' OR t.from_state = @state)
    AND (@actor::uuid = '00000000-0000-0000-0000-000000000000' OR t.actor_id = @actor)
    AND EXISTS (
      SELECT 1 FROM (SELECT unnest(@agencies::text[]) AS agency, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area) g
      WHERE (g.agency = '' OR g.agency = i.agency) AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' ')))
) c CROSS JOIN LATERAL unnest(c.reasons) AS r (reason)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 5 DESC, 4;

-- name: ListMoves :many
-- What staff did, the longest step first.
SELECT sqlc.embed(i), t.rev, t.from_state, t.action, t.actor_id, t.reasons, t.at, t.working
FROM workflow.transition t JOIN workflow.instance i ON i.tenant_id = t.tenant_id AND i.id = t.instance_id
WHERE t.cause = 'staff' AND t.at >= @from_time::timestamptz AND t.at < @until_time::timestamptz
  AND (@service::text = '' OR i.service = @service) AND (@state::text = '' OR t.from_state = @state)
  AND (@actor::uuid = '00000000-0000-0000-0000-000000000000' OR t.actor_id = @actor)
  AND (@action::text = '' OR t.action = @action) AND (@reason::text = '' OR @reason = ANY (t.reasons))
  AND EXISTS (
    SELECT 1 FROM (SELECT unnest(@agencies::text[]) AS agency, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area) g
    WHERE (g.agency = '' OR g.agency = i.agency) AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' ')))
  AND (t.working, t.instance_id, t.rev) < (@before_working::bigint, @before_case::uuid, @before_rev::bigint)
ORDER BY t.working DESC, t.instance_id DESC, t.rev DESC LIMIT @lim;
