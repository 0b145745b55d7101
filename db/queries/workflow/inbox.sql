-- name: ListWork :many
-- Open work of the given agencies and roles in the order asked for: by due time, or by age. Each pair reads its own stretch of the index
-- that has the order, so a page costs the same whatever the pile. A pair's areas are its row of the matrix, joined by spaces; empty: all.
-- Where a search has found a few cases already, these alone are looked at.
-- The order and whether it is few stand in g, not in the arms: a plan for given values would take an arm that they rule out for one that reads
-- all of the table, and start workers for it. In the arms by age the bounds of due times are no reason to go by due time.
SELECT sqlc.embed(w) FROM (
  SELECT x.id, x.at FROM (
    SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area,
      @sort::text AS sort, @few::boolean AS few
  ) g
  CROSS JOIN LATERAL (
    (SELECT w.id, w.due_key AS at FROM workflow.instance w
     WHERE g.sort = 'due' AND NOT g.few
       AND w.agency = g.agency AND w.role = g.role AND w.kind IN ('work', 'field')
       AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
       AND (NOT @unclaimed::boolean OR w.assignee IS NULL)
       AND (@holder::uuid = '00000000-0000-0000-0000-000000000000' OR w.assignee = @holder)
       AND (@service::text = '' OR w.service = @service)
       AND (@state::text = '' OR w.state = @state)
       AND (@boundary::text = '' OR @boundary = ANY (w.boundary_path))
       AND w.reference COLLATE "C" >= @reference::text AND w.reference COLLATE "C" < @reference_end::text
       AND w.due_key >= @due_from::timestamptz AND w.due_key < @due_to::timestamptz
       AND (w.due_key, w.id) > (@after_at::timestamptz, @after_id::uuid)
     ORDER BY w.due_key, w.id LIMIT @lim)
    UNION ALL
    (SELECT w.id, w.started_at AS at FROM workflow.instance w
     WHERE g.sort = 'oldest' AND NOT g.few
       AND w.agency = g.agency AND w.role = g.role AND w.kind IN ('work', 'field')
       AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
       AND (NOT @unclaimed OR w.assignee IS NULL)
       AND (@holder = '00000000-0000-0000-0000-000000000000' OR w.assignee = @holder)
       AND (@service = '' OR w.service = @service)
       AND (@state = '' OR w.state = @state)
       AND (@boundary = '' OR @boundary = ANY (w.boundary_path))
       AND w.reference COLLATE "C" >= @reference AND w.reference COLLATE "C" < @reference_end
       AND (w.due_key >= @due_from AND w.due_key < @due_to) IS TRUE
       AND (w.started_at, w.id) > (@after_at, @after_id)
     ORDER BY w.started_at, w.id LIMIT @lim)
    UNION ALL
    (SELECT w.id, w.started_at AS at FROM workflow.instance w
     WHERE g.sort = 'newest' AND NOT g.few
       AND w.agency = g.agency AND w.role = g.role AND w.kind IN ('work', 'field')
       AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
       AND (NOT @unclaimed OR w.assignee IS NULL)
       AND (@holder = '00000000-0000-0000-0000-000000000000' OR w.assignee = @holder)
       AND (@service = '' OR w.service = @service)
       AND (@state = '' OR w.state = @state)
       AND (@boundary = '' OR @boundary = ANY (w.boundary_path))
       AND w.reference COLLATE "C" >= @reference AND w.reference COLLATE "C" < @reference_end
       AND (w.due_key >= @due_from AND w.due_key < @due_to) IS TRUE
       AND (w.started_at, w.id) < (@after_at, @after_id)
     ORDER BY w.started_at DESC, w.id DESC LIMIT @lim)
    UNION ALL
    (SELECT w.id, CASE WHEN @sort = 'due' THEN w.due_key ELSE w.started_at END AS at FROM workflow.instance w
     WHERE g.few AND w.id = ANY (@ids::uuid[])
       AND w.agency = g.agency AND w.role = g.role AND w.kind IN ('work', 'field')
       AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
       AND (NOT @unclaimed OR w.assignee IS NULL)
       AND (@holder = '00000000-0000-0000-0000-000000000000' OR w.assignee = @holder)
       AND (@service = '' OR w.service = @service)
       AND (@state = '' OR w.state = @state)
       AND (@boundary = '' OR @boundary = ANY (w.boundary_path))
       AND w.due_key >= @due_from AND w.due_key < @due_to
       AND CASE @sort WHEN 'due' THEN (w.due_key, w.id) > (@after_at, @after_id) WHEN 'oldest' THEN (w.started_at, w.id) > (@after_at, @after_id)
           ELSE (w.started_at, w.id) < (@after_at, @after_id) END)
  ) x
  ORDER BY CASE WHEN @sort = 'newest' THEN x.at END DESC NULLS LAST, CASE WHEN @sort = 'newest' THEN x.id END DESC NULLS LAST, x.at, x.id
  LIMIT @lim
) p
JOIN workflow.instance w ON w.id = p.id;

-- name: ListMine :many
SELECT i.* FROM workflow.instance i
WHERE i.assignee = @me::uuid AND i.kind IN ('work', 'field')
  AND EXISTS (
    SELECT 1 FROM (
      SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
    ) g WHERE i.agency = g.agency AND i.role = g.role AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' ')))
  AND (NOT @few::boolean OR i.id = ANY (@ids::uuid[]))
  AND (@service::text = '' OR i.service = @service)
  AND (@state::text = '' OR i.state = @state)
  AND (@boundary::text = '' OR @boundary = ANY (i.boundary_path))
  AND i.reference COLLATE "C" >= @reference::text AND i.reference COLLATE "C" < @reference_end::text
  AND i.due_key >= @due_from::timestamptz AND i.due_key < @due_to::timestamptz
  AND CASE @sort::text WHEN 'due' THEN (i.due_key, i.id) > (@after_at::timestamptz, @after_id::uuid) WHEN 'oldest' THEN (i.started_at, i.id) > (@after_at, @after_id)
      ELSE (i.started_at, i.id) < (@after_at, @after_id) END
ORDER BY CASE WHEN @sort = 'newest' THEN i.started_at END DESC NULLS LAST, CASE WHEN @sort = 'newest' THEN i.id END DESC NULLS LAST,
  CASE WHEN @sort = 'due' THEN i.due_key ELSE i.started_at END, i.id LIMIT @lim;

-- name: ListDone :many
-- Cases the officer has acted on and still has a role for, by the last act, newest first.
SELECT sqlc.embed(i), t.at FROM workflow.transition t JOIN workflow.instance i ON i.id = t.instance_id
WHERE t.actor_id = @me::uuid
  AND NOT EXISTS (SELECT 1 FROM workflow.transition l WHERE l.instance_id = t.instance_id AND l.actor_id = t.actor_id AND l.rev > t.rev)
  AND EXISTS (
    SELECT 1 FROM (SELECT unnest(@agencies::text[]) AS agency, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area) g
    WHERE g.agency IN ('', i.agency) AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' ')))
  AND (NOT @few::boolean OR i.id = ANY (@ids::uuid[]))
  AND (@service::text = '' OR i.service = @service)
  AND (@state::text = '' OR i.state = @state)
  AND (@boundary::text = '' OR @boundary = ANY (i.boundary_path))
  AND i.reference COLLATE "C" >= @reference::text AND i.reference COLLATE "C" < @reference_end::text
  AND (t.at, t.instance_id) < (@before::timestamptz, @before_id::uuid)
ORDER BY t.at DESC, t.instance_id DESC LIMIT @lim;

-- name: CountWork :many
-- Each pair of agency and role counts its own stretch of the index, which has all that is looked at.
SELECT o.service, o.state, count(*) AS team,
  count(*) FILTER (WHERE o.assignee IS NULL) AS unclaimed,
  count(*) FILTER (WHERE o.assignee = @me::uuid) AS mine,
  count(*) FILTER (WHERE o.due_key < @now::timestamptz) AS overdue,
  count(*) FILTER (WHERE o.due_key >= @now::timestamptz AND o.due_key < @soon::timestamptz) AS soon,
  count(*) FILTER (WHERE o.assignee = @me::uuid AND o.due_key < @now::timestamptz) AS mine_overdue
FROM (
  SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
) g
CROSS JOIN LATERAL (
  SELECT i.service, i.state, i.assignee, i.due_key FROM workflow.instance i
  WHERE i.agency = g.agency AND i.role = g.role AND i.kind IN ('work', 'field') AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' '))
  UNION ALL
  SELECT w.service, b.state, b.assignee, b.due_key FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
  WHERE b.agency = g.agency AND b.role = g.role AND b.kind <> 'done' AND NOT b.closed AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
) o
GROUP BY o.service, o.state ORDER BY o.service, o.state;

-- name: CountLists :many
-- How much each of some lists has, counted no further than a bound.
SELECT f.n::integer AS n, (SELECT count(*) FROM (
  SELECT 1 FROM (
    SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
  ) g
  CROSS JOIN LATERAL (
    SELECT 1 FROM workflow.instance i
    WHERE i.agency = g.agency AND i.role = g.role AND i.kind IN ('work', 'field') AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' '))
      AND (f.queue <> 'unclaimed' OR i.assignee IS NULL) AND (f.queue <> 'mine' OR i.assignee = @me::uuid)
      AND (f.holder = '00000000-0000-0000-0000-000000000000' OR i.assignee = f.holder)
      AND (f.service = '' OR i.service = f.service) AND (f.state = '' OR i.state = f.state) AND (f.boundary = '' OR f.boundary = ANY (i.boundary_path))
      AND i.due_key >= f.due_from AND i.due_key < f.due_to
    UNION ALL
    SELECT 1 FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
    WHERE b.agency = g.agency AND b.role = g.role AND b.kind <> 'done' AND NOT b.closed AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
      AND (f.queue <> 'unclaimed' OR b.assignee IS NULL) AND (f.queue <> 'mine' OR b.assignee = @me::uuid)
      AND (f.holder = '00000000-0000-0000-0000-000000000000' OR b.assignee = f.holder)
      AND (f.service = '' OR w.service = f.service) AND (f.state = '' OR b.state = f.state) AND (f.boundary = '' OR f.boundary = ANY (w.boundary_path))
      AND b.due_key >= f.due_from AND b.due_key < f.due_to
  ) o LIMIT @bound
) c) AS total
FROM (
  SELECT unnest(@numbers::integer[]) AS n, unnest(@queues::text[]) AS queue, unnest(@holders::uuid[]) AS holder, unnest(@services::text[]) AS service,
    unnest(@states::text[]) AS state, unnest(@boundaries::text[]) AS boundary, unnest(@due_froms::timestamptz[]) AS due_from, unnest(@due_tos::timestamptz[]) AS due_to
) f ORDER BY f.n;

-- name: ListBranchWork :many
-- ListWork, of branches.
SELECT sqlc.embed(w), sqlc.embed(b) FROM (
  SELECT x.id, x.instance_id FROM (
    SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area,
      @sort::text AS sort, @few::boolean AS few
  ) g
  CROSS JOIN LATERAL (
    (SELECT b.id, b.instance_id FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
     WHERE g.sort = 'due' AND NOT g.few
       AND b.agency = g.agency AND b.role = g.role AND b.kind <> 'done' AND NOT b.closed
       AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
       AND (NOT @unclaimed::boolean OR b.assignee IS NULL)
       AND (@holder::uuid = '00000000-0000-0000-0000-000000000000' OR b.assignee = @holder)
       AND (@service::text = '' OR w.service = @service)
       AND (@state::text = '' OR b.state = @state)
       AND (@boundary::text = '' OR @boundary = ANY (w.boundary_path))
       AND w.reference COLLATE "C" >= @reference::text AND w.reference COLLATE "C" < @reference_end::text
       AND b.due_key >= @due_from::timestamptz AND b.due_key < @due_to::timestamptz
       AND (b.due_key, b.id) > (@after_at::timestamptz, @after_id::uuid)
     ORDER BY b.due_key, b.id LIMIT @lim)
    UNION ALL
    (SELECT b.id, b.instance_id FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
     WHERE (g.few OR g.sort <> 'due')
       AND b.agency = g.agency AND b.role = g.role AND b.kind <> 'done' AND NOT b.closed
       AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
       AND (NOT @unclaimed OR b.assignee IS NULL)
       AND (@holder = '00000000-0000-0000-0000-000000000000' OR b.assignee = @holder)
       AND (NOT @few OR w.id = ANY (@ids::uuid[]))
       AND (@service = '' OR w.service = @service)
       AND (@state = '' OR b.state = @state)
       AND (@boundary = '' OR @boundary = ANY (w.boundary_path))
       AND w.reference COLLATE "C" >= @reference AND w.reference COLLATE "C" < @reference_end
       AND b.due_key >= @due_from AND b.due_key < @due_to
       AND CASE @sort WHEN 'due' THEN (b.due_key, b.id) > (@after_at, @after_id) WHEN 'oldest' THEN (w.started_at, b.id) > (@after_at, @after_id)
           ELSE (w.started_at, b.id) < (@after_at, @after_id) END
     ORDER BY CASE WHEN @sort = 'newest' THEN w.started_at END DESC NULLS LAST, CASE WHEN @sort = 'newest' THEN b.id END DESC NULLS LAST,
       CASE WHEN @sort = 'due' THEN b.due_key ELSE w.started_at END, b.id LIMIT @lim)
  ) x
) i
JOIN workflow.branch b ON b.id = i.id
JOIN workflow.instance w ON w.id = i.instance_id;

-- name: ListMyBranches :many
SELECT sqlc.embed(w), sqlc.embed(b) FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
WHERE b.assignee = @me::uuid AND b.kind <> 'done' AND NOT b.closed
  AND EXISTS (
    SELECT 1 FROM (
      SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
    ) g WHERE b.agency = g.agency AND b.role = g.role AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' ')))
  AND (NOT @few::boolean OR w.id = ANY (@ids::uuid[]))
  AND (@service::text = '' OR w.service = @service)
  AND (@state::text = '' OR b.state = @state)
  AND (@boundary::text = '' OR @boundary = ANY (w.boundary_path))
  AND w.reference COLLATE "C" >= @reference::text AND w.reference COLLATE "C" < @reference_end::text
  AND b.due_key >= @due_from::timestamptz AND b.due_key < @due_to::timestamptz
  AND CASE @sort::text WHEN 'due' THEN (b.due_key, b.id) > (@after_at::timestamptz, @after_id::uuid) WHEN 'oldest' THEN (w.started_at, b.id) > (@after_at, @after_id)
      ELSE (w.started_at, b.id) < (@after_at, @after_id) END
ORDER BY CASE WHEN @sort = 'newest' THEN w.started_at END DESC NULLS LAST, CASE WHEN @sort = 'newest' THEN b.id END DESC NULLS LAST,
  CASE WHEN @sort = 'due' THEN b.due_key ELSE w.started_at END, b.id LIMIT @lim;

-- name: ListReferences :many
-- The cases whose references begin so, no more than a few: what a search narrows a list to where that is quicker than going through it.
SELECT id FROM workflow.instance WHERE reference COLLATE "C" >= @reference::text AND reference COLLATE "C" < @reference_end::text LIMIT @bound;

-- name: ListInstances :many
SELECT * FROM workflow.instance WHERE id = ANY (@ids::uuid[]);

-- name: ListLoads :many
-- The open work of the given agencies and roles by who has it.
SELECT o.assignee, o.service, count(*) AS open, count(*) FILTER (WHERE o.due_key < @now::timestamptz) AS overdue,
  count(*) FILTER (WHERE o.due_key >= @now::timestamptz AND o.due_key < @soon::timestamptz) AS soon
FROM (
  SELECT unnest(@agencies::text[]) AS agency, unnest(@roles::text[]) AS role, unnest(@everywhere::boolean[]) AS everywhere, unnest(@areas::text[]) AS area
) g
CROSS JOIN LATERAL (
  SELECT i.service, i.assignee, i.due_key FROM workflow.instance i
  WHERE i.agency = g.agency AND i.role = g.role AND i.kind IN ('work', 'field') AND (g.everywhere OR i.boundary_path && string_to_array(g.area, ' '))
  UNION ALL
  SELECT w.service, b.assignee, b.due_key FROM workflow.branch b JOIN workflow.instance w ON w.tenant_id = b.tenant_id AND w.id = b.instance_id
  WHERE b.agency = g.agency AND b.role = g.role AND b.kind <> 'done' AND NOT b.closed AND (g.everywhere OR w.boundary_path && string_to_array(g.area, ' '))
) o
GROUP BY o.assignee, o.service;

-- name: CountDone :many
-- How many moves some people have made since a moment.
SELECT actor_id::uuid AS actor_id, count(*) AS done FROM workflow.transition
WHERE actor_id = ANY (@accounts::uuid[]) AND at >= @since::timestamptz GROUP BY actor_id;
