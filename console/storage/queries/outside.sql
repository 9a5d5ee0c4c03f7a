-- The sessions that left a level's box: how many of their samples did, how far they were from it at most, in metres, when
-- and where, in the game's axes and units. The farthest come first. On every line: all_samples of the level, those
-- outside, and how many of these are within 1, 10 and 100 m of the box. $to_viewer are three rows of a matrix that turns
-- the game's x, y, z, 1 into metres, $box the lowest and the highest x, y, z there. With $margin the box was grown by
-- so much, for samples so near to be inside: distances are from the smaller one.
-- $to_viewer float list, required
-- $box float list, required
-- $margin float
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
-- $limit integer
WITH
-- include tracks_in_span
,
-- The bounds of a trajectory tell at once that all of its samples are inside, as nearly all are. The box goes along with
-- each: what samples are compared with comes from the join, so that they cannot be compared ahead of it, all of them.
reaching AS MATERIALIZED (
    SELECT
        seq,
        ($box)[1] AS low_x, ($box)[2] AS low_y, ($box)[3] AS low_z,
        ($box)[4] AS high_x, ($box)[5] AS high_y, ($box)[6] AS high_z
    FROM tracks
    WHERE least(($to_viewer)[1] * min_x, ($to_viewer)[1] * max_x)
            + least(($to_viewer)[2] * min_y, ($to_viewer)[2] * max_y)
            + least(($to_viewer)[3] * min_z, ($to_viewer)[3] * max_z)
            + ($to_viewer)[4] < ($box)[1]
        OR greatest(($to_viewer)[1] * min_x, ($to_viewer)[1] * max_x)
            + greatest(($to_viewer)[2] * min_y, ($to_viewer)[2] * max_y)
            + greatest(($to_viewer)[3] * min_z, ($to_viewer)[3] * max_z)
            + ($to_viewer)[4] > ($box)[4]
        OR least(($to_viewer)[5] * min_x, ($to_viewer)[5] * max_x)
            + least(($to_viewer)[6] * min_y, ($to_viewer)[6] * max_y)
            + least(($to_viewer)[7] * min_z, ($to_viewer)[7] * max_z)
            + ($to_viewer)[8] < ($box)[2]
        OR greatest(($to_viewer)[5] * min_x, ($to_viewer)[5] * max_x)
            + greatest(($to_viewer)[6] * min_y, ($to_viewer)[6] * max_y)
            + greatest(($to_viewer)[7] * min_z, ($to_viewer)[7] * max_z)
            + ($to_viewer)[8] > ($box)[5]
        OR least(($to_viewer)[9] * min_x, ($to_viewer)[9] * max_x)
            + least(($to_viewer)[10] * min_y, ($to_viewer)[10] * max_y)
            + least(($to_viewer)[11] * min_z, ($to_viewer)[11] * max_z)
            + ($to_viewer)[12] < ($box)[3]
        OR greatest(($to_viewer)[9] * min_x, ($to_viewer)[9] * max_x)
            + greatest(($to_viewer)[10] * min_y, ($to_viewer)[10] * max_y)
            + greatest(($to_viewer)[11] * min_z, ($to_viewer)[11] * max_z)
            + ($to_viewer)[12] > ($box)[6]
),
placed AS (
    SELECT
        s.seq, s.time, s.x, s.y, s.z,
        t.low_x, t.low_y, t.low_z, t.high_x, t.high_y, t.high_z,
        ($to_viewer)[1] * s.x + ($to_viewer)[2] * s.y + ($to_viewer)[3] * s.z + ($to_viewer)[4] AS vx,
        ($to_viewer)[5] * s.x + ($to_viewer)[6] * s.y + ($to_viewer)[7] * s.z + ($to_viewer)[8] AS vy,
        ($to_viewer)[9] * s.x + ($to_viewer)[10] * s.y + ($to_viewer)[11] * s.z + ($to_viewer)[12] AS vz
    FROM samples s
    JOIN reaching t ON t.seq = s.seq
    WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
),
away AS (
    SELECT
        *,
        greatest(low_x - vx + coalesce($margin, 0), vx - high_x + coalesce($margin, 0), 0) AS dx,
        greatest(low_y - vy + coalesce($margin, 0), vy - high_y + coalesce($margin, 0), 0) AS dy,
        greatest(low_z - vz + coalesce($margin, 0), vz - high_z + coalesce($margin, 0), 0) AS dz
    FROM placed
    WHERE vx < low_x OR vx > high_x OR vy < low_y OR vy > high_y OR vz < low_z OR vz > high_z
),
farthest AS (
    SELECT
        t.app_id, t.session_id, any_value(t.player_id) AS player_id, count(*) AS samples,
        max(sqrt(dx * dx + dy * dy + dz * dz)) AS away_m,
        count(*) FILTER (dx * dx + dy * dy + dz * dz <= 1) AS within_1,
        count(*) FILTER (dx * dx + dy * dy + dz * dz <= 100) AS within_10,
        count(*) FILTER (dx * dx + dy * dy + dz * dz <= 10000) AS within_100,
        -- Four of them, as of a struct one takes ten times as long.
        arg_max(epoch_us(a.time), dx * dx + dy * dy + dz * dz) AS time_us,
        arg_max(x, dx * dx + dy * dy + dz * dz) AS x,
        arg_max(y, dx * dx + dy * dy + dz * dz) AS y,
        arg_max(z, dx * dx + dy * dy + dz * dz) AS z
    FROM away a
    JOIN tracks t ON t.seq = a.seq
    GROUP BY t.app_id, t.session_id
)
SELECT
    app_id, session_id, player_id, samples, away_m,
    time_us, x::DOUBLE AS x, y::DOUBLE AS y, z::DOUBLE AS z,
    sum(samples) OVER ()::BIGINT AS outside_samples,
    count(*) OVER () AS outside_sessions,
    sum(within_1) OVER ()::BIGINT AS within_1_m,
    sum(within_10) OVER ()::BIGINT AS within_10_m,
    sum(within_100) OVER ()::BIGINT AS within_100_m,
    (
        SELECT sum(CASE WHEN reaches_out THEN coalesce(c.samples, 0) ELSE t.samples END)
        FROM tracks t LEFT JOIN cut c ON c.seq = t.seq
    )::BIGINT AS all_samples
FROM farthest
ORDER BY away_m DESC, app_id, session_id
LIMIT coalesce($limit, 1000)
