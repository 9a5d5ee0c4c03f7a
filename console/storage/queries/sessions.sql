-- Every session, the one last heard of last. Build and player are those of its newest event, fps_mean and level_id the
-- last ones known by the client's time; events counts all kinds, trajectories included.
-- $app_id text
-- $limit integer
WITH heard AS (
    SELECT
        app_id,
        session_id,
        arg_max(build_id, seq) AS build_id,
        arg_max(player_id, seq) AS player_id,
        min(time) AS first_at,
        max(time) AS last_at,
        count(*) AS events,
        max(seq) AS last_seq,
        arg_max(level_id, {'time': time, 'seq': seq}) FILTER (WHERE level_id IS NOT NULL) AS level_id
    FROM events
    WHERE session_id IS NOT NULL AND ($app_id IS NULL OR app_id = $app_id)
    GROUP BY app_id, session_id
),
moved AS (
    SELECT
        app_id,
        session_id,
        max(end_at) AS last_at,
        count(*) AS trajectories,
        sum(samples) AS samples,
        arg_max(fps_mean, {'time': start_at, 'seq': seq}) FILTER (WHERE fps_mean IS NOT NULL) AS fps_mean
    FROM trajectories
    WHERE $app_id IS NULL OR app_id = $app_id
    GROUP BY app_id, session_id
)
SELECT * FROM (
    SELECT
        h.app_id,
        h.build_id,
        h.player_id,
        h.session_id,
        epoch_us(h.first_at) AS first_us,
        epoch_us(greatest(h.last_at, coalesce(m.last_at, h.last_at))) AS last_us,
        h.events,
        coalesce(m.trajectories, 0) AS trajectories,
        coalesce(m.samples, 0)::BIGINT AS samples,
        m.fps_mean,
        h.level_id,
        h.last_seq
    FROM heard h
    LEFT JOIN moved m USING (app_id, session_id)
    ORDER BY h.last_seq DESC
    LIMIT coalesce($limit, 1000000)
)
ORDER BY last_seq
