-- The newest gameplay events in a level that have a position, oldest first, in the game's axes and units.
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $limit integer
SELECT * FROM (
    SELECT
        seq, request_id, idx AS "index", epoch_us(time) AS time_us, name, app_id, session_id, player_id, x, y, z
    FROM placed_events
    WHERE kind = 2
        AND x IS NOT NULL
        AND level = $level_id
        -- include in_scope
    ORDER BY seq DESC
    LIMIT coalesce($limit, 200000)
)
ORDER BY seq
