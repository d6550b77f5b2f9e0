-- name: count_by_facet
-- How many tickets meet a condition, by each value of each facet.
WITH hits AS MATERIALIZED (
    SELECT closed, agencies, purpose, city, intervention, provider FROM ticket WHERE {condition}
)
SELECT CASE WHEN closed THEN 'status:CLOSED' ELSE 'status:OPENED' END, count(*)
FROM hits GROUP BY closed
UNION ALL
SELECT 'callPurposes:' || purpose, count(*) FROM hits GROUP BY purpose
UNION ALL
SELECT 'locations:' || city, count(*) FROM hits GROUP BY city
UNION ALL
SELECT 'interventions:' || intervention::text, count(*) FROM hits GROUP BY intervention
UNION ALL
SELECT 'providers:' || provider, count(*) FROM hits WHERE provider IS NOT NULL GROUP BY provider
UNION ALL
SELECT 'agencies:' || agency, sum(n)::bigint
FROM (SELECT agencies, count(*) AS n FROM hits GROUP BY agencies) g,
    unnest(g.agencies) AS agency
GROUP BY agency;
