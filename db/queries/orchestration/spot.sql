-- name: InsertSpot :exec
INSERT INTO orchestration.spot (application_id, service, lat, lng, received_at) VALUES (@application_id, @service, @lat, @lng, @received_at) ON CONFLICT DO NOTHING;

-- name: ListSpots :many
SELECT s.application_id, s.lat, s.lng, s.received_at FROM orchestration.spot s
JOIN orchestration.application a ON a.tenant_id = s.tenant_id AND a.id = s.application_id
WHERE s.service = @service AND s.lat BETWEEN @south AND @north AND s.lng BETWEEN @west AND @east AND s.received_at >= @since AND a.outcome = '' AND a.person_id <> @person
ORDER BY s.received_at DESC LIMIT 50;

-- name: InsertFollower :execrows
INSERT INTO orchestration.follower (application_id, person_id, lang, since) VALUES (@application_id, @person_id, @lang, @now) ON CONFLICT DO NOTHING;

-- name: ListFollowers :many
SELECT person_id, lang FROM orchestration.follower WHERE application_id = $1 ORDER BY person_id;
