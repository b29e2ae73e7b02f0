@NullMarked
package dev.agentlab.wire;

import org.jspecify.annotations.NullMarked;
