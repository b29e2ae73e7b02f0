/// A type for secrets that prevents accidental disclosure, references to secrets, keyed hashes and
/// private files.
@NullMarked
package dev.agentlab.secrets;

import org.jspecify.annotations.NullMarked;
