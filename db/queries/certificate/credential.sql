-- name: FindBySubject :one
SELECT id
FROM certificate.credential
WHERE type = @type AND subject_id = @subject_id;

-- name: InsertCredential :exec
INSERT INTO certificate.credential (id, number, type, agency, agency_name, title, holder_id, subject, subject_id, lang, content, status,
                                    list_id, list_index, issued_at, expires_at)
VALUES (@id, @number, @type, @agency, @agency_name, @title, @holder_id, @subject, @subject_id, @lang, @content, 'valid',
        @list_id, @list_index, @issued_at, @expires_at);

-- name: GetCredential :one
SELECT id, number, type, agency, agency_name, title, holder_id, subject, subject_id, lang, content, status, reason, list_id, list_index,
       issued_at, expires_at, document_id, pdf_sha256
FROM certificate.credential
WHERE id = @id;

-- name: FindByNumber :one
SELECT id
FROM certificate.credential
WHERE number = @number;

-- name: ListCredentials :many
SELECT id, number, type, agency, agency_name, title, holder_id, subject, subject_id, lang, status, reason, issued_at, expires_at, document_id
FROM certificate.credential
WHERE (@agency::text = '' OR agency = @agency)
  AND (@status::text = '' OR status = @status)
  AND (@number::text = '' OR number = @number)
  AND (@holder_id::uuid = '00000000-0000-0000-0000-000000000000' OR holder_id = @holder_id)
  AND (@before::uuid = '00000000-0000-0000-0000-000000000000' OR id < @before)
ORDER BY id DESC
LIMIT @count;

-- name: SetCredentialStatus :execrows
UPDATE certificate.credential
SET status = @status, reason = @reason
WHERE id = @id AND status <> 'revoked' AND status <> @status;

-- name: SetCredentialPDF :execrows
UPDATE certificate.credential
SET document_id = @document_id, pdf_sha256 = @pdf_sha256
WHERE id = @id AND document_id IS NULL;

-- name: LockOpenList :one
SELECT id, issued
FROM certificate.status_list
WHERE agency = @agency AND issued < 8192
ORDER BY id
LIMIT 1
FOR UPDATE;

-- name: InsertList :exec
INSERT INTO certificate.status_list (id, agency, created_at)
VALUES (@id, @agency, @created_at);

-- name: CountIssued :exec
UPDATE certificate.status_list
SET issued = issued + 1
WHERE id = @id;

-- name: GetList :one
SELECT agency
FROM certificate.status_list
WHERE id = @id;

-- name: IndexTaken :one
SELECT EXISTS (SELECT 1 FROM certificate.credential WHERE list_id = @list_id AND list_index = @list_index);

-- name: ListStatuses :many
SELECT list_index, status
FROM certificate.credential
WHERE list_id = @list_id AND status <> 'valid'
ORDER BY list_index;
