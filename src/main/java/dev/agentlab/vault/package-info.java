/// Secrets at rest: each row's secrets are sealed with a data key of its own, and data keys are
/// wrapped with a key that is not in the database.
@NullMarked
package dev.agentlab.vault;

import org.jspecify.annotations.NullMarked;
