/// The packaged program, tried from outside.
@NullMarked
package dev.agentlab.e2e;

import org.jspecify.annotations.NullMarked;
