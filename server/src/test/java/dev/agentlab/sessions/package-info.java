@NullMarked
package dev.agentlab.sessions;

import org.jspecify.annotations.NullMarked;
