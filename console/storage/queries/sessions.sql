-- Every session, the one last heard of last. Build and player are those of its newest event, fps_mean and level_id the
-- last ones known by the client's time; events counts all kinds, trajectories included.
-- $app_id text
-- $limit integer
SELECT * FROM (
    SELECT
        app_id,
        newest.build_id AS build_id,
        newest.player_id AS player_id,
        session_id,
        epoch_us(first_at) AS first_us,
        epoch_us(last_at) AS last_us,
        events,
        trajectories,
        samples,
        last_fps.mean AS fps_mean,
        last_level.level_id AS level_id,
        newest.seq AS last_seq
    FROM sessions
    WHERE $app_id IS NULL OR app_id = $app_id
    ORDER BY last_seq DESC
    LIMIT coalesce($limit, 1000000)
)
ORDER BY last_seq
