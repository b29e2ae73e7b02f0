DO $$
BEGIN
    IF EXISTS (SELECT FROM audit_unchained) THEN
        RAISE EXCEPTION 'the audit trail has rows that are not chained yet; start the service once, which chains them';
    END IF;
END
$$;

DROP TABLE audit_unchained;
DROP FUNCTION refuse_unchained_removal();
DROP INDEX idx_audit_entry_id;
ALTER TABLE audit DROP COLUMN entry_id;
