@NullMarked
package dev.agentlab.routing;

import org.jspecify.annotations.NullMarked;
