/// Agents: a model at a provider, with the words and settings it is called with, in revisions.
@NullMarked
package dev.agentlab.agents;

import org.jspecify.annotations.NullMarked;
