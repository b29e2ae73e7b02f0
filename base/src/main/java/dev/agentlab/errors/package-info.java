/// Input errors, warnings and failures for use in all layers, and the rules for names and ids.
@NullMarked
package dev.agentlab.errors;

import org.jspecify.annotations.NullMarked;
