@NullMarked
package dev.agentlab.conversation;

import org.jspecify.annotations.NullMarked;
