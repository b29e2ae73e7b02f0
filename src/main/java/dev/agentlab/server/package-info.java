/// The composition root: runtime systems, domain systems, their routes, and the server over them.
@NullMarked
package dev.agentlab.server;

import org.jspecify.annotations.NullMarked;
