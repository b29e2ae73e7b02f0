/// The composition root: the runtime components, the domain components, their routes and the
/// server.
@NullMarked
package dev.agentlab.server;

import org.jspecify.annotations.NullMarked;
