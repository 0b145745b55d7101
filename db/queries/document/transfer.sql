-- name: InsertTransfer :exec
INSERT INTO document.transfer (id, person_id, for_id, at, size, sha256, begun_at)
VALUES (@id, @person_id, @for_id, @at, @size, @sha256, @now)
ON CONFLICT DO NOTHING;

-- name: LockTransfer :one
SELECT * FROM document.transfer WHERE id = @id FOR UPDATE;

-- name: CountTransfers :one
SELECT count(*) FROM document.transfer WHERE for_id = @for_id AND file_id IS NULL;

-- name: SetReceived :exec
UPDATE document.transfer SET received = @received WHERE id = @id;

-- name: SetTransferFile :exec
UPDATE document.transfer SET file_id = @file_id WHERE id = @id;

-- name: DeleteTransfer :exec
DELETE FROM document.transfer WHERE id = @id;

-- name: DeleteStaleTransfers :exec
DELETE FROM document.transfer WHERE begun_at < @before;

-- name: InsertPiece :exec
INSERT INTO document.piece (id, transfer_id, at, content) VALUES (@id, @transfer_id, @at, @content);

-- name: ListPieces :many
SELECT id, content FROM document.piece WHERE transfer_id = @transfer_id ORDER BY at;

-- name: DeletePieces :exec
DELETE FROM document.piece WHERE transfer_id = @transfer_id;

-- name: PagePieces :many
SELECT p.id, substring(p.content FROM 1 FOR 6)::bytea AS head FROM document.piece p
JOIN document.transfer t ON t.tenant_id = p.tenant_id AND t.id = p.transfer_id
WHERE p.id > @after AND t.person_id = @person ORDER BY p.id LIMIT @size;

-- name: LockPiece :one
SELECT p.content, t.person_id FROM document.piece p JOIN document.transfer t ON t.tenant_id = p.tenant_id AND t.id = p.transfer_id WHERE p.id = @id FOR UPDATE OF p;

-- name: SetPiece :exec
UPDATE document.piece SET content = @content WHERE id = @id;
