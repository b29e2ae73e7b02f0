@NullMarked
package dev.agentlab.vault;

import org.jspecify.annotations.NullMarked;
