-- Where the frame rate was lowest, the worst place first: trajectories whose low 1 % (low 5 %, mean where that was not
-- sent) lies below $below frames per second, those at the same place of a level as one line with how many they are. A
-- place is as wide as most of the level's trajectories are long. What else a line tells is of its worst one; x, y, z
-- is its sample nearest to its middle, in the game's axes and units.
-- $below integer, required
-- $app_id text
-- $build_id text
-- $level_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
-- $limit integer
WITH slow AS (
    SELECT
        seq, app_id, session_id, level, epoch_us(end_at) - epoch_us(start_at) AS length_us,
        coalesce(fps_low_1, fps_low_5, fps_mean) AS fps,
        min_x / 2 + max_x / 2 AS mx, min_y / 2 + max_y / 2 AS my, min_z / 2 + max_z / 2 AS mz,
        greatest(max_x::DOUBLE - min_x, max_y::DOUBLE - min_y, max_z::DOUBLE - min_z) AS reach
    FROM placed_trajectories
    WHERE coalesce(fps_low_1, fps_low_5, fps_mean) < $below
        AND ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND ($level_id IS NULL OR level = $level_id)
        AND $sessions
        -- include overlapping
),
widths AS MATERIALIZED (
    SELECT app_id, level, greatest(median(reach), 1e-3) AS width, row_number() OVER () AS number
    FROM slow
    GROUP BY app_id, level
),
found AS (
    SELECT
        w.number,
        floor(mx / width) AS cell_x, floor(my / width) AS cell_y, floor(mz / width) AS cell_z,
        count(*) AS times,
        count(DISTINCT session_id) AS sessions,
        sum(length_us)::BIGINT AS total_us,
        min(fps) AS fps,
        -- The lowest rate's, of equal ones the first: a number is compared much faster than a pair.
        min((least(fps, 8000) * 1000)::BIGINT * 1099511627776 + seq) % 1099511627776 AS seq
    FROM slow s JOIN widths w ON w.app_id = s.app_id AND w.level = s.level
    GROUP BY ALL
    ORDER BY fps, times DESC, seq
    LIMIT coalesce($limit, 200)
),
worst AS MATERIALIZED (
    SELECT f.*, w.app_id, w.level, t.session_id, t.player_id, t.start_at, t.end_at
    FROM found f
    JOIN widths w ON w.number = f.number
    JOIN trajectories t ON t.seq = f.seq
),
places AS (
    SELECT p.seq, arg_min({'time': p.time, 'x': p.x, 'y': p.y, 'z': p.z},
        abs(epoch_us(p.time) - (epoch_us(w.start_at) // 2 + epoch_us(w.end_at) // 2))) AS at
    FROM samples p JOIN worst w ON w.seq = p.seq
    GROUP BY p.seq
)
SELECT
    w.app_id, w.session_id, w.player_id, w.level AS level_id,
    epoch_us(w.start_at) AS start_us, epoch_us(w.end_at) AS end_us, epoch_us(p.at.time) AS time_us,
    p.at.x::DOUBLE AS x, p.at.y::DOUBLE AS y, p.at.z::DOUBLE AS z,
    w.fps::DOUBLE AS fps, w.times, w.sessions, w.total_us
FROM worst w LEFT JOIN places p ON p.seq = w.seq
ORDER BY w.fps, w.times DESC, w.seq
