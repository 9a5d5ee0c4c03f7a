-- The newest samples in a level, ordered by session and time: one line a trajectory, in the game's axes and units.
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
-- $limit integer
WITH tracks AS MATERIALIZED (
    SELECT seq, app_id, session_id, player_id, start_at, end_at, samples, fps_mean, fps_low_5, fps_low_1
    FROM placed_trajectories
    WHERE level = $level_id
        -- include in_scope
        -- include overlapping
),
-- Whole trajectories since `since` are enough to reach the limit, so nothing older can be among the newest: it is left
-- out before the samples are sorted.
enough AS MATERIALIZED (
    SELECT max(start_at) AS since FROM (
        SELECT start_at, sum(samples) OVER (ORDER BY start_at DESC, seq DESC ROWS UNBOUNDED PRECEDING) AS newer
        FROM tracks
        WHERE ($from_us IS NULL OR start_at >= make_timestamp($from_us))
            AND ($to_us IS NULL OR end_at <= make_timestamp($to_us))
    )
    WHERE newer >= coalesce($limit, 5000000)
),
wanted AS (
    SELECT t.*, e.since FROM tracks t CROSS JOIN enough e WHERE e.since IS NULL OR t.end_at >= e.since
)
SELECT * FROM (
    SELECT
        t.seq, t.app_id, t.session_id, t.player_id, epoch_us(s.time) AS time_us, s.idx AS sample, s.x, s.y, s.z,
        t.fps_mean, t.fps_low_5, t.fps_low_1
    FROM wanted t
    JOIN samples s ON s.seq = t.seq
    WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
        AND (t.since IS NULL OR s.time >= t.since)
    ORDER BY s.time DESC, t.seq DESC, s.idx DESC
    LIMIT coalesce($limit, 5000000)
)
ORDER BY app_id, session_id, time_us, seq, sample
