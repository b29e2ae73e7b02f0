/// HTTP proxies for outgoing calls, and the rules which calls use them. Connects to nothing.
@NullMarked
package dev.agentlab.proxy;

import org.jspecify.annotations.NullMarked;
