/// Runs of agents. Builds a model request from an agent and the caller's input, and passes the
/// response of the model to the caller.
@NullMarked
package dev.agentlab.agents.run;

import org.jspecify.annotations.NullMarked;
