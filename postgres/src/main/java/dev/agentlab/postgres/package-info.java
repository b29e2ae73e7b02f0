/// The embedded PostgreSQL server, a child process with its files in the data folder.
@NullMarked
package dev.agentlab.postgres;

import org.jspecify.annotations.NullMarked;
