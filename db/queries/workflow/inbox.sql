-- name: ListWork :many
-- Open work of the given agencies and roles, most urgent first. Each pair reads its own stretch of instance_open_idx,
-- so a page costs the same whatever the pile. A pair's areas are its row of the matrix, joined by spaces; empty: all.
SELECT i.* FROM (
  SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
) g
CROSS JOIN LATERAL (
  SELECT w.* FROM workflow.instance w
  WHERE w.agency = g.agency AND w.role = g.role AND w.kind IN ('work', 'field')
    AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
    AND (NOT @unclaimed::boolean OR w.assignee IS NULL)
    AND (@service::text = '' OR w.service = @service)
    AND (@state::text = '' OR w.state = @state)
    AND (@boundary::text = '' OR @boundary = ANY (w.boundary_path))
    AND w.reference COLLATE "C" >= @reference::text AND w.reference COLLATE "C" < @reference_end::text
    AND w.due_key >= @due_from::timestamptz AND w.due_key < @due_to::timestamptz
    AND (w.due_key, w.id) > (@after_due::timestamptz, @after_id::uuid)
  ORDER BY w.due_key, w.id LIMIT @lim
) i
ORDER BY i.due_key, i.id LIMIT @lim;

-- name: ListMine :many
SELECT i.* FROM workflow.instance i
WHERE i.assignee = @me::uuid AND i.kind IN ('work', 'field')
  AND EXISTS (
    SELECT 1 FROM (
      SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
    ) g WHERE i.agency = g.agency AND i.role = g.role AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' ')))
  AND (@service::text = '' OR i.service = @service)
  AND (@state::text = '' OR i.state = @state)
  AND (@boundary::text = '' OR @boundary = ANY (i.boundary_path))
  AND i.reference COLLATE "C" >= @reference::text AND i.reference COLLATE "C" < @reference_end::text
  AND i.due_key >= @due_from::timestamptz AND i.due_key < @due_to::timestamptz
  AND (i.due_key, i.id) > (@after_due::timestamptz, @after_id::uuid)
ORDER BY i.due_key, i.id LIMIT @lim;

-- name: ListDone :many
-- Cases the officer has acted on and still has a role for, by the last act, newest first.
SELECT sqlc.embed(i), t.at FROM workflow.transition t JOIN workflow.instance i ON i.id = t.instance_id
WHERE t.actor_id = @me::uuid
  AND NOT EXISTS (SELECT 1 FROM workflow.transition l WHERE l.instance_id = t.instance_id AND l.actor_id = t.actor_id AND l.rev > t.rev)
  AND EXISTS (
    SELECT 1 FROM (SELECT unnest(@agencies::text[]) AS agency, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area) g
    WHERE g.agency IN ('', i.agency) AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' ')))
  AND (@service::text = '' OR i.service = @service)
  AND (@state::text = '' OR i.state = @state)
  AND (@boundary::text = '' OR @boundary = ANY (i.boundary_path))
  AND i.reference COLLATE "C" >= @reference::text AND i.reference COLLATE "C" < @reference_end::text
  AND (t.at, t.instance_id) < (@before::timestamptz, @before_id::uuid)
ORDER BY t.at DESC, t.instance_id DESC LIMIT @lim;

-- name: CountWork :many
SELECT o.service, o.state, count(*) AS team,
  count(*) FILTER (WHERE o.assignee IS NULL) AS unclaimed,
  count(*) FILTER (WHERE o.assignee = @me::uuid) AS mine,
  count(*) FILTER (WHERE o.due_key < @now::timestamptz) AS overdue,
  count(*) FILTER (WHERE o.due_key >= @now::timestamptz AND o.due_key < @soon::timestamptz) AS soon,
  count(*) FILTER (WHERE o.assignee = @me::uuid AND o.due_key < @now::timestamptz) AS mine_overdue
FROM (
  SELECT i.agency, i.role, i.boundary_path, i.service, i.state, i.assignee, i.due_key FROM workflow.instance i WHERE i.kind IN ('work', 'field')
  UNION ALL
  SELECT b.agency, b.role, w.boundary_path, w.service, b.state, b.assignee, b.due_key
  FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id WHERE b.kind <> 'done' AND NOT b.closed
) o
JOIN (
  SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
) g ON o.agency = g.agency AND o.role = g.role AND (g.everywhere OR o.boundary_path && string_to_array(g.area, ' '))
GROUP BY o.service, o.state ORDER BY o.service, o.state;

-- name: ListBranchWork :many
-- ListWork, of branches.
SELECT sqlc.embed(w), sqlc.embed(b) FROM (
  SELECT x.id, x.instance_id FROM (
    SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
  ) g
  CROSS JOIN LATERAL (
    SELECT b.id, b.instance_id, b.due_key FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
    WHERE b.agency = g.agency AND b.role = g.role AND b.kind <> 'done' AND NOT b.closed
      AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
      AND (NOT @unclaimed::boolean OR b.assignee IS NULL)
      AND (@service::text = '' OR w.service = @service)
      AND (@state::text = '' OR b.state = @state)
      AND (@boundary::text = '' OR @boundary = ANY (w.boundary_path))
      AND w.reference COLLATE "C" >= @reference::text AND w.reference COLLATE "C" < @reference_end::text
      AND b.due_key >= @due_from::timestamptz AND b.due_key < @due_to::timestamptz
      AND (b.due_key, b.id) > (@after_due::timestamptz, @after_id::uuid)
    ORDER BY b.due_key, b.id LIMIT @lim
  ) x
) i
JOIN workflow.branch b ON b.id = i.id
JOIN workflow.instance w ON w.id = i.instance_id
ORDER BY b.due_key, b.id LIMIT @lim;

-- name: ListMyBranches :many
SELECT sqlc.embed(w), sqlc.embed(b) FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
WHERE b.assignee = @me::uuid AND b.kind <> 'done' AND NOT b.closed
  AND EXISTS (
    SELECT 1 FROM (
      SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
    ) g WHERE b.agency = g.agency AND b.role = g.role AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' ')))
  AND (@service::text = '' OR w.service = @service)
  AND (@state::text = '' OR b.state = @state)
  AND (@boundary::text = '' OR @boundary = ANY (w.boundary_path))
  AND w.reference COLLATE "C" >= @reference::text AND w.reference COLLATE "C" < @reference_end::text
  AND b.due_key >= @due_from::timestamptz AND b.due_key < @due_to::timestamptz
  AND (b.due_key, b.id) > (@after_due::timestamptz, @after_id::uuid)
ORDER BY b.due_key, b.id LIMIT @lim;
