-- name: read_call
-- A service call with its building, unit, tenant and supplier.
SELECT c.id, c.call_no, c.priority, c.status, c.subject, c.description, c.reported_at,
  c.ticket_uid::text AS ticket, b.patrimony_uid::text AS patrimony,
  s.provider_contact_uid::text AS provider_contact, b.name AS building,
  b.civic_no_and_street AS street, b.postal_code, b.city, b.province, b.country,
  b.manager_name, b.phone AS manager_phone, b.email AS manager_email,
  nullif(trim(u.unit_code), '') AS unit_code, u.floor,
  t.first_name AS tenant_first_name, t.last_name AS tenant_last_name,
  coalesce(t.mobile_phone, t.phone) AS tenant_phone, t.email AS tenant_email
FROM rentals.service_call c JOIN rentals.building b ON b.id = c.building_id
LEFT JOIN rentals.unit u ON u.id = c.unit_id
LEFT JOIN rentals.tenant t ON t.id = c.tenant_id
LEFT JOIN rentals.supplier s ON s.id = c.supplier_id
WHERE c.id = %s;
