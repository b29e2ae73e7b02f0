@NullMarked
package dev.agentlab.network;

import org.jspecify.annotations.NullMarked;
