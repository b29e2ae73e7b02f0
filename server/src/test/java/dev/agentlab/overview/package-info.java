@NullMarked
package dev.agentlab.overview;

import org.jspecify.annotations.NullMarked;
