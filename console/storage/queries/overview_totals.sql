-- One row: how many sessions and players there were, how long was played, and how many played at one moment at most.
-- A session's time is from its first to its last sign of life, as far as it lies between from_us and to_us.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH spans AS (
    SELECT
        app_id, session_id, newest.player_id AS player_id, newest.build_id AS build_id,
        greatest(epoch_us(first_at), coalesce($from_us, epoch_us(first_at))) AS first_us,
        least(epoch_us(last_at), coalesce($to_us, epoch_us(last_at))) AS last_us
    FROM sessions
    WHERE ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR newest.build_id = $build_id)
        AND $sessions
),
played AS (SELECT *, (last_us - first_us) / 1e6 AS secs FROM spans WHERE last_us >= first_us),
steps AS (SELECT first_us AS at_us, 1 AS step FROM played UNION ALL SELECT last_us, -1 FROM played),
-- Who comes in the moment in which another one leaves was there with them.
present AS (SELECT sum(step) OVER (ORDER BY at_us, step DESC ROWS UNBOUNDED PRECEDING) AS sessions FROM steps)
SELECT
    count(*) AS sessions,
    count(DISTINCT (app_id, player_id)) AS players,
    count(DISTINCT (app_id, build_id)) AS builds,
    coalesce(sum(secs), 0)::DOUBLE AS total_secs,
    coalesce(median(secs), 0)::DOUBLE AS median_secs,
    coalesce((SELECT max(sessions) FROM present), 0)::BIGINT AS most_at_once,
    coalesce(min(first_us), 0)::BIGINT AS first_us,
    coalesce(max(last_us), 0)::BIGINT AS last_us
FROM played
