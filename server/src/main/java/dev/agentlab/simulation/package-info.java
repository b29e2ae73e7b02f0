/// A simulated provider, which responds without a model: for use without an API key, and for
/// testing failures. The same request gets the same response. Makes no network connections.
@NullMarked
package dev.agentlab.simulation;

import org.jspecify.annotations.NullMarked;
