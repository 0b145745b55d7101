-- name: InsertNameTokens :exec
INSERT INTO orchestration.name_token (token, person_id) SELECT unnest(@tokens::bytea[]), @person_id::uuid ON CONFLICT DO NOTHING;

-- name: DeleteNameTokens :exec
DELETE FROM orchestration.name_token WHERE person_id = @person_id;

-- name: SetNamed :exec
UPDATE orchestration.application SET named = true WHERE id = ANY (@ids::uuid[]);

-- name: ListUnnamed :many
-- Applications whose applicants cannot be found by name yet.
SELECT id, person_id FROM orchestration.application WHERE NOT named ORDER BY id LIMIT @size;

-- name: ListNamesOf :many
SELECT id, name FROM orchestration.application WHERE person_id = @person_id ORDER BY id LIMIT 200;

-- name: PageNameTokens :many
SELECT DISTINCT ON (person_id) person_id, substring(token FROM 1 FOR 8)::bytea AS head FROM orchestration.name_token
WHERE person_id > @after ORDER BY person_id, token LIMIT @size;

-- name: CountNamed :many
-- How many people have a word in their name, counted no further than a bound, word by word.
SELECT w.token::bytea AS token, (SELECT count(*) FROM (SELECT 1 FROM orchestration.name_token n WHERE n.token = w.token LIMIT @bound) x) AS people
FROM (SELECT unnest(@tokens::bytea[]) AS token) w;

-- name: ListNamed :many
-- Who has one of the rarest word's tokens and, word by word, one of each of the others': a row each person and word found.
SELECT n.person_id, o.token FROM orchestration.name_token n
JOIN orchestration.name_token o ON o.person_id = n.person_id AND o.token = ANY (@others::bytea[])
WHERE n.token = ANY (@rarest::bytea[]);

-- name: ListOfPeople :many
-- The applications of some people, the newest first.
SELECT id FROM orchestration.application WHERE person_id = ANY (@people::uuid[]) ORDER BY id DESC LIMIT @size;

-- name: ListNear :many
-- Applications of the same service from the same place lately, the newest first.
SELECT id FROM orchestration.application
WHERE service = @service AND boundary = @boundary AND received_at > @since AND received_at < @until AND id <> @id::uuid ORDER BY received_at DESC, id LIMIT @size;
