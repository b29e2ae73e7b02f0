/// API keys: what they look like, who has which, and whom a request comes from that shows one.
@NullMarked
package dev.agentlab.keys;

import org.jspecify.annotations.NullMarked;
