@NullMarked
package dev.agentlab.listing;

import org.jspecify.annotations.NullMarked;
