-- Funnels that people put together: steps in their order, as JSON.
CREATE TABLE funnels (
    funnel_id     TEXT PRIMARY KEY,
    app_id        TEXT NOT NULL REFERENCES applications (app_id),
    name          TEXT NOT NULL,
    definition    TEXT NOT NULL,
    changed_at_us INTEGER NOT NULL
) WITHOUT ROWID;
