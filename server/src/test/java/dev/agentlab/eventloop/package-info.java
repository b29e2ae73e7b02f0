@NullMarked
package dev.agentlab.eventloop;

import org.jspecify.annotations.NullMarked;
