-- How much was moved in each cell of a grid over a level: samples, and the seconds they stand for (a trajectory's time,
-- shared by its samples). cell is row × columns + column; −1 are samples beside the grid, −2 those in its cells at other
-- heights. $by "player": parts are how many players were there. $by "mean", "low_5" or "low_1": one line a cell and
-- part, the part being the number of the frame rate's bin, floor(ln(rate) / ln($bin_ratio)), −1 where no rate is known;
-- rate_seconds is the sum of rate × seconds. $to_grid are three rows of a matrix that turns the game's x, y, z, 1 into
-- column, row and height. upto is how far the answer reaches.
-- $to_grid float list, required
-- $columns integer, required
-- $rows integer, required
-- $low float
-- $high float
-- $by text
-- $bin_ratio float
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH tracks AS MATERIALIZED (
    SELECT
        seq,
        (greatest(epoch_us(end_at) - epoch_us(start_at), 0) / 1e6 / samples)::FLOAT AS seconds,
        CASE $by WHEN 'mean' THEN fps_mean WHEN 'low_5' THEN fps_low_5 WHEN 'low_1' THEN fps_low_1 END AS rate,
        CASE
            WHEN $by = 'player' THEN dense_rank() OVER (ORDER BY app_id, player_id)
            WHEN $by IS NULL THEN 0
            WHEN rate IS NULL THEN -1
            ELSE floor(ln(greatest(rate, 1)) / ln($bin_ratio))
        END::INTEGER AS part
    FROM placed_trajectories
    WHERE level = $level_id
        AND ($app_id IS NULL OR app_id = $app_id)
        AND ($build_id IS NULL OR build_id = $build_id)
        AND $sessions
        AND ($from_us IS NULL OR end_at >= make_timestamp($from_us))
        AND ($to_us IS NULL OR start_at <= make_timestamp($to_us))
),
-- Most matrices only exchange axes: a sum of one term is faster over millions of samples.
placed AS (
    SELECT
        floor(CASE
            WHEN ($to_grid)[2] = 0 AND ($to_grid)[3] = 0 THEN ($to_grid)[1]::FLOAT * s.x
            WHEN ($to_grid)[1] = 0 AND ($to_grid)[3] = 0 THEN ($to_grid)[2]::FLOAT * s.y
            WHEN ($to_grid)[1] = 0 AND ($to_grid)[2] = 0 THEN ($to_grid)[3]::FLOAT * s.z
            ELSE ($to_grid)[1]::FLOAT * s.x + ($to_grid)[2]::FLOAT * s.y + ($to_grid)[3]::FLOAT * s.z
        END + ($to_grid)[4]::FLOAT) AS c,
        floor(CASE
            WHEN ($to_grid)[6] = 0 AND ($to_grid)[7] = 0 THEN ($to_grid)[5]::FLOAT * s.x
            WHEN ($to_grid)[5] = 0 AND ($to_grid)[7] = 0 THEN ($to_grid)[6]::FLOAT * s.y
            WHEN ($to_grid)[5] = 0 AND ($to_grid)[6] = 0 THEN ($to_grid)[7]::FLOAT * s.z
            ELSE ($to_grid)[5]::FLOAT * s.x + ($to_grid)[6]::FLOAT * s.y + ($to_grid)[7]::FLOAT * s.z
        END + ($to_grid)[8]::FLOAT) AS r,
        CASE
            WHEN $low IS NULL AND $high IS NULL THEN 0
            WHEN ($to_grid)[10] = 0 AND ($to_grid)[11] = 0 THEN ($to_grid)[9]::FLOAT * s.x
            WHEN ($to_grid)[9] = 0 AND ($to_grid)[11] = 0 THEN ($to_grid)[10]::FLOAT * s.y
            WHEN ($to_grid)[9] = 0 AND ($to_grid)[10] = 0 THEN ($to_grid)[11]::FLOAT * s.z
            ELSE ($to_grid)[9]::FLOAT * s.x + ($to_grid)[10]::FLOAT * s.y + ($to_grid)[11]::FLOAT * s.z
        END + ($to_grid)[12]::FLOAT AS height,
        t.seq, t.part, t.seconds, t.rate
    FROM samples s
    JOIN tracks t ON t.seq = s.seq
    WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
),
cells AS (
    SELECT
        cell, part, count(*) AS samples, sum(seconds) AS seconds,
        CASE WHEN $by IN ('mean', 'low_5', 'low_1') THEN sum(rate * seconds) ELSE 0 END AS rate_seconds
    FROM (
        SELECT
            CASE
                WHEN c < 0 OR c >= $columns OR r < 0 OR r >= $rows THEN -1
                WHEN $low IS NOT NULL AND height < $low THEN -2
                WHEN $high IS NOT NULL AND height > $high THEN -2
                ELSE (r * $columns::FLOAT + c)::INTEGER
            END AS cell,
            part, seconds, rate
        FROM placed
    )
    GROUP BY cell, part
),
summed AS (
    SELECT
        cell,
        CASE WHEN $by = 'player' THEN 0 ELSE part END AS part,
        count(*) AS parts,
        sum(samples)::BIGINT AS samples,
        sum(seconds)::DOUBLE AS seconds,
        sum(rate_seconds)::DOUBLE AS rate_seconds
    FROM cells
    GROUP BY ALL
)
SELECT
    p.seq AS upto,
    coalesce(s.cell, -1) AS cell,
    coalesce(s.part, 0) AS part,
    coalesce(s.parts, 0) AS parts,
    coalesce(s.samples, 0) AS samples,
    coalesce(s.seconds, 0) AS seconds,
    coalesce(s.rate_seconds, 0) AS rate_seconds
FROM position p
LEFT JOIN summed s ON TRUE
