/// The record of what was changed, by whom: written with the change, chained by keyed hashes, read
/// and verified.
@NullMarked
package dev.agentlab.audit;

import org.jspecify.annotations.NullMarked;
