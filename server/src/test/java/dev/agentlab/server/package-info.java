@NullMarked
package dev.agentlab.server;

import org.jspecify.annotations.NullMarked;
