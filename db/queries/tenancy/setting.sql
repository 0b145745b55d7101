-- name: GetSetting :one
SELECT name, tagline, languages, default_language, currency, zone, phone_region, accent, contact_email, contact_phone, changed_at, staff_second_factor, approval_step_up_over, staff_named, undo_seconds, wording, kept_decided_years, kept_paid_years
FROM tenancy.setting;

-- name: PutSetting :exec
INSERT INTO tenancy.setting (name, tagline, languages, default_language, currency, zone, phone_region, accent, contact_email, contact_phone, changed_at, staff_second_factor, approval_step_up_over, staff_named, undo_seconds,
  kept_decided_years, kept_paid_years)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (tenant_id) DO UPDATE SET name = EXCLUDED.name, tagline = EXCLUDED.tagline, languages = EXCLUDED.languages,
  default_language = EXCLUDED.default_language, currency = EXCLUDED.currency, zone = EXCLUDED.zone, phone_region = EXCLUDED.phone_region,
  accent = EXCLUDED.accent, contact_email = EXCLUDED.contact_email, contact_phone = EXCLUDED.contact_phone, changed_at = EXCLUDED.changed_at,
  staff_second_factor = EXCLUDED.staff_second_factor, approval_step_up_over = EXCLUDED.approval_step_up_over, staff_named = EXCLUDED.staff_named,
  undo_seconds = EXCLUDED.undo_seconds, kept_decided_years = EXCLUDED.kept_decided_years, kept_paid_years = EXCLUDED.kept_paid_years;
