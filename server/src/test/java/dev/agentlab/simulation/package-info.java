@NullMarked
package dev.agentlab.simulation;

import org.jspecify.annotations.NullMarked;
