-- What was played in one level: sessions and players, from when to when, how long trajectories lasted, and samples. A
-- trajectory that reaches out of the span of time counts by its part inside.
-- $level_id text, required
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH tracks AS MATERIALIZED (
    SELECT
        seq, app_id, session_id, player_id, samples,
        greatest(start_at, coalesce(make_timestamp($from_us), start_at)) AS start_in,
        least(end_at, coalesce(make_timestamp($to_us), end_at)) AS end_in,
        (start_at < start_in OR end_at > end_in) AS reaches_out
    FROM placed_trajectories
    WHERE level = $level_id
        AND ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
        AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
),
cut AS (
    SELECT s.seq, count(*) AS samples
    FROM samples s
    SEMI JOIN (SELECT seq FROM tracks WHERE reaches_out) t ON t.seq = s.seq
    WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
    GROUP BY s.seq
)
SELECT
    count(DISTINCT (app_id, session_id)) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    coalesce(epoch_us(min(start_in)), 0) AS first_us,
    coalesce(epoch_us(max(end_in)), 0) AS last_us,
    coalesce(sum(epoch_us(end_in) - epoch_us(start_in)), 0)::BIGINT AS played_us,
    coalesce(sum(CASE WHEN reaches_out THEN coalesce(c.samples, 0) ELSE t.samples END), 0)::BIGINT AS samples
FROM tracks t
LEFT JOIN cut c ON c.seq = t.seq
