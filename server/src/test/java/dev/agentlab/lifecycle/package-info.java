@NullMarked
package dev.agentlab.lifecycle;

import org.jspecify.annotations.NullMarked;
