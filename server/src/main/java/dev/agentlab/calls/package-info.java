/// The records of model calls: the journal on disk, from which they are sent to PostgreSQL, and
/// reading them.
@NullMarked
package dev.agentlab.calls;

import org.jspecify.annotations.NullMarked;
