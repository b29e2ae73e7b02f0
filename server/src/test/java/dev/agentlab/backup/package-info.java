@NullMarked
package dev.agentlab.backup;

import org.jspecify.annotations.NullMarked;
