/// API keys: their format, their registry, and the authentication of callers by API key.
@NullMarked
package dev.agentlab.keys;

import org.jspecify.annotations.NullMarked;
