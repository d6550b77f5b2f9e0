-- Statements on what partners report of payments.

-- name: reported_statuses
-- The clients on the bill of a month, each with the status that was reported before, if any.
SELECT l.client_id, p.status
FROM partner_billing_file f
JOIN partner_billing_line l ON l.file = f.id
LEFT JOIN partner_payment p
    ON p.partner = f.partner AND p.client_id = l.client_id AND p.period = f.period
WHERE f.partner = %(partner)s AND f.period = %(period)s AND l.client_id = ANY(%(clients)s);

-- name: save_payments
-- Store the reported status of each client. The order prevents deadlocks.
INSERT INTO partner_payment (partner, client_id, period, status, reason)
SELECT %(partner)s, n.client_id, %(period)s, n.status, n.reason
FROM unnest(%(clients)s::text[], %(statuses)s::text[], %(reasons)s::text[])
    AS n (client_id, status, reason)
ORDER BY n.client_id COLLATE "C"
ON CONFLICT (partner, client_id, period) DO UPDATE
    SET status = excluded.status, reason = excluded.reason;

-- name: withdraw_proposals
-- Reject, in the name of the partner, open proposals that an unpaid month caused which is paid now.
UPDATE partner_proposal
SET state = 'rejected', decided = now(), decided_by = partner
WHERE partner = %(partner)s
    AND client_id = ANY(%(clients)s)
    AND source = 'billing'
    AND state = 'open'
    AND position(%(period)s IN reason) > 0
RETURNING id, client_id;

-- name: propose_terminations
-- Propose to end the contracts of clients with two unpaid bills in a row: this month and the bill
-- before or after it. Months without an amount are no bills. One open proposal is enough.
INSERT INTO partner_proposal (partner, client_id, kind, source, reason, details)
SELECT DISTINCT ON (c.client_id)
    %(partner)s, c.client_id, 'terminate', 'billing',
    format(
        'impayé deux fois / unpaid twice: %%s, %%s',
        least(neighbour.period, %(period)s),
        greatest(neighbour.period, %(period)s)
    ),
    '{}'
FROM unnest(%(clients)s::text[]) AS unpaid (client_id)
JOIN partner_customer c
    ON c.partner = %(partner)s
    AND c.client_id = unpaid.client_id
    AND c.end_of_contract_date IS NULL
CROSS JOIN LATERAL (
    (
        SELECT f.period
        FROM partner_billing_file f
        JOIN partner_billing_line l
            ON l.file = f.id AND l.client_id = c.client_id AND l.amount_excl_tax > 0
        WHERE f.partner = %(partner)s AND f.period < %(period)s
        ORDER BY f.period DESC
        LIMIT 1
    )
    UNION ALL
    (
        SELECT f.period
        FROM partner_billing_file f
        JOIN partner_billing_line l
            ON l.file = f.id AND l.client_id = c.client_id AND l.amount_excl_tax > 0
        WHERE f.partner = %(partner)s AND f.period > %(period)s
        ORDER BY f.period
        LIMIT 1
    )
) neighbour
JOIN partner_payment p
    ON p.partner = %(partner)s
    AND p.client_id = c.client_id
    AND p.period = neighbour.period
    AND p.status = 'unpaid'
ORDER BY c.client_id, neighbour.period DESC
ON CONFLICT DO NOTHING;
