-- How many sessions, or players, reached each step of a funnel; or, with `behind`, who is behind one of its bars.
-- What SQL fetches is the steps' events; `funnel_answer` works the answer out of them, see there.
-- $app_id text, required
-- $names text list, required
-- $kinds text list, required
-- $build_id text
-- $sessions sessions
-- $from_us integer
-- $to_us integer
-- $by text
-- $per text, afterwards
-- $within_us integer, afterwards
-- $strict integer, afterwards
-- $behind integer
-- $lost integer, afterwards
-- $group text, afterwards
-- $limit integer, afterwards
WITH steps AS (
    SELECT DISTINCT name, kind
    FROM (SELECT unnest($names) AS name, CASE unnest($kinds) WHEN 'funnel' THEN 1 ELSE 2 END AS kind)
),
inputs AS (
    SELECT session_id AS told_by, arg_max(input, seq) AS input
    FROM events
    WHERE $by = 'input' AND input IS NOT NULL AND app_id = $app_id
    GROUP BY told_by
),
-- In which level each event was takes as long as all the rest: it is looked up for those that ask only.
hits AS (
    SELECT app_id, seq, time, kind, name, session_id, player_id, build_id, NULL AS level_id
    FROM events
    WHERE $by IS DISTINCT FROM 'level' AND $behind IS NULL
    UNION ALL
    SELECT app_id, seq, time, kind, name, session_id, player_id, build_id, level
    FROM placed_events
    WHERE $by = 'level' OR $behind IS NOT NULL
)
SELECT
    e.seq, epoch_us(e.time) AS time_us, e.kind, e.name, e.session_id, e.player_id, e.build_id, e.level_id, i.input
FROM hits e
SEMI JOIN steps s ON s.name = e.name AND s.kind = e.kind
LEFT JOIN inputs i ON i.told_by = e.session_id
WHERE e.app_id = $app_id
    AND ($build_id IS NULL OR e.build_id = $build_id)
    AND $sessions
    AND ($from_us IS NULL OR e.time >= make_timestamp($from_us))
    AND ($to_us IS NULL OR e.time <= make_timestamp($to_us))
