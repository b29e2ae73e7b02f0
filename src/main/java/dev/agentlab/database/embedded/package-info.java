/// A PostgreSQL server of our own, run as a child process inside the data folder.
@NullMarked
package dev.agentlab.database.embedded;

import org.jspecify.annotations.NullMarked;
