/// Runs of agents: what an agent is becomes a request to its model, and what the model answers goes
/// back to the caller.
@NullMarked
package dev.agentlab.agents.run;

import org.jspecify.annotations.NullMarked;
