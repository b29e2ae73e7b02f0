/// The memory that requests and responses may take: estimated before it is used, counted while it
/// is.
@NullMarked
package dev.agentlab.memory;

import org.jspecify.annotations.NullMarked;
