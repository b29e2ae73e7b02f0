/// The client for outgoing HTTP calls. Applies the egress policy and the limits to every call that
/// the service makes over the network. Does not expose Vert.x to other packages.
@NullMarked
package dev.agentlab.upstream;

import org.jspecify.annotations.NullMarked;
