@NullMarked
package dev.agentlab.responses;

import org.jspecify.annotations.NullMarked;
