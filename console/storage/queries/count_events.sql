-- How many events behind a sequence number match, and the last that is stored.
-- $app_id text
-- $after_seq integer, required
-- $filter filter
SELECT
    count(*) FILTER (WHERE ($app_id IS NULL OR e.app_id = $app_id) AND $filter) AS events,
    coalesce(max(e.seq), $after_seq) AS upto_seq
FROM events e
WHERE e.seq > $after_seq
