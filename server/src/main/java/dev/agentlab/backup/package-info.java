/// Backups: files with the rows of all tables, which are restored into empty databases.
@NullMarked
package dev.agentlab.backup;

import org.jspecify.annotations.NullMarked;
