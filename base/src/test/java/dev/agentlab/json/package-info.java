@NullMarked
package dev.agentlab.json;

import org.jspecify.annotations.NullMarked;
