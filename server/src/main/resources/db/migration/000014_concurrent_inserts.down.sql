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
        WHERE table_name = TG_TABLE_NAME AND slot = pg_backend_pid() % 16;
    END IF;
    RETURN NULL;
END
$$;

-- Blocks writers until the commit, so that no total is lost.
LOCK TABLE table_totals IN ACCESS EXCLUSIVE MODE;
UPDATE table_totals SET total = table_totals.total + surplus.total
FROM (SELECT table_name, sum(total) AS total FROM table_totals WHERE slot >= 16 GROUP BY table_name) AS surplus
WHERE table_totals.table_name = surplus.table_name AND slot = 0;
DELETE FROM table_totals WHERE slot >= 16;

DROP TRIGGER agents_changed ON agents;
CREATE TRIGGER agents_changed AFTER INSERT OR UPDATE OR DELETE ON agents
    FOR EACH ROW EXECUTE FUNCTION tell_change();
DROP TRIGGER providers_changed ON providers;
CREATE TRIGGER providers_changed AFTER INSERT OR UPDATE OR DELETE ON providers
    FOR EACH ROW EXECUTE FUNCTION tell_change();
