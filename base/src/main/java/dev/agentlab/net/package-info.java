/// Hosts, IP addresses and networks, percent-encoding and UUIDs, each with one strict grammar.
@NullMarked
package dev.agentlab.net;

import org.jspecify.annotations.NullMarked;
