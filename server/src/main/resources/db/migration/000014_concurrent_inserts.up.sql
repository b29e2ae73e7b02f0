-- Transactions that notify commit one at a time. Inserts need no notification, because no cache stores the absence of a
-- row.
DROP TRIGGER providers_changed ON providers;
CREATE TRIGGER providers_changed AFTER UPDATE OR DELETE ON providers
    FOR EACH ROW EXECUTE FUNCTION tell_change();
DROP TRIGGER agents_changed ON agents;
CREATE TRIGGER agents_changed AFTER UPDATE OR DELETE ON agents
    FOR EACH ROW EXECUTE FUNCTION tell_change();

-- More slots than a pool has sessions: two sessions that share a slot wait for each other's commit.
INSERT INTO table_totals (table_name, slot, total)
SELECT table_name, slot, 0
FROM (SELECT DISTINCT table_name FROM table_totals) AS counted, generate_series(16, 63) AS slot;

CREATE OR REPLACE FUNCTION track_table_total() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change BIGINT;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE table_totals SET total = 0 WHERE table_name = TG_TABLE_NAME;
        RETURN NULL;
    END IF;
    SELECT count(*) INTO change FROM changed;
    IF change <> 0 THEN
        UPDATE table_totals
        SET total = total + CASE TG_OP WHEN 'INSERT' THEN change ELSE -change END
        WHERE table_name = TG_TABLE_NAME AND slot = pg_backend_pid() % 64;
    END IF;
    RETURN NULL;
END
$$;
