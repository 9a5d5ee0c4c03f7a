-- The most frequent values of a column among the newest events; of a payload, what is at a path, or the names in it.
-- $column text, required
-- $path text
-- $prefix text
-- $app_id text
-- $newest integer, required
-- $limit integer, required
WITH page AS (
    SELECT * FROM events WHERE $app_id IS NULL OR app_id = $app_id ORDER BY seq DESC LIMIT $newest
),
told AS (
    SELECT CASE $column
        WHEN 'event' THEN name
        WHEN 'app' THEN app_id
        WHEN 'build' THEN build_id
        WHEN 'player' THEN player_id
        WHEN 'session' THEN session_id
        WHEN 'level' THEN level_id
        WHEN 'input' THEN input
        WHEN 'ip' THEN peer
        WHEN 'route' THEN route
        WHEN 'status' THEN (SELECT any_value(t.status) FROM trajectories t WHERE t.seq = page.seq)
    END AS value
    FROM page
    WHERE $path IS NULL
    UNION ALL
    SELECT CASE json_type(found) WHEN 'VARCHAR' THEN found ->> '$' ELSE found::VARCHAR END AS value
    FROM (
        SELECT json_extract(CASE $column WHEN 'hardware' THEN hardware ELSE custom_data END, $path) AS found
        FROM page
        WHERE $path <> '$' AND $column IN ('custom_data', 'hardware')
    )
    WHERE json_type(found) NOT IN ('NULL', 'OBJECT', 'ARRAY')
    UNION ALL
    SELECT unnest(json_keys(CASE $column WHEN 'hardware' THEN hardware ELSE custom_data END)) AS value
    FROM page
    WHERE $path = '$' AND $column IN ('custom_data', 'hardware')
)
SELECT value, count(*) AS events
FROM told
WHERE value <> '' AND ($prefix IS NULL OR starts_with(lower(value), lower($prefix)))
GROUP BY value
ORDER BY events DESC, value
LIMIT $limit
