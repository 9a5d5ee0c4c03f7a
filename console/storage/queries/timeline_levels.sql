-- Which level some sessions were on, and when: a new piece where the level is another, or where nothing was heard for
-- gap_us microseconds.
-- $sessions sessions, required
-- $from_us integer, required
-- $to_us integer, required
-- $gap_us integer, required
WITH heard AS (
    SELECT app_id, session_id, level, min(start_at) AS start_at, max(end_at) AS end_at
    FROM placed_trajectories
    WHERE $sessions
        AND end_at >= make_timestamp($from_us)
        AND start_at <= make_timestamp($to_us)
    GROUP BY app_id, session_id, level, epoch_us(start_at) // $gap_us
    UNION ALL
    SELECT app_id, session_id, level, min(time), max(time)
    FROM placed_events
    WHERE $sessions
        AND time BETWEEN make_timestamp($from_us) AND make_timestamp($to_us)
    GROUP BY app_id, session_id, level, epoch_us(time) // $gap_us
),
compared AS (
    SELECT
        *,
        level IS DISTINCT FROM lag(level) OVER in_order
            OR epoch_us(start_at) - max(epoch_us(end_at)) OVER before > $gap_us AS begins
    FROM heard
    WINDOW
        in_order AS (PARTITION BY app_id, session_id ORDER BY start_at, end_at, level),
        before AS (
            PARTITION BY app_id, session_id ORDER BY start_at, end_at, level
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
),
pieces AS (
    SELECT
        *,
        sum(begins::INTEGER) OVER (
            PARTITION BY app_id, session_id ORDER BY start_at, end_at, level ROWS UNBOUNDED PRECEDING
        ) AS piece
    FROM compared
)
SELECT
    app_id, session_id, any_value(level) AS level_id, epoch_us(min(start_at)) AS start_us, epoch_us(max(end_at)) AS end_us
FROM pieces
GROUP BY app_id, session_id, piece
ORDER BY app_id, session_id, start_us
