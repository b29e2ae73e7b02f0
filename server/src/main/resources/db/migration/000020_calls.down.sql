DROP TABLE calls;
DROP FUNCTION create_calls_partition(DATE);
