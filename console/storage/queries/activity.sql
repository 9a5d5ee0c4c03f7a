-- Who was there when, and in which session, as the events of a range of sequence numbers show it: a row a day and
-- session. player_id is what was sent, or, where tracked, the id that the player API gave. An edit of a player is no
-- sign of life.
-- $after_seq integer, required
-- $upto_seq integer, required
WITH shown AS (
    SELECT
        e.app_id,
        e.player_id,
        e.kind = 4 AS tracked,
        e.session_id,
        -- A clock that was never set, or is ahead of ours, is not believed.
        CASE
            WHEN e.time < TIMESTAMP '2000-01-01' THEN e.received_at ELSE least(e.time, e.received_at)
        END AS first_at,
        CASE WHEN t.end_at IS NOT NULL THEN least(t.end_at, e.received_at) END AS end_at
    FROM events e
    LEFT JOIN trajectories t ON t.seq = e.seq AND t.seq > $after_seq AND t.seq <= $upto_seq
    WHERE e.seq > $after_seq AND e.seq <= $upto_seq
        AND NOT (e.kind = 4 AND e.name = 'player_updated' AND e.session_id IS NULL)
)
SELECT
    app_id,
    player_id,
    tracked::UTINYINT AS tracked,
    session_id,
    epoch_us(min(first_at)) AS first_us,
    epoch_us(max(greatest(first_at, coalesce(end_at, first_at)))) AS last_us
FROM shown
GROUP BY app_id, player_id, tracked, session_id, first_at::DATE
