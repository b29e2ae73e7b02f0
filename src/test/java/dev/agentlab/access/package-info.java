@NullMarked
package dev.agentlab.access;

import org.jspecify.annotations.NullMarked;
