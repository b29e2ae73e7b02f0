@NullMarked
package dev.agentlab;

import org.jspecify.annotations.NullMarked;
