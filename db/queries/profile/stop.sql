-- name: StopChannel :execrows
UPDATE profile.person SET stopped = stopped || @channel::text, changed_at = @now WHERE account_id = @account_id AND NOT @channel::text = ANY(stopped);

-- name: ResumeChannel :execrows
UPDATE profile.person SET stopped = array_remove(stopped, @channel::text), changed_at = @now,
  channels = CASE WHEN @channel::text = ANY(channels) THEN channels ELSE channels || @channel::text END
WHERE account_id = @account_id AND @channel::text = ANY(stopped);
