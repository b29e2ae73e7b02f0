@NullMarked
package dev.agentlab.relay;

import org.jspecify.annotations.NullMarked;
