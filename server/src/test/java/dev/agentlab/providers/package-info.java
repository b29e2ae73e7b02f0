@NullMarked
package dev.agentlab.providers;

import org.jspecify.annotations.NullMarked;
