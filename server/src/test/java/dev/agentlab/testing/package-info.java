@NullMarked
package dev.agentlab.testing;

import org.jspecify.annotations.NullMarked;
