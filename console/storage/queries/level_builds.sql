-- Who moved on a level, by build: how many sessions and players, how long, and from when to when.
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
SELECT
    build_id,
    count(DISTINCT (app_id, session_id)) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    sum(samples)::BIGINT AS samples,
    sum(greatest(epoch_us(end_at) - epoch_us(start_at), 0))::DOUBLE / 1e6 AS seconds,
    epoch_us(min(start_at)) AS first_us,
    epoch_us(max(end_at)) AS last_us
FROM (
    -- A trajectory that reaches out of the span of time counts by its part inside.
    SELECT
        build_id, app_id, session_id, player_id, samples,
        greatest(start_at, coalesce(make_timestamp($from_us), start_at)) AS start_at,
        least(end_at, coalesce(make_timestamp($to_us), end_at)) AS end_at
    FROM placed_trajectories
    WHERE level = $level_id
        AND ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
        AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
)
GROUP BY build_id
ORDER BY last_us DESC, build_id
