/// Encryption at rest: a data key for each row encrypts the secrets of the row, and a
/// key-encryption key that is not in the database wraps the data keys.
@NullMarked
package dev.agentlab.vault;

import org.jspecify.annotations.NullMarked;
