-- tracks: trajectories of a level, cut to the span of time. cut: by build, the samples inside of those that reach out of
-- it. parts: the others' samples, and all else, summed up by session, as texts of few rows are told apart much faster.
tracks AS NOT MATERIALIZED (
    SELECT
        seq, app_id, build_id, session_id, player_id, samples,
        greatest(start_at, coalesce(make_timestamp($from_us), start_at)) AS start_in,
        least(end_at, coalesce(make_timestamp($to_us), end_at)) AS end_in,
        (coalesce(start_at < make_timestamp($from_us), FALSE) OR coalesce(end_at > make_timestamp($to_us), FALSE))
            AS reaches_out
    FROM placed_trajectories
    WHERE level = $level_id
        -- include in_scope
        -- include overlapping
),
cut AS (
    SELECT t.build_id, count(*) AS samples
    FROM samples s
    JOIN (SELECT seq, build_id FROM tracks WHERE reaches_out) t ON t.seq = s.seq
    WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
    GROUP BY t.build_id
),
parts AS (
    SELECT
        app_id, build_id, session_id, player_id,
        min(start_in) AS start_in,
        max(end_in) AS end_in,
        sum(epoch_us(end_in) - epoch_us(start_in)) AS played_us,
        sum(samples) FILTER (NOT reaches_out) AS samples
    FROM tracks
    GROUP BY app_id, build_id, session_id, player_id
)
