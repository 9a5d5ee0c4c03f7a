-- The sessions that moved about in a level: when each was there first and last, and which build it ran.
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $limit integer
SELECT
    app_id, session_id, any_value(player_id) AS player_id, any_value(build_id) AS build_id,
    epoch_us(min(start_at)) AS entered_us, epoch_us(max(end_at)) AS last_us, sum(samples)::BIGINT AS samples
FROM placed_trajectories
WHERE level = $level_id
    -- include in_scope
GROUP BY app_id, session_id
ORDER BY last_us DESC, app_id, session_id
LIMIT coalesce($limit, 100000)
