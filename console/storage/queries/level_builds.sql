-- Who moved on a level, by build: how many sessions and players, how long, and from when to when. A trajectory that
-- reaches out of the span of time counts by its part inside.
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH
-- include tracks_in_span
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
