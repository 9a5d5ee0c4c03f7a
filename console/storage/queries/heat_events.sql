-- How often gameplay events happened in each cell of a grid over a level, and to how many players. cell is row × columns
-- + column; −1 are events beside the grid, −2 those in its cells at other heights. $to_grid are three rows of a matrix
-- that turns the game's x, y, z, 1 into column, row and height in metres, of which lowest and highest tell. Without $names, of every name. upto is how far the
-- answer reaches.
-- $to_grid float list, required
-- $columns integer, required
-- $rows integer, required
-- $low float
-- $high float
-- $names text list
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH placed AS (
    SELECT
        app_id,
        player_id,
        floor(($to_grid)[1] * x + ($to_grid)[2] * y + ($to_grid)[3] * z + ($to_grid)[4]) AS c,
        floor(($to_grid)[5] * x + ($to_grid)[6] * y + ($to_grid)[7] * z + ($to_grid)[8]) AS r,
        ($to_grid)[9] * x + ($to_grid)[10] * y + ($to_grid)[11] * z + ($to_grid)[12] AS height
    FROM placed_events
    WHERE kind = 2
        AND x IS NOT NULL
        AND level = $level_id
        AND ($names IS NULL OR name IN (SELECT unnest($names)))
        -- include in_scope
        AND ($from_us IS NULL OR time >= make_timestamp($from_us))
        AND ($to_us IS NULL OR time <= make_timestamp($to_us))
),
cells AS (
    SELECT
        CASE
            WHEN c < 0 OR c >= $columns OR r < 0 OR r >= $rows THEN -1
            WHEN $low IS NOT NULL AND height < $low THEN -2
            WHEN $high IS NOT NULL AND height > $high THEN -2
            ELSE (r * $columns + c)::INTEGER
        END AS cell,
        count(*) AS samples,
        count(DISTINCT (app_id, player_id)) AS parts,
        min(height) AS lowest,
        max(height) AS highest
    FROM placed
    GROUP BY cell
)
SELECT
    p.seq AS upto,
    coalesce(c.cell, -1) AS cell,
    coalesce(c.parts, 0) AS parts,
    coalesce(c.samples, 0) AS samples,
    coalesce(c.lowest, 0)::DOUBLE AS lowest,
    coalesce(c.highest, 0)::DOUBLE AS highest
FROM position p
LEFT JOIN cells c ON TRUE
