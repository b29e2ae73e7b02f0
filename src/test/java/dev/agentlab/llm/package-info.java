@NullMarked
package dev.agentlab.llm;

import org.jspecify.annotations.NullMarked;
