-- How many samples there are at each height over each cell of a grid on a level. cell is row × columns + column; what
-- lies beside the grid is left out. step is the height in steps of $step_m metres, rounded down. $to_grid are three rows
-- of a matrix that turns the game's x, y, z, 1 into column, row and height in metres. upto is how far the answer reaches;
-- without samples it is on one line with the cell −1. What is lower than $low or higher than $high is left out.
-- $to_grid float list, required
-- $columns integer, required
-- $rows integer, required
-- $step_m float, required
-- $low float
-- $high float
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH tracks AS MATERIALIZED (
    SELECT seq
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
        (CASE
            WHEN ($to_grid)[10] = 0 AND ($to_grid)[11] = 0 THEN ($to_grid)[9]::FLOAT * s.x
            WHEN ($to_grid)[9] = 0 AND ($to_grid)[11] = 0 THEN ($to_grid)[10]::FLOAT * s.y
            WHEN ($to_grid)[9] = 0 AND ($to_grid)[10] = 0 THEN ($to_grid)[11]::FLOAT * s.z
            ELSE ($to_grid)[9]::FLOAT * s.x + ($to_grid)[10]::FLOAT * s.y + ($to_grid)[11]::FLOAT * s.z
        END + ($to_grid)[12]::FLOAT) AS height
    FROM samples s
    SEMI JOIN tracks t ON t.seq = s.seq
    WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
),
counted AS (
    SELECT
        (r * $columns::FLOAT + c)::INTEGER AS cell,
        floor(least(greatest(height, -1e8), 1e8) / $step_m::FLOAT)::INTEGER AS step,
        count(*) AS samples
    FROM placed
    WHERE c >= 0 AND c < $columns AND r >= 0 AND r < $rows
        AND ($low IS NULL OR height >= $low)
        AND ($high IS NULL OR height <= $high)
    GROUP BY cell, step
)
SELECT
    p.seq AS upto,
    coalesce(c.cell, -1) AS cell,
    coalesce(c.step, 0) AS step,
    coalesce(c.samples, 0) AS samples
FROM position p
LEFT JOIN counted c ON TRUE
