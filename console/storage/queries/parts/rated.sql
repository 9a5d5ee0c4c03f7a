-- rated: trajectories with a frame rate, and the seconds of each in the span of time. machines and inputs: what tells the
-- group of one by hardware or by input.
rated AS (
    SELECT seq, app_id, build_id, player_id, session_id, level,
        CASE $rate WHEN 'mean' THEN fps_mean WHEN 'low_5' THEN fps_low_5 WHEN 'low_1' THEN fps_low_1 END AS fps,
        greatest(
            epoch_us(least(end_at, coalesce(make_timestamp($to_us), end_at)))
                - epoch_us(greatest(start_at, coalesce(make_timestamp($from_us), start_at))),
            1
        ) / 1e6 AS seconds
    FROM placed_trajectories
    WHERE fps IS NOT NULL
        AND ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
        AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
),
machines AS (
    SELECT app_id, player_id, arg_max(hardware, seq) AS hardware
    FROM events
    WHERE kind = 0 AND hardware IS NOT NULL AND $by IN ('gpu', 'cpu', 'os')
    GROUP BY app_id, player_id
),
inputs AS (SELECT seq, input FROM events WHERE kind = 3 AND $by = 'input')
