-- How much was moved in each cell of a grid over a level: samples, and the seconds they stand for (a trajectory's time,
-- shared by its samples). cell is row × columns + column; −1 are samples beside the grid, −2 those in its cells at other
-- heights. $by "player": parts are how many players were there. $by "mean", "low_5" or "low_1": one line a cell and
-- part, the part being the number of the frame rate's bin, floor(ln(rate) / ln($bin_ratio)), −1 where no rate is known;
-- rate_seconds is the sum of rate × seconds. lowest and highest are heights in metres, those of a cell on each of its
-- lines. $to_grid are three rows of a matrix that turns the game's x, y, z, 1 into column, row and height. upto is how
-- far the answer reaches. What SQL fetches is a line a sample.
-- $to_grid float list, required, afterwards
-- $columns integer, required, afterwards
-- $rows integer, required, afterwards
-- $low float, afterwards
-- $high float, afterwards
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
        greatest(epoch_us(end_at) - epoch_us(start_at), 0) / 1e6 / samples AS seconds,
        CASE $by WHEN 'mean' THEN fps_mean WHEN 'low_5' THEN fps_low_5 WHEN 'low_1' THEN fps_low_1 END AS known,
        -- Higher ones, that some games send where they know none, have no sum.
        CASE WHEN known > 1e100 THEN 1e100 ELSE coalesce(known, 'nan'::DOUBLE) END AS rate,
        CASE
            WHEN $by = 'player' THEN dense_rank() OVER (ORDER BY app_id, player_id) - 1
            WHEN $by IS NULL THEN 0
            WHEN known IS NULL THEN -1
            -- More bins than these there are not, and no frame rate is as high.
            ELSE least(floor(ln(greatest(known, 1)) / ln($bin_ratio)), 4095)
        END::INTEGER AS part
    FROM placed_trajectories
    WHERE level = $level_id
        -- include in_scope
        -- include overlapping
)
SELECT s.x, s.y, s.z, t.part, t.seconds, t.rate
FROM samples s
JOIN tracks t ON t.seq = s.seq
WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
    AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
