-- rated: trajectories with a frame rate, and the seconds of each in the span of time. inputs: what tells the group of
-- one by input; machines: by hardware, which each player had from when until when, the first one also before.
rated AS (
    SELECT seq, app_id, build_id, player_id, session_id, level, end_at,
        -- include frame_rate
        greatest(
            epoch_us(least(end_at, coalesce(make_timestamp($to_us), end_at)))
                - epoch_us(greatest(start_at, coalesce(make_timestamp($from_us), start_at))),
            1
        ) / 1e6 AS seconds
    FROM placed_trajectories
    WHERE fps IS NOT NULL
        -- include in_scope
        -- include overlapping
),
told_machines AS (
    SELECT app_id, player_id, time, arg_max(hardware, seq) AS hardware
    FROM events
    WHERE kind = 0 AND hardware IS NOT NULL AND $by IN ('gpu', 'cpu', 'os')
    GROUP BY app_id, player_id, time
),
machines AS (
    SELECT
        app_id, player_id, hardware,
        CASE WHEN lag(time) OVER (PARTITION BY app_id, player_id ORDER BY time) IS NULL
            THEN TIMESTAMP '-infinity' ELSE time END AS since,
        coalesce(lead(time) OVER (PARTITION BY app_id, player_id ORDER BY time), TIMESTAMP 'infinity') AS until
    FROM told_machines
),
inputs AS (SELECT seq, input FROM events WHERE kind = 3 AND $by = 'input')
