/// IP addresses and networks.
@NullMarked
package dev.agentlab.network;

import org.jspecify.annotations.NullMarked;
