-- In which order sessions came to be known: unlike their times, it never changes by what comes later, or late.
ALTER TABLE session_parts ADD COLUMN first_seq BIGINT; -- of the session's first event received

UPDATE session_parts p
SET first_seq = e.first_seq
FROM (SELECT app_id, session_id, min(seq) AS first_seq FROM events WHERE kind <> 4 GROUP BY app_id, session_id) e
WHERE e.app_id = p.app_id AND e.session_id = p.session_id;

CREATE OR REPLACE VIEW sessions AS
SELECT
    app_id,
    session_id,
    max(newest) AS newest,
    min(first_seq) AS first_seq,
    min(first_at) AS first_at,
    max(last_at) AS last_at,
    sum(events)::BIGINT AS events,
    sum(trajectories)::BIGINT AS trajectories,
    sum(samples)::BIGINT AS samples,
    max(last_fps) AS last_fps,
    min(first_level) AS first_level,
    max(last_level) AS last_level,
    min(lowest_level) AS lowest_level,
    max(highest_level) AS highest_level
FROM session_parts
GROUP BY app_id, session_id;
