@NullMarked
package dev.agentlab.kinds;

import org.jspecify.annotations.NullMarked;
