-- Notifies of the changed row, as "providers 123e4567-…", or of a change of any rows, as "providers".
-- Delivered on commit to the sessions that listen.
CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_LEVEL = 'STATEMENT' THEN
        PERFORM pg_notify('agent_lab_changes', TG_TABLE_NAME);
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('agent_lab_changes', TG_TABLE_NAME || ' ' || OLD.id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_notify('agent_lab_changes', TG_TABLE_NAME || ' ' || NEW.id);
    END IF;
    RETURN NULL;
END
$$;

-- The service requires a trigger named <table>_changed; without one it does not cache.
CREATE TRIGGER providers_changed AFTER INSERT OR UPDATE OR DELETE ON providers
    FOR EACH ROW EXECUTE FUNCTION tell_change();
CREATE TRIGGER providers_truncated AFTER TRUNCATE ON providers
    FOR EACH STATEMENT EXECUTE FUNCTION tell_change();
CREATE TRIGGER agents_changed AFTER INSERT OR UPDATE OR DELETE ON agents
    FOR EACH ROW EXECUTE FUNCTION tell_change();
CREATE TRIGGER agents_truncated AFTER TRUNCATE ON agents
    FOR EACH STATEMENT EXECUTE FUNCTION tell_change();
