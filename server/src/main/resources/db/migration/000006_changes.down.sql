DROP TRIGGER agents_truncated ON agents;
DROP TRIGGER agents_changed ON agents;
DROP TRIGGER providers_truncated ON providers;
DROP TRIGGER providers_changed ON providers;
DROP FUNCTION tell_change();
