-- Where the Create_Player events of a range of sequence numbers stand in the journal, in their order.
-- $after_seq integer, required
-- $upto_seq integer, required
SELECT seq, app_id, player_id, request_id, idx AS "index"
FROM events
WHERE kind = 0 AND seq > $after_seq AND seq <= $upto_seq
ORDER BY seq
