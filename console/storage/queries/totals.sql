-- How much is stored, of one application or of all. Players and sessions are those of telemetry, told apart within an
-- application; events are of both APIs.
-- $app_id text
SELECT
    count(*) AS events,
    count(DISTINCT (app_id, player_id)) FILTER (WHERE kind <> 4) AS players,
    count(DISTINCT (app_id, session_id)) FILTER (WHERE session_id IS NOT NULL AND kind <> 4) AS sessions,
    count(*) FILTER (WHERE kind = 3) AS trajectories,
    (
        SELECT coalesce(sum(samples), 0)::BIGINT FROM trajectories WHERE $app_id IS NULL OR app_id = $app_id
    ) AS samples
FROM events
WHERE $app_id IS NULL OR app_id = $app_id
