/// The registry of model providers and its HTTP routes.
@NullMarked
package dev.agentlab.providers;

import org.jspecify.annotations.NullMarked;
