DROP TABLE sign_in_links;
DROP TABLE sessions;
DELETE FROM data_keys WHERE owner_table = 'sessions';
