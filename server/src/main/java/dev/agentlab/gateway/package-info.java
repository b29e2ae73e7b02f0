/// The gateway: APIs of model vendors, through which their clients reach every registered provider
/// and agent.
@NullMarked
package dev.agentlab.gateway;

import org.jspecify.annotations.NullMarked;
