/// The audit trail: records each change and its caller in the transaction of the change, chains the
/// records with keyed hashes, lists and verifies them.
@NullMarked
package dev.agentlab.audit;

import org.jspecify.annotations.NullMarked;
