@NullMarked
package dev.agentlab.net;

import org.jspecify.annotations.NullMarked;
