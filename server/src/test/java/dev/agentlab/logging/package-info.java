@NullMarked
package dev.agentlab.logging;

import org.jspecify.annotations.NullMarked;
