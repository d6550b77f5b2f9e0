-- What the billing run charged for: the id of the tenant (rent), of its TenantService, TenantParking
-- or TenantStorage. Null for what clients added and for charges that came from elsewhere.
ALTER TABLE rentals.transaction ADD COLUMN source_id integer;
-- The same is never charged twice for a month, whoever runs the billing at the same time.
CREATE UNIQUE INDEX transaction_billed_once ON rentals.transaction
  (tenant_id, period, kind, source_id) WHERE source_id IS NOT NULL;
