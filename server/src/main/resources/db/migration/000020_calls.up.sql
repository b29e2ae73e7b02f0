-- The records of model calls, without content. They never change. Each day of started_at, in UTC, is a partition, which
-- create_calls_partition creates; old days are dropped.
CREATE TABLE calls (
    id                  UUID NOT NULL,
    started_at          TIMESTAMP WITH TIME ZONE NOT NULL,
    -- The id of the HTTP request, which a client may repeat, and the one that the provider gave the last attempt.
    request_id          TEXT NOT NULL,
    provider_request_id TEXT,
    caller_kind         TEXT NOT NULL,
    caller_id           TEXT NOT NULL,
    caller_name         TEXT NOT NULL,
    -- The caller that made the key for itself, as in api_keys.owner.
    owner               TEXT,
    dialect             TEXT NOT NULL,
    operation           TEXT NOT NULL,
    streamed            BOOLEAN NOT NULL,
    agent_id            UUID,
    agent_name          TEXT,
    agent_revision      BIGINT,
    route_id            UUID,
    route_name          TEXT,
    route_revision      BIGINT,
    -- The provider and the model that were called last, and the name of that target in the plan of the call.
    provider_id         UUID,
    provider            TEXT NOT NULL,
    model               TEXT NOT NULL,
    target              TEXT,
    session             TEXT,
    end_user            TEXT,
    tags                JSONB,
    status              TEXT NOT NULL,
    outcome             TEXT NOT NULL,
    upstream_status     INTEGER,
    message             TEXT,
    finish_reason       TEXT,
    -- Null if the provider does not report the class.
    input               BIGINT,
    cached_input        BIGINT,
    cache_write_5m      BIGINT,
    cache_write_1h      BIGINT,
    output              BIGINT,
    reasoning           BIGINT,
    usage_source        TEXT NOT NULL,
    duration_us         BIGINT NOT NULL,
    first_content_us    BIGINT,
    request_bytes       BIGINT NOT NULL,
    response_bytes      BIGINT NOT NULL,
    attempts            JSONB NOT NULL,
    decision            JSONB,
    losses              JSONB NOT NULL,
    PRIMARY KEY (started_at, id)
) PARTITION BY RANGE (started_at);

CREATE INDEX idx_calls_caller ON calls (caller_id, started_at, id);
CREATE INDEX idx_calls_owner ON calls (owner, started_at, id) WHERE owner IS NOT NULL;
CREATE INDEX idx_calls_session ON calls (session, started_at, id) WHERE session IS NOT NULL;
CREATE INDEX idx_calls_end_user ON calls (end_user, started_at, id) WHERE end_user IS NOT NULL;
CREATE INDEX idx_calls_agent ON calls (agent_id, started_at, id) WHERE agent_id IS NOT NULL;
CREATE INDEX idx_calls_route ON calls (route_id, started_at, id) WHERE route_id IS NOT NULL;
CREATE INDEX idx_calls_provider ON calls (provider, started_at, id);
CREATE INDEX idx_calls_model ON calls (model, started_at, id);
CREATE INDEX idx_calls_provider_model ON calls (model, provider, started_at, id);
CREATE INDEX idx_calls_request ON calls (request_id, started_at, id);
CREATE INDEX idx_calls_provider_request ON calls (provider_request_id, started_at, id)
    WHERE provider_request_id IS NOT NULL;
-- Most calls succeed, so that the others are few.
CREATE INDEX idx_calls_unsuccessful ON calls (started_at, id) WHERE status <> 'ok';
CREATE INDEX idx_calls_outcome ON calls (outcome, started_at, id) WHERE status <> 'ok';
CREATE INDEX idx_calls_tags ON calls USING gin (tags jsonb_path_ops) WHERE tags IS NOT NULL;

-- Creates the partition of a day unless it exists. Attaching a table does not wait for readers and writers, as creating
-- it as a partition would.
CREATE FUNCTION create_calls_partition(day DATE) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    name TEXT := 'calls_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'calls'::regclass AND inhrelid = to_regclass(name)) THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('partitions of calls', 0));
    IF EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'calls'::regclass AND inhrelid = to_regclass(name)) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE calls INCLUDING ALL)', name);
    EXECUTE format(
        'ALTER TABLE calls ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        name, to_char(day, 'YYYY-MM-DD 00:00:00+00'), to_char(day + 1, 'YYYY-MM-DD 00:00:00+00'));
    RETURN true;
END $$;
