DROP TABLE api_keys;
DELETE FROM table_totals WHERE table_name = 'api_keys';
