@NullMarked
package dev.agentlab.proxy;

import org.jspecify.annotations.NullMarked;
