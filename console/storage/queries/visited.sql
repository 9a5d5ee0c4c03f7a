-- How many samples there are at each height over each cell of a grid on a level. cell is row × columns + column; what
-- lies beside the grid is left out. step is the height in steps of $step_m metres, rounded down. $to_grid are three rows
-- of a matrix that turns the game's x, y, z, 1 into column, row and height in metres. upto is how far the answer reaches;
-- without samples it is on one line with the cell −1. What is lower than $low or higher than $high is left out. What SQL
-- fetches is a line a sample.
-- $to_grid float list, required, afterwards
-- $columns integer, required, afterwards
-- $rows integer, required, afterwards
-- $step_m float, required, afterwards
-- $low float, afterwards
-- $high float, afterwards
-- $app_id text
-- $build_id text
-- $level_id text, required
-- $sessions sessions
-- $from_us integer
-- $to_us integer
WITH
-- include tracks_in_span
SELECT s.x, s.y, s.z
FROM samples s
SEMI JOIN tracks t ON t.seq = s.seq
WHERE ($from_us IS NULL OR s.time >= make_timestamp($from_us))
    AND ($to_us IS NULL OR s.time <= make_timestamp($to_us))
