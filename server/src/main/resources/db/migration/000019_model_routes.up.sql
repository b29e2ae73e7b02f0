-- A route: a name for which a call goes to one of several targets, each a model of a provider or an agent.
CREATE TABLE model_routes (
    id         UUID PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    -- Its targets have the ids of providers and agents.
    config     JSONB NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()
);

-- As for providers: substring search, and index-only scans for deep pages.
CREATE INDEX idx_model_routes_name_trigrams ON model_routes
    USING gin (name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX idx_model_routes_created_at_id ON model_routes (created_at, id);
CREATE INDEX idx_model_routes_updated_at_id ON model_routes (updated_at, id);

INSERT INTO table_totals (table_name, slot, total)
SELECT 'model_routes', slot, 0 FROM generate_series(0, 63) AS slot;

CREATE TRIGGER model_routes_total_inserted AFTER INSERT ON model_routes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER model_routes_total_deleted AFTER DELETE ON model_routes
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();
CREATE TRIGGER model_routes_total_truncated AFTER TRUNCATE ON model_routes
    FOR EACH STATEMENT EXECUTE FUNCTION track_table_total();

CREATE TRIGGER model_routes_changed AFTER UPDATE OR DELETE ON model_routes
    FOR EACH ROW EXECUTE FUNCTION tell_change();
CREATE TRIGGER model_routes_truncated AFTER TRUNCATE ON model_routes
    FOR EACH STATEMENT EXECUTE FUNCTION tell_change();

-- What a route was at each version. A provider or agent that only an old revision names may be deleted.
CREATE TABLE model_route_revisions (
    route_id   UUID NOT NULL REFERENCES model_routes (id) ON DELETE CASCADE,
    revision   BIGINT NOT NULL,
    name       TEXT NOT NULL,
    config     JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (route_id, revision)
);

-- What the targets of the present revisions call: a foreign key decides races between deleting a provider or an agent
-- and defining a route to it.
CREATE TABLE model_route_targets (
    route_id    UUID NOT NULL REFERENCES model_routes (id) ON DELETE CASCADE,
    -- The place in the configuration, from 1.
    position    BIGINT NOT NULL,
    provider_id UUID REFERENCES providers (id) ON DELETE RESTRICT,
    agent_id    UUID REFERENCES agents (id) ON DELETE RESTRICT,
    PRIMARY KEY (route_id, position),
    CHECK ((provider_id IS NULL) <> (agent_id IS NULL))
);

CREATE INDEX idx_model_route_targets_provider_id ON model_route_targets (provider_id);
CREATE INDEX idx_model_route_targets_agent_id ON model_route_targets (agent_id);
