-- What was played in one level: sessions and players, from when to when, how long trajectories lasted, and samples.
-- $level_id text, required
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
SELECT
    count(DISTINCT (app_id, session_id)) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    coalesce(epoch_us(min(start_at)), 0) AS first_us,
    coalesce(epoch_us(max(end_at)), 0) AS last_us,
    coalesce(sum(epoch_us(end_at) - epoch_us(start_at)), 0)::BIGINT AS played_us,
    coalesce(sum(samples), 0)::BIGINT AS samples
FROM placed_trajectories
WHERE level = $level_id
    AND ($app_id IS NULL OR app_id = $app_id)
    AND ($build_id IS NULL OR build_id = $build_id)
    AND $sessions
    AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
    AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
