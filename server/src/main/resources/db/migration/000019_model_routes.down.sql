DROP TABLE model_route_targets;
DROP TABLE model_route_revisions;
DROP TABLE model_routes;
DELETE FROM table_totals WHERE table_name = 'model_routes';
