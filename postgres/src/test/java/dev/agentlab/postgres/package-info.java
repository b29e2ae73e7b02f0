@NullMarked
package dev.agentlab.postgres;

import org.jspecify.annotations.NullMarked;
