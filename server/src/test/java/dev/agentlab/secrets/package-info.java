@NullMarked
package dev.agentlab.secrets;

import org.jspecify.annotations.NullMarked;
