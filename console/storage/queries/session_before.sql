-- What was recorded of a session before one of its events: how many events, the time of the first one received, the
-- player most of them name, and the last level they name. All but `events` are null when there are none.
-- $app_id text, required
-- $session_id text, required
-- $seq integer, required
SELECT
    count(*) AS events,
    epoch_us(arg_min(time, seq)) AS first_us,
    mode(player_id) AS player_id,
    arg_max(level_id, seq) AS level_id
FROM events
WHERE app_id = $app_id AND session_id = $session_id AND seq < $seq
