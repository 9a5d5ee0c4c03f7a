-- tracks: trajectories of a level, cut to the span of time; the bounds are of all their samples. cut: of each that
-- reaches out of it, its samples inside.
tracks AS MATERIALIZED (
    SELECT
        seq, app_id, build_id, session_id, player_id, samples, min_x, min_y, min_z, max_x, max_y, max_z,
        greatest(start_at, coalesce(make_timestamp($from_us), start_at)) AS start_in,
        least(end_at, coalesce(make_timestamp($to_us), end_at)) AS end_in,
        (start_at < start_in OR end_at > end_in) AS reaches_out
    FROM placed_trajectories
    WHERE level = $level_id
        -- include in_scope
        -- include overlapping
),
cut AS (
    SELECT s.seq, count(*) AS samples
    FROM samples s
    SEMI JOIN (SELECT seq FROM tracks WHERE reaches_out) t ON t.seq = s.seq
    WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
    GROUP BY s.seq
)
