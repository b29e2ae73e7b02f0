-- Without the data keys all encrypted secrets are lost and must be set again.
DROP TRIGGER agents_all_shredded ON agents;
DROP TRIGGER agents_shredded ON agents;
DROP TRIGGER providers_all_shredded ON providers;
DROP TRIGGER providers_shredded ON providers;
DROP FUNCTION shred_data_key();
DROP TABLE data_keys;
DELETE FROM idempotency_keys;
