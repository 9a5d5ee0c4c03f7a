-- Every session, the one last heard of last. Build and player are those of its newest event, fps_mean and level_id the
-- last ones known by the client's time; events counts all kinds, trajectories included. level_assigned is 1 where a
-- person said which level it was, as the session named none.
-- $app_id text
-- $limit integer
SELECT * FROM (
    SELECT
        s.app_id,
        newest.build_id AS build_id,
        newest.player_id AS player_id,
        s.session_id,
        epoch_us(first_at) AS first_us,
        epoch_us(last_at) AS last_us,
        events,
        trajectories,
        samples,
        last_fps.mean AS fps_mean,
        coalesce(last_level.level_id, a.level_id) AS level_id,
        (last_level IS NULL AND a.level_id IS NOT NULL)::UTINYINT AS level_assigned,
        newest.seq AS last_seq
    FROM sessions s
    LEFT JOIN assigned_levels a ON a.app_id = s.app_id AND a.session_id = s.session_id
    WHERE $app_id IS NULL OR s.app_id = $app_id
    ORDER BY last_seq DESC
    LIMIT coalesce($limit, 1000000)
)
ORDER BY last_seq
