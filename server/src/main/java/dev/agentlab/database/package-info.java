/// Access to PostgreSQL, embedded or external: connection pool, transactions, error classification,
/// change feed, idempotency keys and migrations.
@NullMarked
package dev.agentlab.database;

import org.jspecify.annotations.NullMarked;
