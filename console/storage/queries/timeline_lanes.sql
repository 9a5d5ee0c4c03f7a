-- The sessions in scope, those that began last first, and from when to when each sent something. first_seq is of the
-- first event received of a session: it tells in which order they came to be known. matching says how many
-- are in scope, known how many there are at all, earliest_us when the first in scope began whose clock was set: 0 for
-- none.
-- $app_id text
-- $build_id text
-- $sessions sessions
-- $limit integer
WITH named AS MATERIALIZED (
    SELECT app_id, session_id, newest.build_id AS build_id, newest.player_id AS player_id, first_seq, first_at, last_at
    FROM sessions
    WHERE session_id <> ''
)
SELECT
    app_id,
    session_id,
    build_id,
    player_id,
    first_seq,
    epoch_us(first_at) AS first_us,
    epoch_us(last_at) AS last_us,
    count(*) OVER () AS matching,
    coalesce(min(epoch_us(first_at)) FILTER (WHERE first_at >= TIMESTAMP '2000-01-01') OVER (), 0) AS earliest_us,
    (SELECT count(*) FROM named) AS known
FROM named
WHERE ($app_id IS NULL OR app_id = $app_id)
    AND ($build_id IS NULL OR build_id = $build_id)
    AND $sessions
ORDER BY first_at DESC, app_id, session_id
LIMIT coalesce($limit, 20000)
