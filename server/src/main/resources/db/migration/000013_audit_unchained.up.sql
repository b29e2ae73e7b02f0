-- The rows of the audit trail that are not chained yet. A change inserts a row here without waiting for other changes.
-- A replica chains the rows in batches by moving them to the table audit.
CREATE TABLE audit_unchained (
    -- If a change begins after another is committed, it has the higher position.
    position      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id      UUID NOT NULL,
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
    -- Text, because the MAC covers the text; must be valid JSONB for the table audit.
    before        TEXT CHECK (before IS NULL OR before::jsonb IS NOT NULL),
    after         TEXT CHECK (after IS NULL OR after::jsonb IS NOT NULL),
    -- A keyed hash of all other columns except the position.
    mac           BYTEA NOT NULL
);

-- Prevents a row from being chained twice; null in rows that were chained when recorded.
ALTER TABLE audit ADD COLUMN entry_id UUID;
CREATE UNIQUE INDEX idx_audit_entry_id ON audit (entry_id) WHERE entry_id IS NOT NULL;

CREATE FUNCTION refuse_unchained_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM removed WHERE NOT EXISTS (SELECT FROM audit WHERE audit.entry_id = removed.entry_id)
    ) THEN
        RAISE EXCEPTION 'the audit trail only grows: a row that is not chained cannot be deleted'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER audit_unchained_kept BEFORE UPDATE OR TRUNCATE ON audit_unchained
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_unchained_moved AFTER DELETE ON audit_unchained
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION refuse_unchained_removal();
ALTER TABLE audit_unchained ENABLE ALWAYS TRIGGER audit_unchained_kept;
ALTER TABLE audit_unchained ENABLE ALWAYS TRIGGER audit_unchained_moved;

-- Grants roles that may insert into audit the right to insert here and to delete chained rows.
DO $$
DECLARE
    role_name TEXT;
BEGIN
    FOR role_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_schema = current_schema() AND table_name = 'audit' AND privilege_type = 'INSERT'
            AND grantee NOT IN (current_user, 'PUBLIC')
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON audit_unchained TO %I', role_name);
    END LOOP;
END
$$;
