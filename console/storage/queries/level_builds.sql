-- Who moved on a level, by build: how many sessions and players, how long, and from when to when. A trajectory that
-- reaches out of the span of time counts by its part inside.
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH tracks AS MATERIALIZED (
    SELECT
        seq, app_id, build_id, session_id, player_id, samples,
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
    build_id,
    count(DISTINCT (app_id, session_id)) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    sum(CASE WHEN reaches_out THEN coalesce(c.samples, 0) ELSE t.samples END)::BIGINT AS samples,
    sum(greatest(epoch_us(end_in) - epoch_us(start_in), 0))::DOUBLE / 1e6 AS seconds,
    epoch_us(min(start_in)) AS first_us,
    epoch_us(max(end_in)) AS last_us
FROM tracks t
LEFT JOIN cut c ON c.seq = t.seq
GROUP BY build_id
ORDER BY last_us DESC, build_id
