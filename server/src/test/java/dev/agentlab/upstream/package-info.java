@NullMarked
package dev.agentlab.upstream;

import org.jspecify.annotations.NullMarked;
