-- A level that a game names otherwise than its model is named. What was sent stays as it was sent.
CREATE TABLE level_names (
    app_id     TEXT NOT NULL REFERENCES applications (app_id),
    level_id   TEXT NOT NULL,
    level_name TEXT NOT NULL,
    PRIMARY KEY (app_id, level_id)
) WITHOUT ROWID;

-- Sessions that never named a level, and the level that a person says they were in.
CREATE TABLE assigned_levels (
    app_id     TEXT NOT NULL REFERENCES applications (app_id),
    session_id TEXT NOT NULL,
    level_id   TEXT NOT NULL,
    PRIMARY KEY (app_id, session_id)
) WITHOUT ROWID;

-- Archived models are listed apart, and never active.
ALTER TABLE level_models ADD COLUMN archived_at_us INTEGER;
