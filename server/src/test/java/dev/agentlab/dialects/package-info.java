@NullMarked
package dev.agentlab.dialects;

import org.jspecify.annotations.NullMarked;
