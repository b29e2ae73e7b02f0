@NullMarked
package dev.agentlab.memory;

import org.jspecify.annotations.NullMarked;
