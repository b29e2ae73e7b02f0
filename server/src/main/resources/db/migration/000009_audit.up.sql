-- The audit trail: the changes and their callers, in order. The hash of a row is keyed with a key that is not in the
-- database and covers all other columns, including the hash of the previous row.
CREATE TABLE audit (
    seq           BIGINT PRIMARY KEY CHECK (seq > 0),
    at            TIMESTAMP WITH TIME ZONE NOT NULL,
    caller_kind   TEXT NOT NULL,
    caller_id     TEXT NOT NULL,
    caller_name   TEXT NOT NULL,
    address       TEXT,
    request_id    TEXT,
    action        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    resource_id   TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    before        JSONB,
    after         JSONB,
    previous_hash BYTEA NOT NULL,
    hash          BYTEA NOT NULL
);

-- Index-only scans for the pages of each filter, newest first.
CREATE INDEX idx_audit_action_seq ON audit (action, seq);
CREATE INDEX idx_audit_kind_seq ON audit (kind, seq);
CREATE INDEX idx_audit_resource_id_seq ON audit (resource_id, seq);
CREATE INDEX idx_audit_caller_id_seq ON audit (caller_id, seq);
CREATE INDEX idx_audit_at_seq ON audit (at, seq);

-- The head of the audit trail: the seq and hash of the last row, with a MAC, so that the removal of rows at the end is
-- detected. One row, which every writer of the trail locks first. It is updated with every change; the low fillfactor
-- keeps the old versions on the same page.
CREATE TABLE audit_head (
    id   BOOLEAN PRIMARY KEY DEFAULT true CHECK (id),
    seq  BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    mac  BYTEA NOT NULL
) WITH (fillfactor = 10);

INSERT INTO audit_head (seq, hash, mac) VALUES (0, decode(repeat('00', 32), 'hex'), '');

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail only grows: no % of %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION refuse_audit_head_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= OLD.seq THEN
        RAISE EXCEPTION 'the head of the audit trail only moves on'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_head_kept BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_head_back();

-- Also fires in a session with session_replication_role = replica.
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_kept;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_kept;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_moves_on;
