-- Sessions that are in no level: they named none, and nobody assigned them to one. The one last heard of first.
-- $app_id text
-- $limit integer
SELECT
    app_id,
    session_id,
    newest.player_id AS player_id,
    newest.build_id AS build_id,
    epoch_us(first_at) AS first_us,
    epoch_us(last_at) AS last_us,
    events,
    samples
FROM sessions s
ANTI JOIN assigned_levels a ON a.app_id = s.app_id AND a.session_id = s.session_id
WHERE first_level IS NULL AND ($app_id IS NULL OR app_id = $app_id)
ORDER BY last_at DESC, app_id, session_id
LIMIT coalesce($limit, 100000)
