@NullMarked
package dev.agentlab.keys;

import org.jspecify.annotations.NullMarked;
