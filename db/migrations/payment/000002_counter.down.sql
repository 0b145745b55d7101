DROP TABLE payment.entry;
DROP FUNCTION payment.balanced();
DROP TABLE payment.posting;
DELETE FROM payment.receipt WHERE payment_id IN (SELECT id FROM payment.payment WHERE charge_id IS NULL);
DELETE FROM payment.payment WHERE charge_id IS NULL;
DROP INDEX payment.receipt_demand_key;
CREATE UNIQUE INDEX receipt_demand_key ON payment.receipt (tenant_id, demand_id);
DROP INDEX payment.receipt_demand_idx;
ALTER TABLE payment.receipt DROP COLUMN cancelled_at;
ALTER TABLE payment.payment
  DROP CONSTRAINT payment_source_check, DROP CONSTRAINT payment_status_check, DROP COLUMN collection_id, ALTER COLUMN charge_id SET NOT NULL;
ALTER TABLE payment.payment ADD CONSTRAINT payment_status_check CHECK (status IN ('applied', 'surplus', 'refunded'));
DROP TABLE payment.collection;
