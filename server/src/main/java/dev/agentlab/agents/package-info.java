/// The agent registry. An agent is a model of a provider, with a system prompt and call settings;
/// its revisions are kept.
@NullMarked
package dev.agentlab.agents;

import org.jspecify.annotations.NullMarked;
