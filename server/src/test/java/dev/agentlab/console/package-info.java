@NullMarked
package dev.agentlab.console;

import org.jspecify.annotations.NullMarked;
