@NullMarked
package dev.agentlab.agents.run;

import org.jspecify.annotations.NullMarked;
