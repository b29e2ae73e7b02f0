/// The program: a thin entry over {@link dev.agentlab.cli}.
@NullMarked
package dev.agentlab;

import org.jspecify.annotations.NullMarked;
