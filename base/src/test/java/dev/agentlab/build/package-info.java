@NullMarked
package dev.agentlab.build;

import org.jspecify.annotations.NullMarked;
