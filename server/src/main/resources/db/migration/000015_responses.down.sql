DROP TABLE responses;
DELETE FROM data_keys WHERE owner_table = 'response_owners';
DROP TABLE response_owners;
