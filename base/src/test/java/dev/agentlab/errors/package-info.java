@NullMarked
package dev.agentlab.errors;

import org.jspecify.annotations.NullMarked;
