@NullMarked
package dev.agentlab.query;

import org.jspecify.annotations.NullMarked;
