-- The callers that have responses. The data key of a caller encrypts the content of all its responses.
CREATE TABLE response_owners (
    id          UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    caller_kind TEXT NOT NULL,
    caller_id   TEXT NOT NULL,
    UNIQUE (caller_kind, caller_id)
);

CREATE TRIGGER response_owners_shredded AFTER DELETE ON response_owners
    FOR EACH ROW EXECUTE FUNCTION shred_data_key();
CREATE TRIGGER response_owners_all_shredded AFTER TRUNCATE ON response_owners
    FOR EACH STATEMENT EXECUTE FUNCTION shred_data_key();

-- The responses of the Responses API to which a client may refer, for a limited time.
CREATE TABLE responses (
    owner      UUID NOT NULL REFERENCES response_owners (id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    -- The response that this one continues.
    previous   TEXT,
    -- The name by which the client called the model, and the provider that answered.
    model      TEXT NOT NULL,
    provider   TEXT NOT NULL,
    -- The encrypted input and output; null if the provider keeps them.
    content    TEXT,
    bytes      BIGINT NOT NULL GENERATED ALWAYS AS (coalesce(octet_length(content), 0)) STORED,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (owner, id)
);

CREATE INDEX idx_responses_expires_at ON responses (expires_at);
CREATE INDEX idx_responses_owner_created_at ON responses (owner, created_at DESC) INCLUDE (bytes);
