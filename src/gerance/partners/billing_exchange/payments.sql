-- name: propose_terminations
-- Propose the termination of clients whose bill of the period and a neighbouring one are unpaid.
INSERT INTO partner_proposal (partner, client_id, kind, source, reason, details)
SELECT DISTINCT ON (c.client_id) %(partner)s, c.client_id, 'terminate', 'billing',
    format('impayé deux fois / unpaid twice: %%s, %%s', least(neighbour.period, %(period)s),
        greatest(neighbour.period, %(period)s)),
    %(details)s
FROM unnest(%(clients)s::text[]) AS client (client_id)
JOIN partner_customer c ON c.partner = %(partner)s AND c.client_id = client.client_id
    AND c.end_of_contract_date IS NULL
CROSS JOIN LATERAL (
    (
        SELECT f.period FROM partner_billing_file f
        JOIN partner_billing_line l ON l.file = f.id
            AND l.client_id = c.client_id AND l.amount_excl_tax > 0
        WHERE f.partner = %(partner)s AND f.period < %(period)s
        ORDER BY f.period DESC LIMIT 1
    )
    UNION ALL
    (
        SELECT f.period FROM partner_billing_file f
        JOIN partner_billing_line l ON l.file = f.id
            AND l.client_id = c.client_id AND l.amount_excl_tax > 0
        WHERE f.partner = %(partner)s AND f.period > %(period)s
        ORDER BY f.period LIMIT 1
    )
) neighbour
JOIN partner_payment p ON p.partner = %(partner)s AND p.client_id = c.client_id
    AND p.period = neighbour.period AND p.status = 'unpaid'
ORDER BY c.client_id, neighbour.period DESC
ON CONFLICT DO NOTHING;
