-- Sessions that never named a level, and the level that a person says they were in. Told by the server at every start
-- and after every change, not projected: what was sent stays as it was sent.
CREATE TABLE assigned_levels (
    app_id     VARCHAR NOT NULL,
    session_id VARCHAR NOT NULL,
    level_id   VARCHAR NOT NULL
);

-- Those of them that still named none: what a session says of itself holds.
CREATE VIEW assigned_sessions AS
SELECT a.app_id, a.session_id, a.level_id
FROM assigned_levels a
ANTI JOIN (SELECT app_id, session_id FROM session_parts WHERE lowest_level IS NOT NULL) p
    ON p.app_id = a.app_id AND p.session_id = a.session_id;

-- The first level a session named, and whether it named others too; else the one it is assigned to.
CREATE OR REPLACE VIEW session_levels AS
SELECT
    app_id,
    session_id,
    min(first_level).level_id AS first_level,
    min(lowest_level) <> max(highest_level) AS several
FROM session_parts
WHERE lowest_level IS NOT NULL
GROUP BY app_id, session_id
UNION ALL
SELECT app_id, session_id, level_id AS first_level, FALSE AS several
FROM assigned_sessions;
