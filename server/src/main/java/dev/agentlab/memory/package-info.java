/// Limits the memory of requests and responses: estimates it before use and counts it during use.
@NullMarked
package dev.agentlab.memory;

import org.jspecify.annotations.NullMarked;
