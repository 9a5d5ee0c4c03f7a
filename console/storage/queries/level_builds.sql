-- Who moved on a level, by build: how many sessions and players, how long, and from when to when. A trajectory that
-- reaches out of the span of time counts by its part inside.
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH
-- include played_in_span
SELECT
    p.build_id,
    count(DISTINCT (app_id, session_id)) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    (coalesce(sum(p.samples), 0) + coalesce(any_value(c.samples), 0))::BIGINT AS samples,
    sum(greatest(played_us, 0))::DOUBLE / 1e6 AS seconds,
    epoch_us(min(start_in)) AS first_us,
    epoch_us(max(end_in)) AS last_us
FROM parts p
LEFT JOIN cut c ON c.build_id = p.build_id
GROUP BY p.build_id
ORDER BY last_us DESC, p.build_id
