/// The entry point of the program, which delegates to {@link dev.agentlab.cli}.
@NullMarked
package dev.agentlab;

import org.jspecify.annotations.NullMarked;
