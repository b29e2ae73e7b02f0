/// PostgreSQL, embedded or external: the pool, transactions, failures by kind, migrations.
@NullMarked
package dev.agentlab.database;

import org.jspecify.annotations.NullMarked;
