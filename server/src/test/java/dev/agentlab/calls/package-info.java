@NullMarked
package dev.agentlab.calls;

import org.jspecify.annotations.NullMarked;
