-- The newest frame rates that trajectories told, ordered by session and time. level_id is the session's level then.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
-- $limit integer
SELECT * FROM (
    SELECT
        seq, app_id, session_id, player_id, build_id, level AS level_id,
        epoch_us(start_at) AS start_us, epoch_us(end_at) AS end_us,
        fps_mean AS mean, fps_low_5 AS low_5, fps_low_1 AS low_1
    FROM placed_trajectories
    WHERE coalesce(fps_mean, fps_low_5, fps_low_1) IS NOT NULL
        -- include in_scope
        -- include overlapping
    ORDER BY start_at DESC, seq DESC
    LIMIT coalesce($limit, 1000000)
)
ORDER BY app_id, session_id, start_us, seq
