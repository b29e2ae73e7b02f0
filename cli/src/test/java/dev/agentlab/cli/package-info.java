@NullMarked
package dev.agentlab.cli;

import org.jspecify.annotations.NullMarked;
