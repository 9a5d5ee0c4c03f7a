ALTER TABLE applications ADD COLUMN tier TEXT NOT NULL DEFAULT 'enterprise'
    CHECK (tier IN ('free', 'growth', 'pro', 'enterprise'));
ALTER TABLE applications ADD COLUMN churn_window TEXT NOT NULL DEFAULT 'mid_core'
    CHECK (churn_window IN ('casual', 'mid_core', 'strategy'));
