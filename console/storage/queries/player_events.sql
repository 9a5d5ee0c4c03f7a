-- The newest events of one player, who goes by one id in each API, newest first by their own time; no trajectories.
-- $app_id text, required
-- $player_ids text list, required
-- $limit integer
SELECT
    seq,
    request_id,
    idx AS "index",
    epoch_us(time) AS time_us,
    kind,
    name,
    coalesce(session_id, '') AS session_id
FROM events
WHERE app_id = $app_id
    AND player_id IN (SELECT unnest($player_ids))
    AND kind <> 3
ORDER BY time DESC, seq DESC
LIMIT coalesce($limit, 200)
