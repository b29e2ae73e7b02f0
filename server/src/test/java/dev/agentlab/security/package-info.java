@NullMarked
package dev.agentlab.security;

import org.jspecify.annotations.NullMarked;
