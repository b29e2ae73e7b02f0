@NullMarked
package dev.agentlab.agents;

import org.jspecify.annotations.NullMarked;
