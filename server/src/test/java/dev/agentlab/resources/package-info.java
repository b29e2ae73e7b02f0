@NullMarked
package dev.agentlab.resources;

import org.jspecify.annotations.NullMarked;
