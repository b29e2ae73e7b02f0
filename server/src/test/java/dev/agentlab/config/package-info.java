@NullMarked
package dev.agentlab.config;

import org.jspecify.annotations.NullMarked;
