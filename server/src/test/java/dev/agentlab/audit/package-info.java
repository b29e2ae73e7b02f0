@NullMarked
package dev.agentlab.audit;

import org.jspecify.annotations.NullMarked;
