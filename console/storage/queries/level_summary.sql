-- What was played in one level: sessions and players, from when to when, how long trajectories lasted, and samples. A
-- trajectory that reaches out of the span of time counts by its part inside.
-- $level_id text, required
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH
-- include played_in_span
SELECT
    count(DISTINCT (app_id, session_id)) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    coalesce(epoch_us(min(start_in)), 0) AS first_us,
    coalesce(epoch_us(max(end_in)), 0) AS last_us,
    coalesce(sum(played_us), 0)::BIGINT AS played_us,
    (coalesce(sum(samples), 0) + coalesce((SELECT sum(samples) FROM cut), 0))::BIGINT AS samples
FROM parts
