@NullMarked
package dev.agentlab.gateway;

import org.jspecify.annotations.NullMarked;
